import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PosternError } from '../../core/failure.ts';

/** Bytes of one line. */
const LINE_BYTES = 2 ** 20;

/** The lines of a text file, one by one, without their ends. Throws `file-unreadable` or `line-too-long` (exit 2). */
export async function* readLines(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, { encoding: 'utf8' });
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.length > LINE_BYTES) {
        throw new PosternError('line-too-long', `${path} has a line of more than ${LINE_BYTES} bytes`, {
          hint: 'it is no file of one JSON object a line',
          exit: 2,
        });
      }
      yield line;
    }
  } catch (cause) {
    if (cause instanceof PosternError) throw cause;
    throw new PosternError('file-unreadable', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: 'name a file of observations, one JSON object a line',
      exit: 2,
      cause,
    });
  } finally {
    stream.destroy();
  }
}
