import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SUBMISSION_NAME, type SubmissionBox } from './submission-box.ts';

/** A folder with a file for each submission, named after its SHA-256. */
export function folderBox(folder: string): SubmissionBox {
  return {
    put: async (sha256, bytes) => {
      await mkdir(folder, { recursive: true });
      const unfinished = join(folder, `.${sha256}.${process.pid}.${crypto.randomUUID()}`);
      await writeFile(unfinished, bytes, { flush: true });
      await rename(unfinished, join(folder, sha256));
    },
    list: async (limit) => {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      return names
        .filter((name) => SUBMISSION_NAME.test(name))
        .sort()
        .slice(0, limit);
    },
    get: async (sha256) =>
      readFile(join(folder, sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      }),
    remove: async (sha256) => rm(join(folder, sha256), { force: true }),
  };
}
