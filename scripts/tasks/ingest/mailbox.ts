import type { Instant } from '../../core/clock.ts';
import type { ImapSettings } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';
import { grouped } from '../../core/grouped.ts';
import { type Filing, filingOf } from '../../core/reports/filing.ts';
import {
  afterLook,
  afterMove,
  againFrom,
  type FolderPosition,
  type MailboxPosition,
  positionIn,
} from '../../core/reports/mailbox-position.ts';
import type { ImapAccess } from '../../io/imap/imap-access.ts';
import { type FetchedMail, ImapMailbox } from '../../io/imap/imap-folder.ts';
import type { Source } from '../../io/mail/sources.ts';
import { readAhead } from './mailbox-ahead.ts';
import type { Reading } from './reading.ts';

/** What reading the mailbox needs of the rest of ingest. */
export interface MailboxRun {
  readonly imap: ImapSettings;
  readonly access: ImapAccess;
  readonly now: Instant;
  readonly dryRun: boolean;
  /** Milliseconds after which no more mail is fetched. */
  readonly budget: number;
  /** Reads what is filed, too: for which domains, in any words. Null = does not. */
  readonly again: string | null;
  /** Where the last run stood; null = at the beginning. */
  readonly position: MailboxPosition | null;
  /** Reads some hundred mails; the readings stand in the same order. */
  readonly read: (sources: readonly Source[]) => Promise<readonly Reading[]>;
  /** Takes readings to be stored. */
  readonly take: (readings: readonly Reading[]) => Promise<void>;
  /** Makes everything taken durable. */
  readonly commit: () => Promise<void>;
  /** Writes the position down, after everything before it is stored and filed. */
  readonly remember: (position: MailboxPosition) => void;
  /** Tells how much mail there will be to read. */
  readonly expect: (mails: number) => void;
  /** How many reports of a mail that was read before are stored. */
  readonly reportsOf: (sha256: string) => number;
  readonly progress: (text: string) => void;
}

export interface MailboxOutcome {
  readonly waiting: number;
  readonly remaining: number;
}

/** What is stored and filed together: a run that is cut off repeats at most so much. */
const COMMIT_MAILS = 2000;
const COMMIT_MS = 15_000;
/** How often a connection that breaks is opened again, while each at least moves something on. */
const CONNECTIONS = 5;
/** Keywords of mail that is not moved. */
const READ_FLAGS = ['\\Seen', 'PosternProcessed'];

/** Reads what is new in the mailbox. After each durable write its mail is moved or flagged, and only then is the position written. */
export async function ingestMailbox(run: MailboxRun): Promise<MailboxOutcome> {
  const progress = new MailboxProgress(run);
  for (let connection = 1; ; connection += 1) {
    const before = progress.settled;
    const mailbox = await ImapMailbox.open(run.access);
    try {
      await progress.work(mailbox);
      return progress.outcome;
    } catch (error) {
      const cut = error instanceof PosternError && error.code === 'imap-cut';
      if (!cut || connection >= CONNECTIONS || progress.settled === before) throw error;
    } finally {
      await mailbox.close();
    }
  }
}

interface SettledMail {
  readonly uid: number;
  readonly filing: Filing;
}

/** Where a run stands; it outlives a connection. */
class MailboxProgress {
  readonly #run: MailboxRun;
  readonly #deadline: number;
  readonly #started = performance.now();
  #position: MailboxPosition;
  /** Mail of the inbox that was taken and is not filed yet. */
  #unfiled: SettledMail[] = [];
  #remaining = 0;
  settled = 0;

  constructor(run: MailboxRun) {
    this.#run = run;
    this.#deadline = performance.now() + run.budget;
    const { host, port, user, inbox } = { ...run.access, inbox: run.imap.inbox };
    const nowhere = {
      account: `${user}@${host}:${port}`,
      folder: inbox,
      uidvalidity: 0,
      uid: 0,
      waiting: [],
      filed: {},
    };
    this.#position = run.position ?? nowhere;
  }

  get outcome(): MailboxOutcome {
    return { waiting: this.#position.waiting.length, remaining: this.#remaining };
  }

  async work(mailbox: ImapMailbox): Promise<void> {
    const { imap, dryRun } = this.#run;
    this.#remaining = 0;
    const filed =
      imap.filing === 'flag' ? [] : imap.filing === 'reports' ? [imap.processed] : [imap.processed, imap.rejected];
    for (const folder of filed) {
      if (!dryRun) await mailbox.ensureFolder(folder);
      await this.#recover(mailbox, folder);
    }
    await this.#readInbox(mailbox);
  }

  /** Reads what stands in a folder of filed mail and is not known to be stored: a run that moved it could not keep it. */
  async #recover(mailbox: ImapMailbox, path: string): Promise<void> {
    const status = await mailbox.statusOf(path);
    if (status === null) return;
    const before = positionIn(this.#position.filed[path], status.uidvalidity);
    const { again } = this.#run;
    const from = again === null ? before.uid : againFrom(before, again);
    if (status.uidnext - 1 <= from) {
      this.#know(path, again === null ? before : afterLook(before, null));
      return;
    }
    const folder = await mailbox.openFolder(path, { readOnly: true });
    if (folder === null) return;
    // New mail must not wait for ever behind an old archive.
    const deadline = this.#started + this.#run.budget / 2;
    const uids = await mailbox.uidsAfter(from);
    this.#remaining += await this.#readAll(mailbox, path, uids, deadline, async (mails, finished) => {
      await this.#commit();
      const last = finished ? folder.uidnext - 1 : (mails.at(-1)?.uid ?? from);
      const known = positionIn(this.#position.filed[path], folder.uidvalidity);
      const now = { ...known, uid: Math.max(last, known.uid) };
      this.#know(path, again === null ? now : afterLook(now, finished ? null : { domains: again, uid: last }));
    });
  }

  async #readInbox(mailbox: ImapMailbox): Promise<void> {
    const { imap, dryRun } = this.#run;
    const inbox = await mailbox.openFolder(imap.inbox, { readOnly: dryRun });
    if (inbox === null) throw noFolder(imap.inbox, await mailbox.folderNames());
    const { uid } = positionIn(this.#position, inbox.uidvalidity);
    if (this.#position.uidvalidity !== inbox.uidvalidity) {
      this.#position = { ...afterLook(this.#position, null), uidvalidity: inbox.uidvalidity, uid, waiting: [] };
      this.#unfiled = [];
    }
    await this.#settleLeftOver(mailbox);
    const waiting = await mailbox.present(this.#position.waiting.map((one) => one.uid));
    this.#position = {
      ...this.#position,
      waiting: this.#position.waiting.filter((one) => waiting.includes(one.uid)),
    };
    // Mail that is only flagged stays in the inbox: there it is read again.
    const again = imap.filing === 'flag' ? this.#run.again : null;
    const later = await mailbox.uidsAfter(again === null ? this.#position.uid : againFrom(this.#position, again));
    const uids = again === null ? [...waiting, ...later] : later;
    this.#remaining += await this.#readAll(mailbox, imap.inbox, uids, this.#deadline, async (mails, finished) => {
      const last = mails.at(-1)?.uid;
      if (again !== null && finished) this.#position = afterLook(this.#position, null);
      else if (again !== null && last !== undefined)
        this.#position = afterLook(this.#position, { domains: again, uid: last });
      await this.#settleInbox(mailbox, mails);
    });
  }

  async #settleInbox(mailbox: ImapMailbox, mails: readonly SettledMail[]): Promise<void> {
    await this.#commit();
    await this.#file(mailbox, mails);
    this.#advance(mails);
    this.#unfiled = [];
  }

  /** What a connection that broke has taken and not filed: part of it may have been moved. */
  async #settleLeftOver(mailbox: ImapMailbox): Promise<void> {
    if (this.#unfiled.length === 0) return;
    const present = new Set(await mailbox.present(this.#unfiled.map(({ uid }) => uid)));
    const left = this.#unfiled.filter(({ uid }) => present.has(uid));
    const last = Math.max(...this.#unfiled.map(({ uid }) => uid));
    await this.#settleInbox(mailbox, left);
    this.#position = { ...this.#position, uid: Math.max(this.#position.uid, last) };
  }

  /** Reads mail and lets it be settled in commits; returns how much the deadline left. */
  async #readAll(
    mailbox: ImapMailbox,
    path: string,
    uids: readonly number[],
    deadline: number,
    settle: (mails: readonly SettledMail[], finished: boolean) => Promise<void>,
  ): Promise<number> {
    let unsettled: SettledMail[] = [];
    let read = 0;
    let last = 0;
    let lastCommit = performance.now();
    const take = async (mails: readonly FetchedMail[], readings: readonly Reading[]): Promise<void> => {
      await this.#run.take(readings);
      for (const [index, { uid }] of mails.entries()) {
        const reading = readings[index];
        if (reading !== undefined) unsettled.push({ uid, filing: this.#filingOf(reading, uid, path) });
        last = Math.max(last, uid);
      }
      if (path === this.#run.imap.inbox) this.#unfiled = unsettled;
      read += mails.length;
      this.#run.progress(`${path}: ${grouped(read)} of ${grouped(uids.length)} messages read`);
      const isTime = unsettled.length >= COMMIT_MAILS || performance.now() - lastCommit > COMMIT_MS;
      if (isTime || performance.now() > deadline) await commit(false);
    };
    const commit = async (finished: boolean): Promise<void> => {
      await settle(unsettled, finished);
      this.settled += unsettled.length;
      unsettled = [];
      lastCommit = performance.now();
    };
    this.#run.expect(uids.length);
    const all = await readAhead(mailbox.fetch(uids), { path, read: this.#run.read, take, deadline });
    const left = all ? 0 : uids.filter((uid) => uid > last).length;
    if (left === 0 || unsettled.length > 0) await commit(left === 0);
    return left;
  }

  #filingOf(reading: Reading, uid: number, path: string): Filing {
    const { now, imap, reportsOf } = this.#run;
    const since = path === imap.inbox ? this.#position.waiting.find((one) => one.uid === uid)?.since : undefined;
    const known = reading.kind === 'done' && reportsOf(reading.sha256) > 0;
    return filingOf({
      verdicts: reading.kind === 'read' ? reading.reports.map(({ dkim }) => dkim) : known ? [null] : [],
      other: reading.kind === 'read' ? reading.other : null,
      waiting_since: since ?? null,
      now,
    });
  }

  async #commit(): Promise<void> {
    if (!this.#run.dryRun) await this.#run.commit();
  }

  /** Moves or flags mail of the inbox that is stored. */
  async #file(mailbox: ImapMailbox, mails: readonly SettledMail[]): Promise<void> {
    const { imap, dryRun } = this.#run;
    if (dryRun) return;
    const of = (filing: Filing): readonly number[] =>
      mails.filter((one) => one.filing === filing).map(({ uid }) => uid);
    if (imap.filing === 'flag') {
      await mailbox.flag(of('processed'), READ_FLAGS);
      return;
    }
    await this.#move(mailbox, of('processed'), imap.processed);
    if (imap.filing === 'move') await this.#move(mailbox, of('rejected'), imap.rejected);
  }

  async #move(mailbox: ImapMailbox, uids: readonly number[], folder: string): Promise<void> {
    for (const moved of await mailbox.move(uids, folder)) {
      const known = this.#position.filed[folder];
      if (moved !== null && known !== undefined)
        this.#position = withFiled(this.#position, folder, afterMove(known, moved));
    }
  }

  #advance(mails: readonly SettledMail[]): void {
    const { now, dryRun } = this.#run;
    const settled = new Set(mails.map(({ uid }) => uid));
    const since = new Map(this.#position.waiting.map((one) => [one.uid, one.since]));
    const waiting = mails
      .filter(({ filing }) => filing === 'waiting')
      .map(({ uid }) => ({ uid, since: since.get(uid) ?? now }));
    this.#position = {
      ...this.#position,
      uid: Math.max(this.#position.uid, ...settled),
      waiting: [...this.#position.waiting.filter(({ uid }) => !settled.has(uid)), ...waiting].sort(
        (a, b) => a.uid - b.uid,
      ),
    };
    if (!dryRun) this.#run.remember(this.#position);
  }

  #know(folder: string, position: FolderPosition): void {
    this.#position = withFiled(this.#position, folder, position);
    if (!this.#run.dryRun) this.#run.remember(this.#position);
  }
}

function withFiled(position: MailboxPosition, folder: string, filed: FolderPosition): MailboxPosition {
  return { ...position, filed: { ...position.filed, [folder]: filed } };
}

function noFolder(inbox: string, folders: readonly string[]): PosternError {
  const names = folders.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 80)));
  return new PosternError('imap-folder-missing', `the mailbox has no folder ${JSON.stringify(inbox)}`, {
    hint: `mend mailbox.imap.inbox in domains/_settings.yaml; there are ${names.join(', ')}`,
    exit: 2,
  });
}
