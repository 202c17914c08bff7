import { PosternError } from '../../core/failure.ts';
import type { Source } from '../../io/mail/sources.ts';
import { folderBox } from '../../io/receiver/folder-box.ts';
import { remoteBox } from '../../io/receiver/remote-box.ts';
import { type SubmissionBox, WAITING_SUBMISSIONS } from '../../io/receiver/submission-box.ts';
import { receivedFolder } from '../receive.ts';

export type WaitingBox = Pick<SubmissionBox, 'list' | 'get' | 'remove'>;

/** Where submissions of `rua=https:` wait: the folder of `postern receive`, and a receiver elsewhere. */
export function submissionBoxes(
  data: string,
  receiver: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): readonly WaitingBox[] {
  const here = folderBox(receivedFolder(data));
  if (receiver === null) return [here];
  const token = environment['POSTERN_RECEIVER_TOKEN'] ?? '';
  if (token === '') {
    throw new PosternError('receiver-token', `the receiver ${receiver} needs a token, and there is none`, {
      hint: 'set POSTERN_RECEIVER_TOKEN to the one the receiver was started with, or remove reporting.receiver',
      exit: 2,
    });
  }
  return [here, remoteBox(receiver, token)];
}

interface Submitted {
  readonly take: (sources: readonly Source[]) => Promise<void>;
  /** Makes everything taken durable. */
  readonly commit: () => Promise<void>;
  readonly dryRun: boolean;
}

/** Reads what waits, and removes it after it is stored: never before. */
export async function ingestSubmissions(
  boxes: readonly WaitingBox[],
  { take, commit, dryRun }: Submitted,
): Promise<void> {
  for (const box of boxes) {
    const names = await box.list(WAITING_SUBMISSIONS);
    for (const sha256 of names) {
      const bytes = await box.get(sha256);
      if (bytes !== null) await take([sourceOf(sha256, bytes)]);
    }
    if (dryRun || names.length === 0) continue;
    await commit();
    for (const sha256 of names) await box.remove(sha256);
  }
}

function sourceOf(sha256: string, bytes: Uint8Array): Source {
  return {
    kind: 'content',
    name: `https submission ${sha256.slice(0, 16)}`,
    fileName: '',
    provenance: 'https',
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  };
}
