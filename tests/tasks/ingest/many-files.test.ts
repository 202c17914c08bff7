import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { composeMail, newSigner, policyJson, reportJson, signMail, tlsrptPart } from '../../io/mail/report-mail.ts';
import { newWorld, type World } from '../ingest-world.ts';

/* Many files are read in two threads, few in one: what becomes of each is the same. */

const signer = newSigner('sender.example');
const worlds: World[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

const report = (id: string) => reportJson({ 'report-id': id, policies: [policyJson('example.com', {})], odd: [id] });

/** One of each kind, in an inbox with so many files that hold nothing. */
async function ingested(empty: number) {
  const world = newWorld([signer]);
  worlds.push(world);
  const mail = (id: string) => composeMail({ type: 'multipart/report', parts: [tlsrptPart(report(id))] });
  const signed = await signMail(mail('signed'), signer);
  world.put('a-gzip.json.gz', gzipSync(JSON.stringify(report('gzip'))));
  world.put('a-neighbour.json.gz', gzipSync(JSON.stringify(report('neighbour'))));
  world.put('broken.json.gz', gzipSync(JSON.stringify(report('cut off'))).subarray(0, 100));
  const junk = Buffer.from('junk');
  world.put('junk.json.gz', Buffer.concat([gzipSync(JSON.stringify(report('before junk'))), junk]));
  world.put('utf-16.json', Buffer.from(`\ufeff${JSON.stringify(report('UTF-16'))}`, 'utf16le'));
  world.put('named!example.net!1!2.json', JSON.stringify(report('plain')));
  world.put('not.json', '{"organization-name": NaN}');
  world.put('signed.eml', signed);
  world.put('unsigned.eml', mail('unsigned'));
  world.put('box.mbox', `From a@b Thu Nov 19 00:00:00 2026\n${signed.toString('latin1')}\n`);
  world.put('huge.bin', Buffer.alloc(26 * 2 ** 20, 'x'));
  world.put('page.html', '<html>no report</html>');
  mkdirSync(join(world.inbox, 'folder'));
  symlinkSync('/etc/hostname', join(world.inbox, 'folder/link'));
  for (let index = 0; index < empty; index += 1) world.put(`z/${index}`, '');
  const result = await world.ingest();
  return {
    ...result,
    messages: result.messages - empty,
    other: { ...result.other, empty: (result.other['empty'] ?? 0) - empty },
    rows: await world.rows('* EXCLUDE (received_order)'),
    kept: [...world.tree().keys()].filter((name) => name.startsWith('quarantine/')),
    again: (await world.ingest()).duplicates,
  };
}

test('the same is stored, set apart and counted, whichever way', async () => {
  const few = await ingested(0);
  const many = await ingested(1200);
  // Each world signs its own mail: only the digests of the mails differ.
  const plain = ({ rows, kept, ...rest }: typeof few) => ({ ...rest, rows: rows.length, kept: kept.length });
  assert.deepEqual(plain(many), plain(few));
  const files = ({ rows }: typeof few) => rows.filter(({ provenance }) => provenance === 'file');
  assert.deepEqual(files(many), files(few));
  assert.equal(few.reports, 7);
  assert.deepEqual(few.quarantined.map(({ reason }) => reason).sort(), [
    'gzip-rest',
    'gzip-truncated',
    'not-json',
    'not-json',
    'too-large',
  ]);
});
