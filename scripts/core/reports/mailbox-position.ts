import { type Instant, parseInstant } from '../clock.ts';

/**
 * How far ingest has come in an IMAP mailbox: the section `mailbox` of the checkpoint. It only saves work. When it is lost,
 * or the server has given the folder another UIDVALIDITY (RFC 9051 §2.3.1.1), everything is read again, and what is stored
 * is recognised by its hash.
 */
export interface MailboxPosition {
  /** `user@host:port`: the position means nothing in another mailbox. */
  readonly account: string;
  readonly folder: string;
  readonly uidvalidity: number;
  /** Everything up to this UID is stored and filed, but for `waiting`. */
  readonly uid: number;
  /** Mail that is read again, because the DNS did not answer for its signature. */
  readonly waiting: readonly WaitingMail[];
  readonly again?: LookAgain;
  /**
   * The folders mail is moved to, and how far each is known to be stored. What a run moved and then could not keep, because
   * it was cancelled before its data was pushed, stands behind that, and is read from there.
   */
  readonly filed: Readonly<Record<string, FolderPosition>>;
}

interface WaitingMail {
  readonly uid: number;
  readonly since: Instant;
}

export interface FolderPosition {
  readonly uidvalidity: number;
  readonly uid: number;
  /** A look at all of it again that the time budget cut off. */
  readonly again?: LookAgain;
}

export interface LookAgain {
  /** What it is for: a look for other domains begins anew. */
  readonly domains: string;
  /** Everything up to this UID was looked at. */
  readonly uid: number;
}

/** The section as it was stored; null when it is of another account or folder, or cannot be understood. */
export function mailboxPosition(section: unknown, account: string, folder: string): MailboxPosition | null {
  if (!isRecord(section) || section['account'] !== account || section['folder'] !== folder) return null;
  const inbox = folderPosition(section);
  if (inbox === null) return null;
  const waiting = Array.isArray(section['waiting']) ? section['waiting'] : [];
  const filed = isRecord(section['filed']) ? Object.entries(section['filed']) : [];
  return {
    account,
    folder,
    ...inbox,
    waiting: waiting.flatMap((one: unknown) => {
      if (!isRecord(one) || !isUid(one['uid']) || typeof one['since'] !== 'string') return [];
      const since = parseInstant(one['since']);
      return since === null ? [] : [{ uid: one['uid'], since }];
    }),
    filed: Object.fromEntries(
      filed.flatMap(([name, written]) => {
        const position = isRecord(written) ? folderPosition(written) : null;
        return position === null ? [] : [[name, position]];
      }),
    ),
  };
}

/** The position in a folder as the server shows it today: from the beginning when its UIDs are others now. */
export function positionIn(known: FolderPosition | null | undefined, uidvalidity: number): FolderPosition {
  return known?.uidvalidity === uidvalidity ? known : { uidvalidity, uid: 0 };
}

/** Where a look at all mail again begins: where one for the same domains was cut off. */
export function againFrom({ again }: Pick<FolderPosition, 'again'>, domains: string): number {
  return again?.domains === domains ? again.uid : 0;
}

/** After mail up to `uid` was looked at again: where the next look goes on, and nothing when this one is finished. */
export function afterLook<Position extends Pick<FolderPosition, 'again'>>(
  position: Position,
  look: LookAgain | null,
): Position {
  const { again: _, ...rest } = position;
  return (look === null ? rest : { ...rest, again: look }) as Position;
}

/**
 * After mail was moved there and got these UIDs. Only when they follow directly on what is known is more known: between them
 * may stand what another run moved.
 */
export function afterMove(known: FolderPosition, moved: FolderUids): FolderPosition {
  const position = positionIn(known, moved.uidvalidity);
  const uids = [...moved.uids].sort((a, b) => a - b);
  let last = position.uid;
  for (const one of uids) {
    if (one > last + 1) break;
    last = Math.max(last, one);
  }
  return { ...position, uid: last };
}

export interface FolderUids {
  readonly uidvalidity: number;
  readonly uids: readonly number[];
}

function folderPosition(written: Readonly<Record<string, unknown>>): FolderPosition | null {
  const { uidvalidity, uid } = written;
  if (!isUid(uidvalidity) || !isUid(uid)) return null;
  const again = lookAgain(written['again']);
  return { uidvalidity, uid, ...(again === null ? {} : { again }) };
}

function lookAgain(written: unknown): LookAgain | null {
  if (!isRecord(written)) return null;
  const { domains, uid } = written;
  return typeof domains === 'string' && isUid(uid) ? { domains, uid } : null;
}

/** 32 bits; 0 stands for the time before the first one. */
function isUid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
