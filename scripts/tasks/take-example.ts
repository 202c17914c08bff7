import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointText, parseCheckpoint, withSection, withTaskRun } from '../core/checkpoint.ts';
import type { Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { alertsOf } from '../core/incidents/incident.ts';
import { parseLedgerLines } from '../core/policy/versions/ledger-lines.ts';
import { readLedgerText } from '../io/files/policy-ledger.ts';
import { readText } from '../io/files/write-text.ts';
import { lockStore } from '../io/store/run-lock.ts';
import { parseDomainName } from '../standards/domain-name.ts';
import { loadCheckpoint, updateCheckpoint } from './checkpoint.ts';
import { importObservations } from './import-observations.ts';
import { appendLedger } from './ledger.ts';

/** Where the template keeps what its example has beside the mail, relative to the root. */
export const EXAMPLE_FOLDER = 'data/example';

export interface ExampleTaken {
  /** New ones. */
  readonly observations: number;
  readonly ledgers: number;
  readonly incidents: number;
}

/**
 * What weeks of operation would have left beside the mail of the example: ledgers of what was published, what probes saw,
 * incidents. Taken in once; whatever stands in `data/` already is left as it is. Null when there is no such folder.
 */
export async function takeExample(options: {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
}): Promise<ExampleTaken | null> {
  const { root, data, now } = options;
  const folder = join(root, EXAMPLE_FOLDER);
  if (!existsSync(folder)) return null;
  const unlock = lockStore(data);
  let ledgers: number;
  let incidents: number;
  try {
    ledgers = takeLedgers(join(folder, 'policies'), data);
    incidents = takeIncidents(join(folder, 'checkpoint.json'), data);
  } finally {
    unlock();
  }
  const file = join(folder, 'observations.jsonl');
  const { stored } = await importObservations({ root, data, now, file, dryRun: false });
  return { observations: stored, ledgers, incidents };
}

function takeLedgers(folder: string, data: string): number {
  let taken = 0;
  for (const name of readdirSync(folder).sort()) {
    const domain = parseDomainName(name.replace(/\.jsonl$/, ''));
    if (!domain.ok || readLedgerText(data, domain.value) !== null) continue;
    appendLedger(data, domain.value, parseLedgerLines(readText(join(folder, name)) ?? '').events);
    taken++;
  }
  return taken;
}

/** Incidents, and when `alert` ran last: without that nobody could say whether the list is of today. */
function takeIncidents(path: string, data: string): number {
  if (loadCheckpoint(data).sections['alerts'] !== undefined) return 0;
  const { tasks, sections } = parseCheckpoint(readText(path) ?? checkpointText({ tasks: {}, sections: {} }));
  const alerts = alertsOf(sections['alerts']);
  const ran = tasks['alert']?.last_success ?? null;
  if (alerts === null || ran === null)
    throw new PosternError('example-damaged', `${path} does not hold the incidents of the example.`, {
      hint: 'take the file from the template again',
      exit: 3,
    });
  updateCheckpoint(data, (checkpoint) => withTaskRun(withSection(checkpoint, 'alerts', alerts), 'alert', ran, true));
  return Object.keys(alerts.incidents).length;
}
