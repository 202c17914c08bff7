import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { integer, type Random } from '../example/random.ts';
import { composeMail, policyJson, reportJson, tlsrptPart } from '../io/mail/report-mail.ts';
import { zipOf } from '../io/mail/zip.ts';

/** What a stranger sends. */
export interface FuzzInput {
  readonly bytes: Buffer;
  /** Texts that stand in its report and must be found again, in the store or in quarantine. */
  readonly marks: readonly string[];
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const FIXTURES = join(import.meta.dirname, '../fixtures');
const SAMPLES = readdirSync(join(FIXTURES, 'samples'))
  .filter((name) => !name.endsWith('.md'))
  .sort()
  .map((name) => readFileSync(join(FIXTURES, 'samples', name)));

/** Keys of RFC 8460 §4.4, their look-alikes, and keys that nobody has. */
const KEYS = [
  'organization-name',
  'organization_name',
  'date-range',
  'start-datetime',
  'end-datetime',
  'contact-info',
  'report-id',
  'policies',
  'policy',
  'policy-type',
  'policy-string',
  'policy-domain',
  'mx-host',
  'mx-host-pattern',
  'summary',
  'total-successful-session-count',
  'total-failure-session-count',
  'failure-details',
  'failure_details',
  'result-type',
  'failed-session-count',
  'additional-info-uri',
  '__proto__',
  'constructor',
  '#value',
  'report-id#1',
];

/** One input: a report with oddities, packed somehow, and half of the time damaged; or a real mail, damaged. */
export function fuzzInput(random: Random): FuzzInput {
  if (random() < 0.15) return { bytes: damaged(random, pick(random, SAMPLES)), marks: [] };
  const marks: string[] = [];
  const json = oddReport(random, marks);
  const text = random() < 0.2 ? withRepeatedKey(random, JSON.stringify(json), marks) : JSON.stringify(json);
  const bytes = packed(random, Buffer.from(text));
  // A later change may have taken the place of an earlier one.
  return random() < 0.5
    ? { bytes, marks: marks.filter((mark) => text.includes(mark)) }
    : { bytes: damaged(random, bytes), marks: [] };
}

function oddReport(random: Random, marks: string[]): Json {
  const detail = { 'result-type': 'validation-failure', 'failed-session-count': 2, 'failure-reason-code': 'x' };
  const entry = policyJson('example.com', { 'failure-details': [detail] });
  const json = structuredClone(reportJson({ policies: [entry, policyJson('example.net')] })) as { [key: string]: Json };
  for (let change = integer(random, 0, 4); change > 0; change -= 1) {
    const objects = objectsIn(json);
    const object = pick(random, objects);
    const known = Object.keys(object);
    const key = random() < 0.5 && known.length > 0 ? pick(random, known) : pick(random, KEYS);
    if (random() < 0.1) delete object[key];
    // As JSON.parse does, without meeting the setter of __proto__.
    else Object.defineProperty(object, key, { value: oddValue(random, marks), ...OWN });
  }
  return random() < 0.05 ? [json] : json;
}

const OWN = { enumerable: true, writable: true, configurable: true };

function oddValue(random: Random, marks: string[]): Json {
  const mark = `mark-${integer(random, 1, 2 ** 31)}`;
  const marked = (value: Json): Json => {
    marks.push(mark);
    return value;
  };
  const values: readonly (() => Json)[] = [
    () => null,
    () => '',
    () => [],
    () => ({}),
    () => true,
    () => -1,
    () => 1.5,
    () => integer(random, 0, 2 ** 31),
    () => 1e21,
    () => '12',
    () => '2026-11-18 00:00:00',
    () => '2026-11-18T00:00:00+05:30',
    () => '2026-12-18T24:00:00Z',
    () => 'not-a-date',
    () => marked(mark),
    () => marked([mark]),
    () => marked({ 'x-key': mark }),
    () => marked(JSON.stringify([mark])),
    () => marked([[mark], { deep: [null, 1] }]),
    () => marked(`${mark} \u0000\u001c\u001d\u001e\u001f "quoted" \ud800 🙂`),
  ];
  return pick(random, values)();
}

/** The same key twice in one object: JSON.parse would drop the first value without a word. */
function withRepeatedKey(random: Random, text: string, marks: string[]): string {
  const mark = `mark-${integer(random, 1, 2 ** 31)}`;
  const key = pick(random, ['report-id', 'organization-name', 'contact-info', 'x-key']);
  if (!text.startsWith('{"')) return text;
  marks.push(mark);
  return `{"${key}":"${mark}","x-key":1,${text.slice(1)}`;
}

function packed(random: Random, json: Buffer): Buffer {
  const gzip = gzipSync(json);
  const shapes: readonly (() => Buffer)[] = [
    () => json,
    () => gzip,
    () => Buffer.concat([Buffer.from('\ufeff'), json]),
    () => zipOf([{ name: 'sender.example!example.com!1795219200!1795305599.json', content: json }]),
    () => composeMail({ parts: [tlsrptPart({}, { content: gzip })] }),
    () => composeMail({ parts: [tlsrptPart({}, { content: json, type: 'application/tlsrpt+json' })] }),
    () => composeMail({ parts: [tlsrptPart({}, { content: gzip, type: 'application/octet-stream' })] }),
    () =>
      composeMail({
        parts: [
          tlsrptPart(
            {},
            {
              type: 'message/rfc822',
              encoding: '7bit',
              content: composeMail({ parts: [tlsrptPart({}, { content: gzip })] }),
            },
          ),
        ],
      }),
  ];
  return pick(random, shapes)();
}

/** Flipped, cut, doubled, spliced. */
function damaged(random: Random, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes);
  for (let times = integer(random, 1, 4); times > 0 && result.length > 0; times -= 1) {
    const at = integer(random, 0, result.length - 1);
    const length = Math.min(integer(random, 1, 64), result.length - at);
    const kind = integer(random, 0, 4);
    if (kind === 0) result[at] = integer(random, 0, 255);
    else if (kind === 1) result = result.subarray(0, at);
    else if (kind === 2) result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
    else if (kind === 3) result = Buffer.concat([result.subarray(0, at + length), result.subarray(at)]);
    else {
      const other = pick(random, SAMPLES);
      const from = integer(random, 0, other.length - 1);
      result = Buffer.concat([result.subarray(0, at), other.subarray(from, from + length), result.subarray(at)]);
    }
  }
  return result;
}

function objectsIn(value: Json): { [key: string]: Json }[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[integer(random, 0, from.length - 1)] as T;
}
