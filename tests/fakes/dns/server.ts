import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';

export interface Asked {
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  /** Recursion desired, checking disabled, and whether EDNS came along. */
  readonly rd: boolean;
  readonly cd: boolean;
  readonly edns: boolean;
  readonly packet: DecodedPacket;
}

export interface Reply {
  readonly rcode?: number;
  readonly aa?: boolean;
  readonly ad?: boolean;
  readonly tc?: boolean;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  /** Extended DNS errors (RFC 8914). */
  readonly errors?: readonly { readonly code: number; readonly text: string }[];
}

/** A reply, raw bytes to send instead, or null to stay silent. */
export type Respond = (asked: Asked) => Reply | Uint8Array | readonly Uint8Array[] | null;

export interface FakeDns {
  readonly address: string;
  readonly port: number;
  /** `udp://127.0.0.1:port`. */
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly close: () => Promise<void>;
}

/** A DNS server on loopback, UDP and TCP on one port, that answers what `respond` says and writes down what it was asked. */
export async function startFakeDns(
  respond: Respond,
  options: { readonly tcp?: boolean; readonly address?: string; readonly port?: number } = {},
): Promise<FakeDns> {
  const address = options.address ?? '127.0.0.1';
  for (let attempt = 0; ; attempt++) {
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve) => udp.bind(options.port ?? 0, address, resolve));
    const { port } = udp.address();
    const asked: Asked[] = [];
    const open = new Set<Socket>();
    const tcp = createServer((socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        for (const reply of replies(bytes.subarray(2), 'tcp', respond, asked)) {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(reply.length);
          socket.write(Buffer.concat([length, reply]));
        }
      });
    });
    udp.on('message', (bytes, peer) => {
      for (const reply of replies(bytes, 'udp', respond, asked)) udp.send(reply, peer.port, peer.address);
    });
    const close = async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      if (tcp.listening) await new Promise<void>((resolve) => tcp.close(() => resolve()));
    };
    const listening =
      options.tcp === false ||
      (await new Promise<boolean>((resolve) => {
        tcp.once('error', () => resolve(false));
        tcp.listen(port, address, () => resolve(true));
      }));
    const host = address.includes(':') ? `[${address}]` : address;
    if (listening) return { address, port, url: `udp://${host}:${port}`, asked, close };
    await close();
    if (attempt > 20) throw new Error('no port is free for both UDP and TCP');
  }
}

function replies(bytes: Uint8Array, transport: 'udp' | 'tcp', respond: Respond, asked: Asked[]): readonly Uint8Array[] {
  const packet = decode(Buffer.from(bytes));
  const question = packet.questions?.[0];
  if (question === undefined) return [];
  const one: Asked = {
    name: question.name.toLowerCase(),
    type: question.type,
    transport,
    rd: packet.flag_rd,
    cd: packet.flag_cd,
    edns: packet.additionals?.some(({ type }) => type === 'OPT') ?? false,
    packet,
  };
  asked.push(one);
  const reply = respond(one);
  if (reply === null) return [];
  if (reply instanceof Uint8Array) return [reply];
  return Array.isArray(reply) ? (reply as readonly Uint8Array[]) : [encodeReply(packet, reply as Reply)];
}

/** The reply on the wire, to the question as it was spelled. */
export function encodeReply(packet: DecodedPacket, reply: Reply): Uint8Array {
  const options = (reply.errors ?? []).map(({ code, text }) => {
    const data = Buffer.alloc(2 + Buffer.byteLength(text));
    data.writeUInt16BE(code);
    data.write(text, 2);
    return { code: 15, data };
  });
  const flags = (reply.aa ? 0x400 : 0) | (reply.tc ? 0x200 : 0) | (packet.flag_rd ? 0x180 : 0) | (reply.ad ? 0x20 : 0);
  const message = {
    type: 'response',
    id: packet.id,
    flags: flags | ((reply.rcode ?? 0) & 15),
    questions: packet.questions,
    answers: reply.answers ?? [],
    authorities: reply.authorities ?? [],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: (reply.rcode ?? 0) >> 4,
        ednsVersion: 0,
        flags: 0,
        options,
      },
    ],
  };
  return encode(message as unknown as Packet);
}
