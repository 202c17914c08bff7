import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { DnsSettings } from '../../core/config/types.ts';
import { txtStrings } from './presentation.ts';
import {
  type DnsProvider,
  type HeldRecords,
  providerRefuses,
  providerUnavailable,
  type RecordSetKey,
  writeUnsure,
} from './provider.ts';
import { signatureFault, signMessage, type TsigKey } from './tsig.ts';
import { nameBytes, recordBytes } from './wire.ts';

const KIND = 'rfc2136';
const TYPES = { TXT: 16, CNAME: 5, TLSA: 52 } as const;
const CLASS = { IN: 1, NONE: 254, ANY: 255 } as const;
const OPCODE_UPDATE = 5 << 11;
const TIMEOUT_MS = 10_000;
const RCODES: Readonly<Record<number, string>> = {
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED: the key may not change this name',
  6: 'YXDOMAIN',
  9: 'NOTAUTH: the server does not hold the zone, or does not take the key',
  10: 'NOTZONE: the name is not in the zone',
};
/** RFC 2136 §2.2: a prerequisite does not hold. */
const PREREQUISITE_FAILED: readonly number[] = [6, 7, 8, 3];

export interface Rfc2136Access {
  readonly settings: Extract<DnsSettings, { kind: 'rfc2136' }>;
  readonly zone: string;
  /** `POSTERN_TSIG_SECRET`: the secret in base64, as key files hold it. */
  readonly secret: string;
  /** The real clock, in seconds: signatures are made and checked by it. */
  readonly nowSeconds: () => number;
}

/**
 * Dynamic update (RFC 2136) signed with TSIG (RFC 8945), over TCP. What is held is written down as prerequisite, value by
 * value, so that the server itself swaps only what we have seen.
 */
export function rfc2136Provider({ settings, zone, secret, nowSeconds }: Rfc2136Access): DnsProvider {
  const { server, port, key_name, algorithm } = settings;
  const key: TsigKey = {
    name: key_name.toLowerCase().replace(/\.$/, ''),
    algorithm,
    secret: Buffer.from(secret, 'base64'),
  };
  const place = `${server}:${port}`;
  return {
    kind: KIND,
    read: async (wanted) => {
      const what = `${wanted.type} ${wanted.name} at ${place}`;
      const query = encode({
        type: 'query',
        id: randomBytes(2).readUInt16BE(),
        questions: [{ name: wanted.name, type: wanted.type, class: 'IN' }],
      });
      try {
        return heldOf(wanted, await exchange(server, port, query));
      } catch (error) {
        throw providerUnavailable(KIND, what, (error as Error).message, error);
      }
    },
    write: async (held, values, ttl) => {
      const what = `${held.type} ${held.name} at ${place}`;
      const { bytes, mac } = signMessage(updateMessage(zone, held, values, ttl), key, nowSeconds());
      let answer: Buffer;
      try {
        answer = await exchange(server, port, bytes);
      } catch (error) {
        const isUnsent = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
        throw (isUnsent ? providerUnavailable : writeUnsure)(KIND, what, (error as Error).message, error);
      }
      const rcode = answer.readUInt16BE(2) & 0x0f;
      const fault = faultOf(answer, key, mac, nowSeconds());
      if (rcode === 0 && fault !== null) throw writeUnsure(KIND, what, fault);
      if (rcode === 0) return 'written';
      if (PREREQUISITE_FAILED.includes(rcode) && fault === null) return 'conflict';
      throw providerRefuses(KIND, what, [RCODES[rcode] ?? `RCODE ${rcode}`, fault].filter(Boolean).join('; '));
    },
  };
}

/** RFC 2136 §2: the zone, what must be so before, and what is to be. */
function updateMessage(zone: string, held: HeldRecords, values: readonly string[], ttl: number): Buffer {
  const type = TYPES[held.type];
  const [none, nothing] = [CLASS.NONE, Buffer.alloc(0)];
  const heldData = held.handle as readonly Buffer[];
  const before =
    heldData.length === 0
      ? [recordBytes(held.name, { type, class: none, ttl: 0, data: nothing })]
      : heldData.map((data) => recordBytes(held.name, { type, class: CLASS.IN, ttl: 0, data }));
  const changes = [
    ...(heldData.length === 0 ? [] : [recordBytes(held.name, { type, class: CLASS.ANY, ttl: 0, data: nothing })]),
    ...values.map((value) => recordBytes(held.name, { type, class: CLASS.IN, ttl, data: dataOf(held.type, value) })),
  ];
  const head = Buffer.alloc(12);
  randomBytes(2).copy(head);
  head.writeUInt16BE(OPCODE_UPDATE, 2);
  for (const [index, count] of [1, before.length, changes.length].entries()) head.writeUInt16BE(count, 4 + index * 2);
  const soa = Buffer.from([0, 6, 0, CLASS.IN]);
  return Buffer.concat([head, nameBytes(zone), soa, ...before, ...changes]);
}

function dataOf(type: RecordSetKey['type'], value: string): Buffer {
  if (type === 'CNAME') return nameBytes(value);
  if (type === 'TLSA') {
    const [usage = '', selector = '', matching = '', ...hex] = value.split(' ');
    return Buffer.concat([
      Buffer.from([Number(usage), Number(selector), Number(matching)]),
      Buffer.from(hex.join(''), 'hex'),
    ]);
  }
  return stringsData(txtStrings(value).map((part) => Buffer.from(part, 'latin1')));
}

function stringsData(strings: readonly Buffer[]): Buffer {
  return Buffer.concat(strings.flatMap((part) => [Buffer.from([part.length]), part]));
}

/** The record set as it is, with its data byte for byte: a prerequisite compares bytes. */
function heldOf({ name, type }: RecordSetKey, answer: Buffer): HeldRecords {
  const packet = decode(answer);
  const rcode = answer.readUInt16BE(2) & 0x0f;
  if (rcode !== 0 && rcode !== 3) throw new Error(RCODES[rcode] ?? `RCODE ${rcode}`);
  const own = (packet.answers ?? []).filter(
    (one) => one.type === type && one.name.toLowerCase() === name.toLowerCase(),
  );
  const values: string[] = [];
  const handle: Buffer[] = [];
  let ttl: number | null = null;
  for (const record of own) {
    if ('ttl' in record && typeof record.ttl === 'number') ttl = record.ttl;
    if (record.type === 'TXT') {
      const strings = [record.data].flat().map((part) => Buffer.from(part));
      values.push(Buffer.concat(strings).toString('latin1'));
      handle.push(stringsData(strings));
    } else if (record.type === 'CNAME') {
      values.push(record.data.toLowerCase());
      handle.push(nameBytes(record.data));
    } else if (record.type === 'TLSA') {
      const { usage, selector, matchingType, certificate } = record.data;
      const value = `${usage} ${selector} ${matchingType} ${certificate.toString('hex')}`;
      values.push(value);
      handle.push(dataOf('TLSA', value));
    }
  }
  return { name, type, values, ttl, handle };
}

function faultOf(answer: Buffer, key: TsigKey, mac: Buffer, nowSeconds: number): string | null {
  try {
    return signatureFault(answer, key, mac, nowSeconds);
  } catch {
    return 'the answer cannot be read';
  }
}

/** One message each way over a connection of its own (RFC 7766 §8). */
function exchange(server: string, port: number, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.replace(/^\[|\]$/g, ''), port });
    let received = Buffer.alloc(0);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`))), TIMEOUT_MS);
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error('the connection was closed without an answer'))));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = received.subarray(2, 2 + received.readUInt16BE(0));
      const isOurs = answer.length >= 12 && answer.readUInt16BE(0) === message.readUInt16BE(0);
      end(() => (isOurs ? resolve(answer) : reject(new Error('what came back is no answer to the question'))));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  });
}
