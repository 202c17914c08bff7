import { connect } from 'node:net';
import { decodeReply, encodeQuery, type Message, type Query } from './message.ts';
import type { NoReply, Server } from './udp.ts';

/** One question over a connection of its own, with the two-byte length in front (RFC 7766 §8). */
export function askOverTcp(server: Server, query: Query, timeoutMs: number): Promise<Message | NoReply> {
  const sent = encodeQuery(query, 'stream');
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    const finish = (outcome: Message | NoReply) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const malformed = (what: string) => finish({ status: 'malformed', detail: `${server.address} ${what}` });
    const timer = setTimeout(() => {
      finish({ status: 'timeout', detail: `no reply from ${server.address} over TCP in time` });
    }, timeoutMs);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish({ status: 'unreachable', detail: `${server.address} over TCP: ${error.code ?? error.message}` });
    });
    socket.on('close', () => malformed('closed the connection without a reply'));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2) return;
      const length = received.readUInt16BE(0);
      // At most 64 KB by the length itself; what comes behind the first message is not read.
      if (received.length < 2 + length) return;
      const reply = decodeReply(received.subarray(2, 2 + length), sent);
      if (reply === null || reply === 'malformed') malformed('sent an unreadable reply');
      else finish(reply);
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(sent.bytes.length);
    socket.write(Buffer.concat([length, sent.bytes]));
  });
}
