import { execFile } from 'node:child_process';

/** Bytes: some 100,000 files of names, and of their content. */
const MOST_OUTPUT = 256 * 1024 * 1024;

export interface GitOptions {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds; a fetch or a push may take longer than a look. */
  readonly patience?: number;
}

export type GitAnswer =
  | { readonly ok: true; readonly output: Buffer }
  /** `complaint`: what git wrote to stderr; its first line says why. `output`: what it wrote to stdout all the same. */
  | { readonly ok: false; readonly complaint: string; readonly output: Buffer };

/** Runs git in a folder. Never asks for anything, and runs no pager. Not ok when git refuses or is not there. */
export function runGit(root: string, argv: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
  const { input = '', environment = {}, patience = 60_000 } = options;
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      ['-C', root, '-c', 'core.quotePath=false', '--no-pager', ...argv],
      {
        encoding: 'buffer',
        maxBuffer: MOST_OUTPUT,
        timeout: patience,
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', ...environment },
      },
      (error, stdout, stderr) =>
        resolve(
          error === null
            ? { ok: true, output: stdout }
            : { ok: false, output: stdout, complaint: stderr.toString('utf8').slice(0, 10_000) || error.message },
        ),
    );
    // Git may be gone before it has read everything: that it failed is told by the callback.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
