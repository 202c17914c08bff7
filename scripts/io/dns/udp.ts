import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { decodeReply, encodeQuery, type Message, type Query } from './message.ts';

/** Why no message came. */
export interface NoReply {
  readonly status: 'timeout' | 'unreachable' | 'private-address' | 'malformed';
  readonly detail: string;
}

export interface Server {
  /** Bare. */
  readonly address: string;
  readonly port: number;
}

/** Strangers may send what they like for as long as we wait; more than this is not looked at. */
const MAX_DATAGRAMS = 64;

/**
 * One question in one datagram, from a port of its own to a connected socket, so that only the server's datagrams come
 * in (RFC 5452 §9.2); those that do not answer the question are passed over.
 */
export function askOverUdp(server: Server, query: Query, timeoutMs: number): Promise<Message | NoReply> {
  const sent = encodeQuery(query, 'datagram');
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    let datagrams = 0;
    const finish = (outcome: Message | NoReply) => {
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const unreachable = (error: NodeJS.ErrnoException) =>
      finish({ status: 'unreachable', detail: `${server.address} cannot be reached (${error.code ?? error.message})` });
    const timer = setTimeout(() => {
      finish({ status: 'timeout', detail: `no reply from ${server.address} in time` });
    }, timeoutMs);
    socket.on('error', unreachable);
    socket.on('message', (bytes) => {
      datagrams += 1;
      const reply = decodeReply(bytes, sent);
      if (reply === 'malformed') finish({ status: 'malformed', detail: `${server.address} sent an unreadable reply` });
      else if (reply !== null) finish(reply);
      else if (datagrams >= MAX_DATAGRAMS) {
        finish({ status: 'malformed', detail: `${datagrams} datagrams that answer another question` });
      }
    });
    socket.connect(server.port, server.address, () => {
      socket.send(sent.bytes, (error) => {
        if (error !== null) unreachable(error);
      });
    });
  });
}
