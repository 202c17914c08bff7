import { grouped } from '../../core/grouped.ts';
import type { IngestResult } from '../../core/reports/ingest-result.ts';
import { FileStamps } from '../../io/mail/file-stamps.ts';
import type { Source } from '../../io/mail/sources.ts';
import { listParts } from '../../io/store/part-files.ts';
import type { IngestOptions, Inlet } from '../ingest.ts';
import { startObeyingThread } from '../obeying-thread.ts';
import type { IntakeRequest, IntakeResult } from './intake.ts';
import { type PackedSources, packSources } from './packed-sources.ts';
import { readPaths } from './paths.ts';
import { type PreparedSource, preparing } from './preparing.ts';
import type { MailRules } from './proof.ts';
import { isSettled, rememberSettledRun } from './settled.ts';

/** To the thread (files-worker.ts), which starts with an IntakeRequest. `open` is the first. */
export type FilesOrder =
  | { readonly kind: 'open'; readonly rules: MailRules }
  | { readonly kind: 'take'; readonly sources: PackedSources }
  | { readonly kind: 'commit' }
  | { readonly kind: 'finish' };

/** From the thread: what need not be read, and at the end what it all came to. */
export type FilesNews =
  | { readonly kind: 'opened'; readonly done: Uint32Array }
  | { readonly kind: 'finished'; readonly result: IntakeResult; readonly unsettled: boolean };

/** What may wait to be taken apart; then opening files waits. */
const WAITING_BYTES = 4 * 2 ** 20;

/**
 * Ingest of many files in two threads: this one finds, opens and unpacks them, the other one takes reports apart, compares and
 * stores them. Each has about half of the work.
 */
export async function ingestManyFiles(
  { paths, rules, boxes }: Extract<Inlet, { kind: 'paths' }>,
  { root, data, now, dryRun, progress }: IngestOptions,
): Promise<IngestResult> {
  const opened = Promise.withResolvers<Uint32Array>();
  const finished = Promise.withResolvers<Omit<Extract<FilesNews, { kind: 'finished' }>, 'kind'>>();
  for (const { promise } of [opened, finished]) promise.catch(() => {});
  const request: IntakeRequest = { root, data, now, dryRun, paths: true };
  const thread = startObeyingThread<FilesOrder, FilesNews>(new URL('./files-worker.ts', import.meta.url), request, {
    news: (news) => {
      if (news.kind === 'opened') opened.resolve(news.done);
      else finished.resolve(news);
    },
    failed: (error) => {
      opened.reject(error);
      finished.reject(error);
    },
  });
  try {
    thread.order({ kind: 'open', rules: rules ?? (await rulesUnder(root)) });
    const isFirst = listParts(data).length === 0;
    const prepare = preparing(isFirst ? new Uint32Array() : await opened.promise);
    const take = async (sources: readonly Source[]): Promise<void> => {
      const prepared = prepare(sources);
      const packed = packSources(prepared);
      release(prepared);
      thread.order({ kind: 'take', sources: packed }, packed.bytes);
      await thread.room(WAITING_BYTES);
    };
    const stamps = dryRun ? null : new FileStamps();
    let read = 0;
    for (const sources of readPaths(paths, stamps)) {
      await take(sources);
      read += sources.length;
      progress(`${grouped(read)} messages read`);
    }
    const commit = async (): Promise<void> => {
      thread.order({ kind: 'commit' });
      await thread.idle();
    };
    if (boxes.length > 0) {
      const { ingestSubmissions } = await import('./submissions.ts');
      await ingestSubmissions(boxes, { take, commit, dryRun });
    }
    thread.order({ kind: 'finish' });
    const { result: counted, unsettled } = await finished.promise;
    const result = { ...counted, waiting: 0, remaining: 0 };
    if (stamps !== null && !unsettled && isSettled(result)) rememberSettledRun({ root, data, paths }, stamps, result);
    return result;
  } finally {
    await thread.close();
  }
}

/**
 * What was unpacked went over as a copy. The garbage collector counts objects, and these are few and large: left to it, a
 * hundred megabytes of them would lie about. A pool of Node's own is not given back.
 */
function release(prepared: readonly PreparedSource[]): void {
  for (const { unpacked } of prepared) {
    const buffer = unpacked?.buffer;
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
  }
}

/** Loaded while the thread starts. */
async function rulesUnder(root: string): Promise<MailRules> {
  const { mailRules } = await import('./mail-rules.ts');
  return mailRules(root);
}
