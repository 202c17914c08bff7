import type { ImapFlow, ImapFlowError } from 'imapflow';
import { PosternError } from '../../core/failure.ts';
import { MESSAGE_BYTES } from '../mail/limits.ts';
import { connectImap, type ImapAccess } from './imap-access.ts';
import { sequenceSet } from './sequence-set.ts';

/** One mail as the server has it. */
export interface FetchedMail {
  readonly uid: number;
  /** All of it, or the beginning of one that is larger than MESSAGE_BYTES. */
  readonly bytes: Buffer;
  readonly whole: boolean;
  readonly size: number;
}

export interface OpenFolder {
  readonly path: string;
  readonly uidvalidity: number;
  /** The UID that the next mail gets. */
  readonly uidnext: number;
}

/** UIDs that moved mail got in the folder it went to; null when the server does not tell (no UIDPLUS). */
export type MovedTo = { readonly uidvalidity: number; readonly uids: readonly number[] } | null;

/** Of a mail that is too large: enough to see what it is. */
const HEAD_BYTES = 64 * 2 ** 10;
/** Sizes that are asked for, and mail that is moved or flagged, with one command. */
const RANGE = 1000;
const CHUNK_MAILS = 250;
const CHUNK_BYTES = 8 * 2 ** 20;

/**
 * The mailbox, one folder open at a time. Every method throws PosternError `imap-cut` (exit 3) when the connection breaks:
 * what was handed out before is whole, and nothing is half moved that cannot be moved again.
 */
export class ImapMailbox {
  readonly #client: ImapFlow;

  static async open(access: ImapAccess): Promise<ImapMailbox> {
    return new ImapMailbox(await connectImap(access));
  }

  private constructor(client: ImapFlow) {
    this.#client = client;
  }

  /** Opens a folder; null when there is none of this name. */
  async openFolder(path: string, options: { readonly readOnly: boolean }): Promise<OpenFolder | null> {
    return this.#guard(async () => {
      try {
        const { uidValidity, uidNext } = await this.#client.mailboxOpen(path, { readOnly: options.readOnly });
        return { path, uidvalidity: Number(uidValidity), uidnext: uidNext };
      } catch (error) {
        if ((error as ImapFlowError).mailboxMissing === true) return null;
        throw error;
      }
    });
  }

  /** What it would be, without opening it; null when there is none of this name. */
  async statusOf(path: string): Promise<OpenFolder | null> {
    return this.#guard(async () => {
      const status = await this.#client.status(path, { uidValidity: true, uidNext: true }).catch((error) => {
        if (this.#client.usable) return false as const;
        throw error;
      });
      if (status === false || status.uidValidity === undefined || status.uidNext === undefined) return null;
      return { path, uidvalidity: Number(status.uidValidity), uidnext: status.uidNext };
    });
  }

  /** Makes a folder unless it is there. Throws `imap-folder` (exit 2). */
  async ensureFolder(path: string): Promise<void> {
    await this.#guard(async () => {
      try {
        await this.#client.mailboxCreate(path);
      } catch (error) {
        if (!this.#client.usable) throw error;
        const said = (error as ImapFlowError).responseText ?? (error as Error).message;
        throw new PosternError('imap-folder', `the folder ${path} cannot be made: ${said.slice(0, 200)}`, {
          hint: 'name folders that may be made in mailbox.imap.processed and mailbox.imap.rejected, or set mailbox.imap.filing: flag',
          exit: 2,
          cause: error,
        });
      }
    });
  }

  async folderNames(): Promise<readonly string[]> {
    return this.#guard(async () => (await this.#client.list()).map(({ path }) => path));
  }

  /** UIDs of the open folder above `uid`, ascending. */
  async uidsAfter(uid: number): Promise<readonly number[]> {
    return this.#guard(async () => {
      const found = await this.#client.search({ uid: `${uid + 1}:*` }, { uid: true });
      if (found === undefined || found === false) throw new Error('the server refused to search');
      // `n:*` always names at least the last message (RFC 9051 §9, seq-range).
      return found.filter((one) => one > uid).sort((a, b) => a - b);
    });
  }

  /** Which of these are still in the open folder. */
  async present(uids: readonly number[]): Promise<readonly number[]> {
    return this.#guard(async () => {
      const present: number[] = [];
      for (const range of ranges(uids)) {
        const found = await this.#client.search({ uid: sequenceSet(range) }, { uid: true });
        if (found === undefined || found === false) throw new Error('the server refused to search');
        present.push(...found);
      }
      return present.sort((a, b) => a - b);
    });
  }

  /**
   * These mails in order, some hundred at a time, in bounded memory: while one chunk is worked on, the next one is on its
   * way. A mail that has been deleted meanwhile is left out.
   */
  async *fetch(uids: readonly number[]): AsyncGenerator<readonly FetchedMail[]> {
    let ahead: Promise<readonly FetchedMail[]> | null = null;
    for await (const chunk of this.#chunks(uids)) {
      const ready = ahead;
      ahead = this.#fetchChunk(chunk);
      // Awaited below; a failure before that is not an unhandled one.
      ahead.catch(() => {});
      if (ready !== null) yield await ready;
    }
    if (ahead !== null) yield await ahead;
  }

  /** Moves mail of the open folder. Throws `imap-move` (exit 3) when the server refuses. */
  async move(uids: readonly number[], folder: string): Promise<readonly MovedTo[]> {
    return this.#guard(async () => {
      const moved: MovedTo[] = [];
      for (const range of ranges(uids)) {
        const answer = await this.#client.messageMove(sequenceSet(range), folder, { uid: true });
        if (answer === false || answer === undefined) {
          if (!this.#client.usable) throw new Error('the connection ended');
          throw new PosternError('imap-move', `the server does not move mail to ${folder}`, {
            hint: 'check that the mailbox may write there and is not full; what was read is stored, and the next run moves it',
            exit: 3,
          });
        }
        const { uidMap, uidValidity } = answer;
        const told = uidMap !== undefined && uidMap.size > 0 && uidValidity !== undefined;
        moved.push(told ? { uidvalidity: Number(uidValidity), uids: [...uidMap.values()] } : null);
      }
      return moved;
    });
  }

  /** Adds flags to mail of the open folder, as far as the server keeps such flags. */
  async flag(uids: readonly number[], flags: readonly string[]): Promise<void> {
    await this.#guard(async () => {
      for (const range of ranges(uids)) {
        await this.#client.messageFlagsAdd(sequenceSet(range), [...flags], { uid: true });
        if (!this.#client.usable) throw new Error('the connection ended');
      }
    });
  }

  /** UIDs of mail of the open folder that carries this header field with this value. */
  async withHeader(field: string, value: string): Promise<readonly number[]> {
    return this.#guard(async () => {
      const found = await this.#client.search({ header: { [field]: value } }, { uid: true });
      return found === undefined || found === false ? [] : found;
    });
  }

  async close(): Promise<void> {
    if (this.#client.usable) {
      await Promise.race([
        this.#client.logout().catch(() => {}),
        new Promise((done) => setTimeout(done, 2000).unref()),
      ]);
    }
    this.#client.close();
  }

  /** As many as fit into CHUNK_BYTES, by the sizes the server says. */
  async *#chunks(uids: readonly number[]): AsyncGenerator<ReadonlyMap<number, number>> {
    let chunk = new Map<number, number>();
    let bytes = 0;
    for (const range of ranges(uids)) {
      const sizes = await this.#sizes(range);
      for (const uid of range) {
        const size = sizes.get(uid);
        if (size === undefined) continue;
        const fetched = size > MESSAGE_BYTES ? HEAD_BYTES : size;
        if (chunk.size > 0 && (chunk.size >= CHUNK_MAILS || bytes + fetched > CHUNK_BYTES)) {
          yield chunk;
          chunk = new Map();
          bytes = 0;
        }
        chunk.set(uid, size);
        bytes += fetched;
      }
    }
    if (chunk.size > 0) yield chunk;
  }

  async #sizes(uids: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return this.#guard(async () => {
      const sizes = new Map<number, number>();
      for await (const { uid, size } of this.#client.fetch(
        sequenceSet(uids),
        { uid: true, size: true },
        { uid: true },
      )) {
        sizes.set(uid, size ?? 0);
      }
      await this.#expectGone(uids.filter((uid) => !sizes.has(uid)));
      return sizes;
    });
  }

  /** Mail that was not handed out must have been deleted meanwhile: nothing is passed over that is still there. */
  async #expectGone(uids: readonly number[]): Promise<void> {
    if (uids.length === 0) return;
    const [still] = await this.present(uids);
    if (still !== undefined) throw new Error(`it does not hand out the message with UID ${still}`);
  }

  async #fetchChunk(sizes: ReadonlyMap<number, number>): Promise<readonly FetchedMail[]> {
    return this.#guard(async () => {
      const mails: FetchedMail[] = [];
      const parts = [
        { uids: [...sizes].filter(([, size]) => size <= MESSAGE_BYTES), source: true as const },
        { uids: [...sizes].filter(([, size]) => size > MESSAGE_BYTES), source: { start: 0, maxLength: HEAD_BYTES } },
      ];
      for (const { uids, source } of parts) {
        if (uids.length === 0) continue;
        const set = sequenceSet(uids.map(([uid]) => uid));
        for await (const { uid, source: bytes } of this.#client.fetch(set, { uid: true, source }, { uid: true })) {
          const size = sizes.get(uid);
          if (bytes === undefined || size === undefined) continue;
          mails.push({ uid, bytes, whole: source === true, size: source === true ? bytes.length : size });
        }
      }
      const fetched = new Set(mails.map(({ uid }) => uid));
      await this.#expectGone([...sizes.keys()].filter((uid) => !fetched.has(uid)));
      return mails.sort((a, b) => a.uid - b.uid);
    });
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PosternError) throw error;
      const { message, responseText } = error as ImapFlowError;
      throw new PosternError(
        this.#client.usable ? 'imap-refused' : 'imap-cut',
        this.#client.usable
          ? `the IMAP server refused a command: ${(responseText ?? message).slice(0, 200)}`
          : `the connection to the IMAP server broke: ${message.slice(0, 200)}`,
        { hint: 'what was stored before is kept; the next run goes on from there', exit: 3, cause: error },
      );
    }
  }
}

function* ranges(uids: readonly number[]): Generator<readonly number[]> {
  for (let start = 0; start < uids.length; start += RANGE) yield uids.slice(start, start + RANGE);
}
