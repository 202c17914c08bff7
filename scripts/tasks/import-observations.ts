import type { Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import type { Observation, Outcome } from '../core/probe/observation.ts';
import { parseObservation } from '../core/probe/parse-observation.ts';
import { readLines } from '../io/files/read-lines.ts';
import { settingsOf } from './domains-asked.ts';
import { loadConfiguration } from './load-configuration.ts';
import { storeObservations } from './probe/store-observations.ts';
import type { ProbeResult } from './probe.ts';

export interface ImportOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  /** Absolute. */
  readonly file: string;
  readonly dryRun: boolean;
}

/**
 * Brings in what was observed elsewhere: a file of one JSON object a line, in the columns of the store. All of it or,
 * with one line that is none, nothing: throws `import-invalid` (exit 2).
 */
export async function importObservations(options: ImportOptions): Promise<ProbeResult> {
  const configuration = await loadConfiguration(options.root);
  const settings = settingsOf(configuration);
  const observations: Observation[] = [];
  let number = 0;
  for await (const line of readLines(options.file)) {
    number += 1;
    if (line.trim() === '') continue;
    const row = parseObservation(line);
    if ('fault' in row) {
      throw new PosternError('import-invalid', `${options.file}:${number}: the line ${row.fault}`, {
        hint: 'data/README.md tells the columns of an observation; nothing of the file was stored',
        exit: 2,
      });
    }
    observations.push(row);
  }
  const stored = options.dryRun ? 0 : await storeObservations({ ...options, settings, observations });
  const problems = configuration.problems.filter(({ severity }) => severity === 'error');
  const unknown = observations.filter(({ outcome }) => outcome === 'unknown').length;
  return { observations, unknown, vantage: vantageOf(observations), stored, problems };
}

/** As the rows tell it; several vantages are named together. */
function vantageOf(observations: readonly Observation[]): ProbeResult['vantage'] {
  const names = [...new Set(observations.map(({ vantage }) => vantage))].sort();
  const outcomeOf = (subject: string): Outcome =>
    observations.findLast((row) => row.kind === 'vantage' && row.subject === subject)?.outcome ?? 'unknown';
  return {
    name: names.join(', '),
    smtp_egress: outcomeOf('smtp-egress'),
    ipv6: outcomeOf('ipv6'),
    validating: outcomeOf('dnssec'),
  };
}
