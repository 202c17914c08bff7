import { request } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. Hostile text. */
  readonly headers: Readonly<Record<string, string>>;
  /** Raw, at most `limit` + 1 bytes: one more than allowed tells that there is more. */
  readonly body: Uint8Array;
}

export interface HttpFailure {
  /** `reset`: the connection ended early; `http`: what came is not HTTP/1. */
  readonly status: 'timeout' | 'reset' | 'http';
  readonly detail: string;
}

export interface HttpQuestion {
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body. */
  readonly limit: number;
  /** For everything, down to the last byte: a slow drip is late too. Milliseconds. */
  readonly timeoutMs: number;
}

const HEADER_BYTES = 16_384;

/** One GET over a connection that stands, which ends with it. No redirect is followed, nothing is decoded. */
export function readResponse(connection: Duplex, question: HttpQuestion): Promise<HttpResponse | HttpFailure> {
  return new Promise((resolve) => {
    const finish = (outcome: HttpResponse | HttpFailure) => {
      clearTimeout(timer);
      asked.destroy();
      connection.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      finish({ status: 'timeout', detail: `no complete answer in time` });
    }, question.timeoutMs);
    const broken = (error: NodeJS.ErrnoException) => {
      const isParser = error.code?.startsWith('HPE_') === true;
      finish({ status: isParser ? 'http' : 'reset', detail: error.code ?? error.message });
    };
    const asked = request({
      createConnection: () => connection,
      method: 'GET',
      host: question.host,
      path: question.path,
      setDefaultHeaders: false,
      maxHeaderSize: HEADER_BYTES,
      headers: { host: question.host, connection: 'close', ...question.headers },
    });
    asked.on('error', broken);
    // A connection that came through a proxy was stopped while nobody listened.
    asked.on('socket', () => connection.resume());
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const done = () => {
        const body = new Uint8Array(Buffer.concat(chunks).subarray(0, question.limit + 1));
        const headers = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        );
        finish({ status: response.statusCode ?? 0, headers, body });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > question.limit) done();
      });
      response.on('end', done);
      response.on('error', broken);
      response.on('aborted', () => finish({ status: 'reset', detail: 'the connection ended within the answer' }));
    });
    asked.end();
  });
}
