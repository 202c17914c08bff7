import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { exampleFiles, exampleMails } from './generate.ts';
import { gzipStored } from './gzip.ts';
import { mbox } from './mbox.ts';

const ROOT = join(import.meta.dirname, '../..');
const GENERATED = join(ROOT, 'data/inbox/generated');
const REAL = join(ROOT, 'data/inbox/real');

const mails = await exampleMails();
const files = await exampleFiles(mails);

test('the committed example is what the generator writes, byte for byte', async () => {
  for (const [path, bytes] of files) {
    const committed = await readFile(join(ROOT, path));
    assert.ok(
      committed.equals(bytes),
      `${path} differs from a fresh one: run npm run example and look at the difference.`,
    );
  }
  const expected = [...files.keys()].filter((path) => path.endsWith('.mbox')).map((path) => path.split('/').at(-1));
  assert.deepEqual(
    (await readdir(GENERATED)).sort(),
    expected.sort(),
    'a month that is not generated stands in the folder',
  );
});

test('the example is small enough to ship', () => {
  const sizes = [...files.values()].map(({ length }) => length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < 4_000_000, `${total} bytes`);
});

test('the committed mboxes hold the mails as they were signed, in the order of arrival', async () => {
  const held: Buffer[] = [];
  for (const name of (await readdir(GENERATED)).sort()) held.push(...splitMbox(await readFile(join(GENERATED, name))));
  assert.equal(held.length, mails.length);
  for (const [index, { bytes }] of mails.entries()) assert.ok(held[index]?.equals(bytes), `mail ${index + 1} differs`);
  const arrivals = mails.map(({ arrivesAt }) => arrivesAt);
  assert.deepEqual(
    arrivals,
    arrivals.toSorted((left, right) => left - right),
  );
});

test('mbox quotes lines that begin with From, quoted or not, and ends every line with CRLF', () => {
  const bytes = Buffer.from('Subject: x\r\n\r\nFrom here\r\n>From there\r\n From elsewhere\r\n');
  const text = mbox([{ arrivesAt: Date.UTC(2026, 9, 1, 9, 5), envelopeSender: 'a@b.example', bytes }]).toString();
  assert.equal(
    text,
    'From a@b.example Thu Oct  1 09:05:00 2026\r\nSubject: x\r\n\r\n>From here\r\n>>From there\r\n From elsewhere\r\n\r\n',
  );
  assert.deepEqual(splitMbox(Buffer.from(text)), [bytes]);
});

test('a stored gzip is a gzip', () => {
  for (const length of [0, 1, 0xffff, 0x10000, 200_000]) {
    const content = Buffer.alloc(length, 'postern ');
    assert.ok(gunzipSync(gzipStored(content)).equals(content), `${length} bytes`);
  }
});

test('every signature verifies with the committed keys; two mails have none', async () => {
  const keys = await committedKeys();
  const results = new Map<string, number>();
  for (const { bytes } of mails) {
    const { results: signatures } = await dkimVerify(bytes, {
      curTime: new Date('2026-11-21T06:00:00Z'),
      strict: true,
      resolver: async (name: string) => [[keys.get(name) ?? '']],
    });
    const seen = signatures.map(({ status, signingDomain }) => `${status.result} ${signingDomain ?? '-'}`).join();
    results.set(seen, (results.get(seen) ?? 0) + 1);
  }
  assert.deepEqual(
    new Map([...results].sort()),
    new Map([
      ['none -', 2],
      ['pass bigmail.example', 181],
      ['pass corp.pochta.example', 183],
      ['pass office.example', 184],
      ['pass posthof.example', 123],
      ['pass relay-co.example', 132],
    ]),
  );
});

test('a changed byte in the attachment breaks the signature', async () => {
  const keys = await committedKeys();
  const signed = mails.find(({ envelopeSender }) => envelopeSender === 'bounces@bigmail.example');
  assert.ok(signed);
  const changed = Buffer.from(signed.bytes.toString('latin1').replace('H4sIAAAA', 'H4sIAAAB'), 'latin1');
  assert.ok(!changed.equals(signed.bytes));
  const { results } = await dkimVerify(changed, {
    curTime: new Date('2026-11-21T06:00:00Z'),
    resolver: async (name: string) => [[keys.get(name) ?? '']],
  });
  assert.deepEqual(
    results.map(({ status }) => status.result),
    ['neutral'],
  );
});

test('only names under .example have keys whose private half is public (RFC 2606 §2)', async () => {
  const names = [...(await committedKeys()).keys()];
  assert.equal(names.length, 5);
  for (const name of names) assert.match(name, /\.example$/);
});

/** SHA-256 of the reports of other projects: evidence is never edited. */
const REAL_REPORTS: Readonly<Record<string, string>> = {
  'google.eml': '4232a15b70f3f56267a071010b8f30dcfa99bff33e21a1c6c8c2416f311df6be',
  'mail.ru.json': 'd29bde9cf1730326a23f8cf69872553ddc502b805da962010f384549a30acdcf',
  'microsoft.eml': '0419890106e721fb3141f418d3aefd329c59dcbb59ea04cc66f14fd8340f703b',
  'mox-example.eml': '903979ec1d294f64b1609b32e696fee0f71b9d00cbfae2b6b9a12c41aa5c826c',
  'rfc8460-parsedmarc.json': '413b9b833661af6c4161a5198b59aff93fa7099da52fd421ee0f2f666b585cbe',
  'rpt01.eml': 'e321659867d03d504fc7a7fefce964b45367b2087180c54457621721b95885ed',
  'rpt02.eml': 'b3dc77a7c162f4ace34aa0bca90e0dda5c1e2407cb48d4c7c73707e02486057e',
  'rpt03.json': '01534e4ef668f79d809c69e340ed0d8dfeb42d5e3c343cb24581feaff9328e43',
  'smtp_tls.json': '88a2cd463ab43bcce21ca2dc8a51489ad08619e533fa970c2b26a690ea01ecff',
};

test('the real reports are unchanged, and NOTICE names each', async () => {
  const notice = await readFile(join(ROOT, 'NOTICE'), 'utf8');
  const found: Record<string, string> = {};
  for (const name of (await readdir(REAL)).sort()) {
    found[name] = createHash('sha256')
      .update(await readFile(join(REAL, name)))
      .digest('hex');
    assert.ok(notice.includes(` data/inbox/real/${name} `), `NOTICE does not name ${name}.`);
  }
  assert.deepEqual(found, REAL_REPORTS);
});

async function committedKeys(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(ROOT, 'domains/_dkim-keys.txt'), 'utf8');
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, string] => {
        const [, name, value] = /^(\S+) TXT "([^"]*)"$/.exec(line) ?? [];
        assert.ok(name !== undefined && value !== undefined, line);
        return [name, value];
      }),
  );
}

/** The mails of an mboxrd with CRLF: cut at separators, the empty line after each dropped, unquoted. */
function splitMbox(bytes: Buffer): Buffer[] {
  return bytes
    .toString('latin1')
    .split(/^From [^\r]*\r\n/m)
    .slice(1)
    .map((mail) => Buffer.from(mail.replace(/\r\n$/, '').replace(/^>(?=>*From )/gm, ''), 'latin1'));
}
