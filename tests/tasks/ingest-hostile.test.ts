import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { composeMail, newSigner, policyJson, reportJson, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { zipOf } from '../io/mail/zip.ts';
import { newWorld, type World } from './ingest-world.ts';

/* Anyone can write to the reporting mailbox: nothing that arrives may crash it, hold it up, fill it or hide a report. */

const worlds: World[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

function newPlace(): World {
  const world = newWorld([SENDER]);
  worlds.push(world);
  return world;
}

const SENDER = newSigner('sender.example');
const JSON_TEXT = JSON.stringify(reportJson());
const MB = 2 ** 20;
/** A bomb takes under a second on an idle machine; a busy one must not fail the test. */
const SOON_MS = 10_000;

/** What becomes of one thing, and that it is over soon. */
async function reasonOf(content: Uint8Array): Promise<string> {
  const world = newPlace();
  const path = world.put('thing', content);
  const start = performance.now();
  const result = await world.ingest({ paths: [path] });
  const took = performance.now() - start;
  assert.ok(took < SOON_MS, `${Math.round(took)} ms`);
  if (result.reports > 0) return 'stored';
  const [quarantined] = result.quarantined;
  return quarantined?.reason ?? Object.keys(result.other).join();
}

const inMail = (content: Uint8Array, type = 'application/tlsrpt+gzip') =>
  composeMail({ parts: [tlsrptPart({}, { content, type })] });

test('what unpacks to too much is stopped, wherever it is packed', async () => {
  const zeros = gzipSync(Buffer.alloc(60 * MB, 0x20));
  const members = Buffer.concat(Array.from({ length: 300 }, () => gzipSync(Buffer.alloc(MB, 0x20))));
  assert.equal(await reasonOf(zeros), 'bomb');
  assert.equal(await reasonOf(members), 'bomb');
  assert.equal(await reasonOf(inMail(zeros)), 'bomb');
  assert.equal(await reasonOf(inMail(zeros, 'application/octet-stream')), 'bomb');
  assert.equal(await reasonOf(zipOf([{ name: 'r.json', content: Buffer.alloc(60 * MB, 0x20) }])), 'bomb');
  assert.equal(await reasonOf(gzipSync(zeros)), 'bomb');
  const many = Array.from({ length: 20 }, (_, index) => ({
    name: `${index}.json`,
    content: Buffer.alloc(8 * MB, 0x20),
  }));
  assert.equal(await reasonOf(zipOf(many)), 'bomb');
});

test('a zip that lies about sizes, holds too many files, or is no zip', async () => {
  const content = Buffer.alloc(5 * MB, 0x20);
  assert.equal(await reasonOf(zipOf([{ name: 'r.json', content, claimedSize: 10 }])), 'zip-damaged');
  assert.equal(
    await reasonOf(zipOf([{ name: 'r.json', content: JSON_TEXT, claimedSize: JSON_TEXT.length + 1 }])),
    'zip-damaged',
  );
  const files = Array.from({ length: 2000 }, (_, index) => ({ name: `${index}`, content: '' }));
  assert.equal(await reasonOf(zipOf(files)), 'zip-entries');
  assert.equal(await reasonOf(Buffer.from('PK\x03\x04 and nothing else')), 'zip-damaged');
  assert.equal(await reasonOf(zipOf([{ name: 'a.txt', content: 'Hello.' }])), 'no-report');
  assert.equal(await reasonOf(zipOf([])), 'no-report');
});

test('one report among the junk of a zip is found', async () => {
  const members = [
    { name: 'a.txt', content: 'Hello.' },
    { name: '/abs/../x', content: JSON_TEXT },
    { name: 'dir/', content: '' },
  ];
  assert.equal(await reasonOf(zipOf(members)), 'stored');
});

test('JSON that is too deep, too long or too much', async () => {
  assert.equal(await reasonOf(Buffer.from(`${'['.repeat(2_000_000)}`)), 'too-deep');
  const deep = `{"date-range":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`;
  assert.equal(await reasonOf(inMail(Buffer.from(deep))), 'too-deep');
  const policies = `{"policies":[${Array.from({ length: 1_000_000 }, () => '{}').join()}],"date-range":{"start-datetime":"2026-11-18T00:00:00Z","end-datetime":"2026-11-18T23:59:59Z"}}`;
  assert.equal(await reasonOf(Buffer.from(policies)), 'too-many-values');
  assert.equal(await reasonOf(inMail(gzipSync(policies))), 'bomb');
  const some = policies.replace(/\{\}(,\{\})*/, Array(20_000).fill('{}').join());
  assert.equal(await reasonOf(Buffer.from(some)), 'too-many-policies');
});

test('a report of ten thousand policies and a hundred thousand details is read whole', async () => {
  const world = newPlace();
  const detail = { 'result-type': 'certificate-expired', 'failed-session-count': 1 };
  const policies = Array.from({ length: 10_000 }, () =>
    policyJson('example.com', { 'failure-details': Array(10).fill(detail) }),
  );
  world.put('r.json', JSON.stringify(reportJson({ policies })));
  assert.equal((await world.ingest()).reports, 1);
  const [row] = await world.rows(
    'count(*) OVER ()::INTEGER AS entries, sum(len(failure_details)) OVER ()::INTEGER AS details',
  );
  assert.deepEqual(row, { entries: 10_000, details: 100_000 });
});

test('half a million parts, a thousand nested ones, endless headers', async () => {
  const head =
    'From: a@b.example\r\nTLS-Report-Domain: example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';
  assert.equal(await reasonOf(Buffer.from(`${head}${'--b\r\n\r\n'.repeat(500_000)}--b--\r\n`)), 'mime-limits');
  let nested = head;
  for (let depth = 0; depth < 3000; depth += 1) {
    nested += `--b${depth === 0 ? '' : depth}\r\nContent-Type: multipart/mixed; boundary=b${depth + 1}\r\n\r\n`;
  }
  assert.equal(await reasonOf(Buffer.from(nested)), 'mime-limits');
  assert.equal(
    await reasonOf(Buffer.from(`From: a@b.example\r\nX: ${'y'.repeat(MB)}\r\n\r\nbody`)),
    'header-too-large',
  );
  assert.equal(
    await reasonOf(Buffer.from(`From: a@b.example\r\n${'X: y\r\n'.repeat(20_000)}\r\nbody`)),
    'header-too-large',
  );
  assert.equal(
    await reasonOf(Buffer.from(`From: a@b.example\r\nX: y\r\n${' \r\n'.repeat(100_000)}\r\nbody`)),
    'header-too-large',
  );
});

test('a thousand signatures over one mail', async () => {
  let mail = composeMail({ parts: [tlsrptPart(reportJson())] });
  const [signature] = (await signMail(mail, SENDER)).toString('latin1').split('From: ');
  mail = Buffer.concat([Buffer.from(String(signature).replace('d=sender.example', 'd=x.example').repeat(500)), mail]);
  assert.equal(await reasonOf(mail), 'stored');
});

test('files beyond their limit are quarantined without being read into memory', async () => {
  for (const [head, size, reason] of [
    ['From: a@b.example\r\nSubject: x\r\n\r\n', 26 * MB, 'too-large'],
    ['{"policies":', 51 * MB, 'too-large'],
    ['\x1f\x8b\x08', 11 * MB, 'too-large'],
    ['PK\x03\x04', 11 * MB, 'too-large'],
    ['plain text', 26 * MB, 'too-large'],
    ['{"policies":', 300 * MB, 'too-large'],
  ] as const) {
    const world = newPlace();
    const path = world.put('large', Buffer.from(head, 'latin1'));
    truncateSync(path, size);
    const result = await world.ingest({ paths: [path] });
    assert.deepEqual(
      result.quarantined.map((one) => one.reason),
      [reason],
    );
    const raw = [...world.tree().keys()].find((name) => name.endsWith('raw'));
    assert.equal(statSync(join(world.data, String(raw))).size, Math.min(size, 64 * MB));
  }
});

test('one mail too large in an mbox hides none of its neighbours', async () => {
  const world = newPlace();
  const line = 'From MAILER Thu Nov 19 03:00:00 2026\n';
  const mail = (id: string) =>
    composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': id }))] })
      .toString('latin1')
      .replaceAll('\r\n', '\n');
  const path = world.put('box', '');
  const fd = openSync(path, 'w');
  writeSync(fd, `${line}${mail('first')}\n`);
  for (const filler of ['no line end at all ', 'many lines\n']) {
    writeSync(fd, `${line}Subject: large\nFrom: a@b.example\n\n`);
    for (let written = 0; written < 30 * MB; written += MB) writeSync(fd, filler.repeat(Math.ceil(MB / filler.length)));
    writeSync(fd, `\n\n${line}${mail(filler)}\n`);
  }
  closeSync(fd);
  const result = await world.ingest();
  assert.deepEqual([result.messages, result.reports], [5, 3]);
  assert.deepEqual(
    result.quarantined.map(({ source, reason }) => [source, reason]),
    [
      ['inbox/box#2', 'too-large'],
      ['inbox/box#4', 'too-large'],
    ],
  );
  const before = world.tree();
  const again = await world.ingest();
  assert.deepEqual([again.duplicates, again.quarantined], [3, result.quarantined]);
  assert.deepEqual(world.tree(), before);
});

test('any bytes are stored, other or quarantined: nothing is thrown, nothing is lost', async () => {
  const valid = [
    Buffer.from(JSON_TEXT),
    gzipSync(JSON_TEXT),
    zipOf([{ name: 'r.json', content: JSON_TEXT }]),
    composeMail({ parts: [tlsrptPart(reportJson())] }),
    await signMail(composeMail({ parts: [tlsrptPart(reportJson())] }), SENDER),
    readFileSync(join(import.meta.dirname, '../fixtures/samples/microsoft.eml')),
  ];
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.string({ maxLength: 500 }).map((text) => new TextEncoder().encode(text)),
    // A valid thing with some bytes changed, cut off, doubled or put behind another.
    fc
      .tuple(
        fc.constantFrom(...valid),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        fc.nat(),
        fc.boolean(),
      )
      .map(([thing, changes, cut, twice]) => {
        const changed = Buffer.from(thing);
        for (const [at, value] of changes) changed[at % changed.length] = value;
        const part = changed.subarray(0, 1 + (cut % changed.length));
        return twice ? Buffer.concat([part, thing]) : part;
      }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 8 }), async (things) => {
      const world = newWorld([SENDER]);
      try {
        for (const [index, thing] of things.entries()) world.put(`${index}`, thing);
        const result = await world.ingest();
        assert.ok(result.messages >= things.length);
        const others = Object.values(result.other).reduce((sum, count) => sum + count, 0);
        const told = result.reports + result.duplicates + result.quarantined.length + others;
        assert.ok(told >= result.messages, `${told} of ${result.messages} are accounted for`);
        const again = await world.ingest();
        assert.equal(again.reports, 0);
      } finally {
        world.remove();
      }
    }),
    { numRuns: 60 },
  );
});
