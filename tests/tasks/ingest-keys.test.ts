import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decode } from 'dns-packet';
import { encodeReply } from '../fakes/dns/server.ts';
import { createPki } from '../fakes/pki.ts';
import { composeMail, newSigner, reportJson, type Signer, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { newWorld } from './ingest-world.ts';

/* Keys of signatures from DNS over HTTPS (network.resolver: https://…), through the whole of ingest. */

const PLAIN = newSigner('plain.example');
const LIMITED = newSigner('limited.example');
const GONE = newSigner('gone.example');
const SILENT = newSigner('silent.example');

const pki = createPki(Date.now());
const root = pki.certificate({ name: 'Root', ca: true });
const leaf = pki.certificate({ name: 'localhost', dns: ['localhost'], issuer: root });

const asked: string[] = [];
let isSilent = true;
const RECORDS: Readonly<Record<string, string>> = {
  [PLAIN.name]: PLAIN.record,
  [LIMITED.name]: `${LIMITED.record}; s=tlsrpt`,
};

const server = createSecureServer({ key: leaf.keyPem, cert: leaf.pem + root.pem });
server.on('request', (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const query = decode(Buffer.concat(chunks));
    const name = query.questions?.[0]?.name ?? '';
    asked.push(name);
    if (name === SILENT.name && isSilent) {
      response.writeHead(503).end();
      return;
    }
    const record = name === SILENT.name ? SILENT.record : RECORDS[name];
    const answer = { name, type: 'TXT', class: 'IN', ttl: 60, data: record?.match(/.{1,255}/g) ?? '' } as const;
    const reply = encodeReply(query, record === undefined ? { rcode: 3 } : { answers: [answer] });
    response.writeHead(200, { 'content-type': 'application/dns-message' }).end(Buffer.from(reply));
  });
});
const world = newWorld();
after(() => {
  server.close();
  world.remove();
});

async function put(signer: Signer): Promise<void> {
  const json = reportJson({ 'report-id': signer.domain, 'contact-info': `tls@${signer.domain}` });
  world.put(`${signer.domain}.eml`, await signMail(composeMail({ parts: [tlsrptPart(json)] }), signer));
}

test('over HTTPS: a key is a key, also one for tlsrpt alone; one that is gone and one nobody could ask for are told apart', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  writeFileSync(join(world.root, 'ca.pem'), root.pem);
  const network = `network:\n  resolver: https://localhost:${port}/dns-query\n  ca_file: ca.pem\n`;
  writeFileSync(
    join(world.root, 'domains/_settings.yaml'),
    `organisation: Test\nmailbox:\n  folder: inbox\n${network}`,
  );
  for (const signer of [PLAIN, LIMITED, GONE, SILENT]) await put(signer);

  const first = await world.ingest();
  assert.deepEqual([first.reports, first.unauthenticated], [4, 2]);
  assert.deepEqual(await world.rows('report_id, dkim'), [
    { report_id: 'gone.example', dkim: 'unverifiable' },
    { report_id: 'limited.example', dkim: 'pass' },
    { report_id: 'plain.example', dkim: 'pass' },
    { report_id: 'silent.example', dkim: 'temporary' },
  ]);
  for (const { name } of [PLAIN, LIMITED, GONE]) assert.equal(asked.filter((one) => one === name).length, 1, name);

  // Only what nobody could be asked for is tried again, and then it counts.
  asked.length = 0;
  isSilent = false;
  const later = await world.ingest();
  assert.deepEqual([later.reports, later.unauthenticated], [1, 0]);
  assert.deepEqual([...new Set(asked)], [SILENT.name]);
  const verdicts = (await world.rows('report_id, dkim')).filter((row) => row['report_id'] === 'silent.example');
  assert.deepEqual(
    verdicts.map(({ dkim }) => dkim),
    ['pass', 'temporary'],
  );
  assert.equal((await world.ingest()).reports, 0);
});
