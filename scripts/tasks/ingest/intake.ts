import { relative, resolve } from 'node:path';
import type { Instant } from '../../core/clock.ts';
import { plainText } from '../../core/plain-text.ts';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { listParts } from '../../io/store/part-files.ts';
import { Quarantine } from '../../io/store/quarantine.ts';
import { StoredReports } from '../../io/store/stored-reports.ts';
import type { IngestArchive } from './archive.ts';
import type { MailboxOutcome } from './mailbox.ts';
import type { MailRules } from './proof.ts';
import type { Reading, ReadingRequest } from './reading.ts';
import { settling } from './settling.ts';

/** What one ingest is about, as plain data: it may go to another thread. */
export interface IntakeRequest {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly dryRun: boolean;
  /** Sources are named by paths, which are shown relative to the root. */
  readonly paths: boolean;
}

/** What a run over files comes to. */
type IntakeResult = Omit<IngestResult, keyof MailboxOutcome>;

/** Takes what was read: compared with what is stored, set apart or stored, and counted. */
export interface Intake {
  readonly rules: Promise<MailRules>;
  /** What sources are read against. */
  readonly reading: ReadingRequest;
  readonly take: (readings: readonly Reading[]) => Promise<void>;
  /** Makes everything taken durable. */
  readonly commit: () => Promise<void>;
  /** How many reports of a source that was read before are stored. */
  readonly reportsOf: (sha256: string) => number;
  /** Commits, and tells what it all came to. */
  readonly finish: () => Promise<IntakeResult>;
}

export async function openIntake(
  archive: IngestArchive,
  { root, data, now, dryRun, paths }: IntakeRequest,
): Promise<Intake> {
  // Where nothing is stored yet there is nothing to compare with, and so nothing to wait for.
  const stored = new StoredReports(listParts(data).length === 0 ? undefined : (await archive.opened).index);
  const quarantine = new Quarantine(data, { readOnly: dryRun });
  for (const sha256 of quarantine.held) if (quarantine.find(sha256)?.reports === 0) stored.addSource(sha256, 0);
  const show = (name: string): string => plainText(paths ? shortName(root, name) : name, 300);
  const { settle, know, counts } = settling({ stored, quarantine, now, show });
  const rules = archive.opened.then((opened) => {
    know(opened.rules.managed);
    return opened.rules;
  });
  // Only mail asks for them; finish tells what is wrong to everybody.
  rules.catch(() => {});
  return {
    rules,
    reading: { now, done: stored.index.sources },
    take: (readings) => archive.add(settle(readings)),
    commit: archive.finish,
    reportsOf: (sha256) => stored.reportsOf(sha256) ?? 0,
    finish: async () => {
      await archive.finish();
      await rules;
      return { ...counts(), unreadable: (await archive.opened).unreadable };
    },
  };
}

/** Relative to the repository where it lies in it. */
function shortName(root: string, name: string): string {
  const short = relative(resolve(root), name);
  return short === '' || short.startsWith('..') ? name : short;
}
