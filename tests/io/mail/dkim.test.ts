import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsTxt, type KeyAnswer, keyLookup, verifyDkim } from '#scripts/io/mail/dkim.ts';
import { instantOf } from '../store/stored-rows.ts';
import { startNameServer } from './name-server.ts';
import { composeMail, newSigner, reportJson, signMail, tlsrptPart } from './report-mail.ts';

const NOW = instantOf('2026-11-19T06:00:00Z');
const SIGNER = newSigner('sender.example');
const mail = composeMail({ parts: [tlsrptPart(reportJson())] });
const answering = (records: readonly string[] | null) => async (): Promise<KeyAnswer> => ({ records });

test('what a verifier finds of one signature', async () => {
  const signed = await signMail(mail, SIGNER);
  const cases: readonly (readonly [string, Buffer, readonly string[] | null])[] = [
    ['verified', signed, [SIGNER.record]],
    ['verified', signed, ['some other record', SIGNER.record]],
    ['broken', signed, [newSigner('sender.example').record]],
    ['broken', signed, ['v=DKIM1; k=ed25519; p=']],
    ['broken', signed, ['v=DKIM1; p=not base64!']],
    ['no-key', signed, []],
    ['no-answer', signed, null],
    ['broken', Buffer.from(signed.toString('latin1').replace('A report.', 'another'), 'latin1'), [SIGNER.record]],
  ];
  for (const [outcome, message, records] of cases) {
    const found = await verifyDkim(message, answering(records), NOW);
    assert.deepEqual([outcome, found.map((one) => one.outcome)], [outcome, [outcome]]);
  }
  assert.deepEqual(await verifyDkim(mail, answering([]), NOW), []);
});

test('every signature is judged, and at most ten keys are asked for', async () => {
  let signed = await signMail(mail, SIGNER);
  const asked: string[] = [];
  for (let index = 0; index < 20; index += 1) signed = await signMail(signed, newSigner(`d${index}.example`));
  const found = await verifyDkim(
    signed,
    async (name) => {
      asked.push(name);
      return { records: null };
    },
    NOW,
  );
  assert.equal(found.length, 21);
  assert.equal(asked.length, 10);
});

test('hostile names are not asked for', async () => {
  const signature = (domain: string) =>
    `DKIM-Signature: v=1; a=rsa-sha256; d=${domain}; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n`;
  for (const domain of ['a b.example', '../../x', 'x'.repeat(300), '*.example', 'ä.example']) {
    const asked: string[] = [];
    await verifyDkim(
      Buffer.from(`${signature(domain)}From: a@b.example\r\n\r\n`),
      async (name) => {
        asked.push(name);
        return { records: null };
      },
      NOW,
    );
    for (const name of asked) assert.match(name, /^[a-z0-9._-]{1,253}$/);
  }
});

test('keys of the file come first, each other name is asked once, and a silent DNS is not asked for ever', async () => {
  const asked: string[] = [];
  const lookUp = keyLookup(new Map([['a', 'from the file']]), async (name) => {
    asked.push(name);
    return { records: name === 'b' ? ['from the DNS'] : null };
  });
  assert.deepEqual(await lookUp('a'), { records: ['from the file'] });
  assert.deepEqual(await lookUp('b'), { records: ['from the DNS'] });
  assert.deepEqual(await lookUp('b'), { records: ['from the DNS'] });
  for (const name of ['c', 'd', 'e', 'f', 'g']) assert.deepEqual(await lookUp(name), { records: null });
  assert.deepEqual(asked, ['b', 'c', 'd', 'e']);
});

test('what the DNS says: records, none, or no answer', async () => {
  const long = `v=DKIM1; p=${'A'.repeat(400)}`;
  const server = await startNameServer((name) =>
    name === 'long.example' ? [long] : name === 'none.example' ? [] : name === 'gone.example' ? 'nxdomain' : 'servfail',
  );
  try {
    const ask = dnsTxt(server.url);
    assert.deepEqual(await ask('long.example'), { records: [long] });
    assert.deepEqual(await ask('none.example'), { records: [] });
    assert.deepEqual(await ask('gone.example'), { records: [] });
    assert.deepEqual(await ask('broken.example'), { records: null });
  } finally {
    server.close();
  }
  assert.deepEqual(await dnsTxt('udp://127.0.0.1:9')('x.example'), { records: null });
});
