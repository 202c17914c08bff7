import { PosternError } from './failure.ts';

/** What the operating system refuses, with what a person does about it. */
const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'give the user who runs Postern the right to it, or name another folder with --data or --out',
  EPERM: 'give the user who runs Postern the right to it, or name another folder with --data or --out',
  EROFS: 'the disk is mounted to be read only: name another folder with --data or --out',
  ENOSPC: 'make room on that disk and run again; what was stored before is whole',
  EDQUOT: 'make room in the quota and run again; what was stored before is whole',
  ENOTDIR: 'a file stands where a folder is needed: look at the path, and at --root, --data and --out',
  EEXIST: 'a file stands where a folder is needed: look at the path, and at --root, --data and --out',
  EISDIR: 'a folder stands where a file is needed: look at the path, and at --root, --data and --out',
  ELOOP: 'the links lead in a circle: look at the path',
  ENAMETOOLONG: 'no file can have so long a name: look at the path',
  EMFILE: 'allow more open files (ulimit -n) and run again',
  ENFILE: 'the machine has no room for more open files: end something and run again',
  EIO: 'the disk fails: look at the log of the system',
};

/**
 * The error itself, or as `file-system` (exit 3) what the system refused at a path: that is a matter between the owner and
 * the machine, and no defect of ours.
 */
export function explained(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const { code, path } = cause as Error & { readonly code?: unknown; readonly path?: unknown };
  const hint = typeof code === 'string' ? HINTS[code] : undefined;
  if (hint === undefined || typeof path !== 'string') return cause;
  // Node writes `EACCES: permission denied, open '/data/x'`.
  const [, why = 'the system refused it', call = ''] = /^\w+: ([^,]+), (\w+)/.exec(cause.message) ?? [];
  const where = call === '' ? String(code) : `${code} at ${call}`;
  return new PosternError('file-system', `${path}: ${why} (${where})`, { hint, exit: 3, cause });
}
