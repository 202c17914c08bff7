import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DnsSettings } from '../../core/config/types.ts';
import { nameBytes, readRecord, skipName } from './wire.ts';

/** A shared key for signing DNS messages (RFC 8945). */
export interface TsigKey {
  /** In lower case, without the root dot. */
  readonly name: string;
  readonly algorithm: Extract<DnsSettings, { kind: 'rfc2136' }>['algorithm'];
  readonly secret: Uint8Array;
}

const TYPE_TSIG = 250;
const CLASS_ANY = 255;
/** Seconds that the two clocks may differ. */
const FUDGE = 300;
/** RFC 8945 §4.2 and RFC 1035 §4.1.1: why a signature was not taken. */
const TSIG_ERRORS: Readonly<Record<number, string>> = {
  16: 'BADSIG: the secret is another one',
  17: 'BADKEY: the server does not know the key',
  18: 'BADTIME: the clocks differ by more than five minutes',
  22: 'BADTRUNC',
};

/** The message with its TSIG record, and the MAC, over which the answer is signed in turn. By the real clock. */
export function signMessage(message: Buffer, key: TsigKey, nowSeconds: number): { bytes: Buffer; mac: Buffer } {
  const times = timeBytes(nowSeconds);
  const variables = variablesOf(key, times, 0, Buffer.alloc(0));
  const mac = hmac(key, [message, variables]);
  const original = message.subarray(0, 2);
  const data = Buffer.concat([nameBytes(algorithmName(key)), times, counted(mac), original, Buffer.alloc(4)]);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPE_TSIG, 0);
  head.writeUInt16BE(CLASS_ANY, 2);
  head.writeUInt16BE(data.length, 8);
  const bytes = Buffer.concat([message, nameBytes(key.name), head, data]);
  bytes.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { bytes, mac };
}

/** Null when the answer is signed with the key, over our request, and in time; else what is wrong. */
export function signatureFault(answer: Buffer, key: TsigKey, requestMac: Buffer, nowSeconds: number): string | null {
  const record = lastRecord(answer);
  if (record === null || record.type !== TYPE_TSIG) return 'the answer is not signed';
  const { data } = record;
  let at = skipName(data, 0);
  if (data.toString('latin1', 0, at).toLowerCase() !== nameBytes(algorithmName(key)).toString('latin1'))
    return 'the answer is signed with another algorithm';
  const times = data.subarray(at, at + 8);
  const size = data.readUInt16BE(at + 8);
  const mac = data.subarray(at + 10, at + 10 + size);
  at += 10 + size;
  const error = data.readUInt16BE(at + 2);
  if (error !== 0 && TSIG_ERRORS[error] !== undefined) return TSIG_ERRORS[error];
  const plain = Buffer.from(answer.subarray(0, record.start));
  data.copy(plain, 0, at, at + 2);
  plain.writeUInt16BE(plain.readUInt16BE(10) - 1, 10);
  const wanted = hmac(key, [counted(requestMac), plain, variablesOf(key, times, error, data.subarray(at + 6))]);
  if (mac.length !== wanted.length || !timingSafeEqual(mac, wanted)) return 'the signature of the answer is wrong';
  const signed = times.readUIntBE(0, 6);
  return Math.abs(signed - nowSeconds) > FUDGE ? 'the answer was signed at another time' : null;
}

function hmac({ algorithm, secret }: TsigKey, parts: readonly Buffer[]): Buffer {
  const signer = createHmac(algorithm.replace('hmac-', ''), secret);
  for (const part of parts) signer.update(part);
  return signer.digest();
}

/** RFC 8945 §4.3.3. */
function variablesOf(key: TsigKey, times: Buffer, error: number, other: Buffer): Buffer {
  const classAndTtl = Buffer.from([0, CLASS_ANY, 0, 0, 0, 0]);
  const errors = Buffer.alloc(2);
  errors.writeUInt16BE(error);
  return Buffer.concat([
    nameBytes(key.name),
    classAndTtl,
    nameBytes(algorithmName(key)),
    times,
    errors,
    counted(other),
  ]);
}

function timeBytes(nowSeconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUIntBE(nowSeconds, 0, 6);
  bytes.writeUInt16BE(FUDGE, 6);
  return bytes;
}

function algorithmName({ algorithm }: TsigKey): string {
  return algorithm;
}

function counted(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A TSIG record is the last of the additional ones (RFC 8945 §5.1). */
function lastRecord(message: Buffer): ReturnType<typeof readRecord> | null {
  const counts = [4, 6, 8, 10].map((offset) => message.readUInt16BE(offset));
  let at = 12;
  for (let question = 0; question < (counts[0] ?? 0); question++) at = skipName(message, at) + 4;
  let record: ReturnType<typeof readRecord> | null = null;
  const total = (counts[1] ?? 0) + (counts[2] ?? 0) + (counts[3] ?? 0);
  for (let index = 0; index < total; index++) {
    record = readRecord(message, at);
    at = record.end;
  }
  return (counts[3] ?? 0) === 0 ? null : record;
}
