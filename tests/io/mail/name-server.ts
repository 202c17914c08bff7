import { createSocket } from 'node:dgram';

const RCODE = { noerror: 0, servfail: 2, nxdomain: 3 } as const;

/** TXT records of a name, or how the name server fails. */
export type Answer = readonly string[] | keyof typeof RCODE;

export interface NameServer {
  /** `udp://127.0.0.1:port`. */
  readonly url: string;
  /** Every name that was asked, in order. */
  readonly asked: readonly string[];
  readonly close: () => void;
}

/** A name server on loopback that answers TXT questions (RFC 1035 §4) and writes down what it was asked. */
export async function startNameServer(answer: (name: string) => Answer): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, peer) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    socket.send(responseOf(query.subarray(0, end), answer(name)), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { url: `udp://127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}

function questionOf(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function responseOf(question: Buffer, answer: Answer): Buffer {
  const records = typeof answer === 'string' ? [] : answer;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | (typeof answer === 'string' ? RCODE[answer] : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(12), ...records.map(txtRecord)]);
}

function txtRecord(text: string): Buffer {
  const strings = (text.match(/.{1,255}/g) ?? []).map((part) =>
    Buffer.concat([Buffer.from([part.length]), Buffer.from(part)]),
  );
  const data = Buffer.concat(strings);
  const fixed = Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 1, 44, 0, 0]);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}
