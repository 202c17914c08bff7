import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openResolver } from '#scripts/io/dns/resolver.ts';
import { dnsKeys, type KeyAnswer, type KeyLookup, keyLookup, openDkimVerifier } from '#scripts/io/mail/dkim.ts';
import { instantOf } from '../store/stored-rows.ts';
import { startNameServer } from './name-server.ts';
import { composeMail, newSigner, reportJson, signMail, tlsrptPart } from './report-mail.ts';

const NOW = instantOf('2026-11-19T06:00:00Z');
const SIGNER = newSigner('sender.example');
const verifyDkim = (raw: Buffer, lookUp: KeyLookup, now: typeof NOW) => openDkimVerifier(lookUp, now)(raw);
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

test('one verifier for many mails: each key is looked up once, each mail judged on its own', async () => {
  const other = newSigner('other.example');
  const asked: string[] = [];
  const verify = openDkimVerifier(async (name) => {
    asked.push(name);
    return { records: [name === SIGNER.name ? SIGNER.record : other.record] };
  }, NOW);
  const mails = [await signMail(mail, SIGNER), await signMail(mail, other), await signMail(mail, SIGNER)];
  const changed = Buffer.from(String(mails[0]).replace('A report.', 'another'));
  const outcomes: unknown[] = [];
  for (const one of [...mails, changed]) outcomes.push((await verify(one)).map(({ outcome }) => outcome));
  assert.deepEqual(outcomes, [['verified'], ['verified'], ['verified'], ['broken']]);
  assert.deepEqual(asked, [SIGNER.name, other.name]);
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

test('keys of the file come first, and each other name is asked once', async () => {
  const asked: string[] = [];
  const ask = async (name: string): Promise<KeyAnswer> => {
    asked.push(name);
    return { records: name === 'b' ? ['from the DNS'] : [] };
  };
  const lookUp = keyLookup(new Map([['a', 'from the file']]), { ask, isAlive: async () => true });
  assert.deepEqual(await lookUp('a'), { records: ['from the file'] });
  assert.deepEqual(await lookUp('b'), { records: ['from the DNS'] });
  assert.deepEqual(await lookUp('b'), { records: ['from the DNS'] });
  assert.deepEqual(await lookUp('c'), { records: [] });
  assert.deepEqual(asked, ['b', 'c']);
});

test('a DNS that is dead is not asked for ever; names that only their own servers leave silent keep nobody else waiting', async () => {
  for (const alive of [false, true]) {
    const asked: string[] = [];
    const ask = async (name: string): Promise<KeyAnswer> => {
      asked.push(name);
      return { records: name === 'good' ? ['key'] : null };
    };
    const lookUp = keyLookup(new Map(), { ask, isAlive: async () => alive });
    for (let index = 0; index < 20; index += 1) assert.deepEqual(await lookUp(`silent${index}`), { records: null });
    assert.deepEqual(await lookUp('good'), { records: alive ? ['key'] : null });
    assert.equal(asked.length, alive ? 21 : 3);
  }
});

test('what the DNS says: records, none, or no answer', async () => {
  const long = `v=DKIM1; p=${'A'.repeat(400)}`;
  const server = await startNameServer((name) =>
    name === 'long.example' ? [long] : name === 'none.example' ? [] : name === 'gone.example' ? 'nxdomain' : 'servfail',
  );
  const keysOf = async (resolver: string) =>
    dnsKeys(await openResolver({ resolver }, { ca: null, patience: { udp: [200], tcp: 200 } }));
  try {
    const { ask, isAlive } = await keysOf(server.url);
    assert.deepEqual(await ask('long.example'), { records: [long] });
    assert.deepEqual(await ask('none.example'), { records: [] });
    assert.deepEqual(await ask('gone.example'), { records: [] });
    assert.deepEqual(await ask('broken.example'), { records: null });
    assert.equal(await isAlive(), false);
  } finally {
    server.close();
  }
  assert.deepEqual(await (await keysOf('udp://127.0.0.1:9')).ask('x.example'), { records: null });
});
