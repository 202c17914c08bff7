import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { composeMail, newSigner, reportJson, signMail, tlsrptPart, uuencode } from '../io/mail/report-mail.ts';
import { newWorld, type World } from './ingest-world.ts';

/* What RFC 8460 §4.4 and §5 do not know and may be sent all the same: several reports in one text, UTF-16, uuencoded files. */

const signer = newSigner('sender.example');
const worlds: World[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

const report = (id: string) => reportJson({ 'report-id': id });
const texts = (...ids: readonly string[]) => ids.map((id) => JSON.stringify(report(id)));
const list = (...ids: readonly string[]) => `[${texts(...ids).join(',\n')}]`;
const lines = (...ids: readonly string[]) => texts(...ids).join('\n');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

async function ingested(name: string, content: Uint8Array | string) {
  const world = newWorld([signer]);
  worlds.push(world);
  world.put(name, content);
  const result = await world.ingest();
  const rows = result.reports === 0 ? [] : await world.rows('report_id, warnings, strict, dkim, provenance');
  const before = world.tree();
  const again = await world.ingest();
  assert.deepEqual([again.reports, again.duplicates, again.quarantined], [0, result.reports, result.quarantined]);
  assert.deepEqual(world.tree(), before, 'twice changes nothing');
  return { ...result, rows, world };
}

const FILES: readonly (readonly [string, string, Uint8Array | string, readonly string[]])[] = [
  ['a list', 'list.json', list('a', 'b', 'c'), ['several:list']],
  ['JSON lines, packed', 'lines.json.gz', gzipSync(lines('a', 'b', 'c')), ['several:lines']],
  [
    'a text sequence (RFC 7464)',
    'seq.json',
    texts('a', 'b', 'c')
      .map((text) => `\x1e${text}\n`)
      .join(''),
    ['several:lines'],
  ],
  ['UTF-16 without a mark', 'utf16.json', Buffer.from(list('a', 'b', 'c'), 'utf16le'), ['several:list', 'utf-16']],
  ['UTF-16BE lines', 'utf16be.json', utf16be(`\ufeff${lines('a', 'b', 'c')}`), ['several:lines', 'utf-16']],
];

for (const [title, name, content, warnings] of FILES) {
  test(`${title}: each report is stored, the repair is told and counted for its reporter`, async () => {
    const { rows, reports, quarantined, warnings: counted, warnings_by_reporter } = await ingested(name, content);
    assert.deepEqual([reports, quarantined], [3, []]);
    const same = { warnings, strict: false, dkim: 'unchecked', provenance: 'file' };
    assert.deepEqual(
      rows,
      ['a', 'b', 'c'].map((report_id) => ({ report_id, ...same })),
    );
    const each = Object.fromEntries(warnings.map((warning) => [warning.split(':')[0], 3]));
    assert.deepEqual([counted, warnings_by_reporter], [each, { 'sender.example': each }]);
  });
}

test('one of several that cannot be read: the others are stored, and all bytes are kept', async () => {
  const text = `${lines('a', 'b')}\n{"organization-name": "cut`;
  const { rows, quarantined, world } = await ingested('cut.json', text);
  assert.deepEqual([rows.length, quarantined.map(({ reason }) => reason)], [2, ['not-json']]);
  const [kept] = [...world.tree().keys()].filter((path) => path.startsWith('quarantine/') && !path.endsWith('.json'));
  assert.equal(readFileSync(`${world.data}/${kept}`, 'utf8'), text);
  const mixed = await ingested('mixed.json', `[${texts('a').join()}, "no report", ${texts('b').join()}]`);
  assert.deepEqual([mixed.reports, mixed.quarantined.map(({ reason }) => reason)], [2, ['not-a-report']]);
});

test('too many in one text: the first are stored, and all bytes are kept', async () => {
  const many = Array.from({ length: 1001 }, (_, index) => `r${index}`);
  const { reports, quarantined } = await ingested('many.json', lines(...many));
  assert.deepEqual([reports, quarantined.map(({ reason }) => reason)], [1000, ['too-many-reports']]);
});

test('in signed mail every one of several is believed; in a part that says nothing of TLS reports, too', async () => {
  const parts = [
    tlsrptPart({}, { content: gzipSync(list('a', 'b')) }),
    { type: 'application/json', name: 'more.json', content: utf16be(lines('c', 'd')) },
  ];
  const { rows } = await ingested('1.eml', await signMail(composeMail({ parts }), signer));
  assert.deepEqual(
    rows.map(({ report_id, dkim, warnings }) => [report_id, dkim, warnings]),
    [
      ['a', 'pass', ['several:list']],
      ['b', 'pass', ['several:list']],
      ['c', 'pass', ['several:lines', 'utf-16']],
      ['d', 'pass', ['several:lines', 'utf-16']],
    ],
  );
});

test('a file that stands uuencoded in the text of a mail without MIME', async () => {
  const file = uuencode(
    'sender.example!example.com!1795219200!1795305599.json.gz',
    gzipSync(JSON.stringify(report('uu'))),
  );
  const mail = `From: tls@sender.example\nTo: tls@organisation.example\nSubject: report\n\nHello,\nthis is yours.\n\n${file}\nBye\n`;
  const { rows, quarantined, warnings } = await ingested(
    'uu.eml',
    await signMail(Buffer.from(mail.replaceAll('\n', '\r\n')), signer),
  );
  assert.deepEqual([quarantined, warnings], [[], { uuencoded: 1 }]);
  assert.deepEqual(rows, [
    { report_id: 'uu', warnings: ['uuencoded'], strict: false, dkim: 'pass', provenance: 'mail' },
  ]);
  const cut = mail.slice(0, mail.indexOf('begin 644') + 200);
  const damaged = await ingested('cut.eml', cut);
  assert.deepEqual([damaged.reports, damaged.quarantined.map(({ reason }) => reason)], [0, ['gzip-truncated']]);
});
