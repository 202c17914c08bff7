import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startNameServer } from '../io/mail/name-server.ts';
import {
  composeMail,
  newSigner,
  policyJson,
  reportJson,
  type Signer,
  signMail,
  TLS_REPORT_HEADERS,
  tlsrptPart,
} from '../io/mail/report-mail.ts';
import { newWorld, type World } from './ingest-world.ts';

/* RFC 8460 §5.3 and the envelope vectors E01–E20 of the checklist: what arrives by mail is believed only when it is signed. */

const SENDER = newSigner('sender.example');
const worlds: World[] = [];
after(() => {
  for (const world of worlds) world.remove();
});

function worldWith(...signers: readonly Signer[]): World {
  const world = newWorld(signers);
  worlds.push(world);
  return world;
}

const report = (id: string, changes: Readonly<Record<string, unknown>> = {}) =>
  reportJson({ 'report-id': id, ...changes });
const reportMail = (id = 'r', changes: Readonly<Record<string, unknown>> = {}) =>
  composeMail({ parts: [tlsrptPart(report(id, changes))] });

/** What becomes of one mail: verdict, domain and reporter of its rows, and the counts. */
async function outcomeOf(mail: Buffer, ...signers: readonly Signer[]) {
  const world = worldWith(...signers);
  world.put('1.eml', mail);
  const { reports, unauthenticated, quarantined, other } = await world.ingest();
  const rows = reports === 0 ? [] : await world.rows('dkim, dkim_domain, dkim_selector, dkim_key, reporter, warnings');
  return { reports, unauthenticated, quarantined, other, rows };
}

async function verdictOf(mail: Buffer, ...signers: readonly Signer[]): Promise<unknown> {
  const { reports, rows, unauthenticated } = await outcomeOf(mail, ...signers);
  assert.equal(reports, 1);
  assert.equal(unauthenticated, rows[0]?.['dkim'] === 'pass' ? 0 : 1);
  return rows[0]?.['dkim'];
}

test('E01 a valid signature of the contact domain: believed, with the key that proved it', async () => {
  const { rows } = await outcomeOf(await signMail(reportMail(), SENDER), SENDER);
  assert.deepEqual(rows, [
    {
      dkim: 'pass',
      dkim_domain: 'sender.example',
      dkim_selector: 's1',
      dkim_key: SENDER.record.replaceAll(' ', ''),
      reporter: 'sender.example',
      warnings: [],
    },
  ]);
});

test('E02 no signature: kept, never believed', async () => {
  assert.equal(await verdictOf(reportMail(), SENDER), 'none');
});

test('E03 a signature over other bytes', async () => {
  const signed = (await signMail(reportMail(), SENDER)).toString('latin1');
  assert.equal(await verdictOf(Buffer.from(signed.replace('A report.', 'A rep0rt.'), 'latin1'), SENDER), 'fail');
  assert.equal(
    await verdictOf(Buffer.from(signed.replace('Subject: Report', 'Subject: A Report'), 'latin1'), SENDER),
    'fail',
  );
});

test('E04 a signature over only the beginning (l=) is refused (RFC 8460 §3)', async () => {
  const mail = reportMail();
  const length = mail.length - mail.indexOf('\r\n\r\n') - 4;
  for (const maxBodyLength of [length, 10]) {
    assert.equal(await verdictOf(await signMail(mail, SENDER, { maxBodyLength }), SENDER), 'fail');
  }
});

test('E05 a signature of somebody else: a forwarder, an impostor', async () => {
  const other = newSigner('forwarder.example');
  const { rows } = await outcomeOf(await signMail(reportMail(), other), other);
  assert.deepEqual([rows[0]?.['dkim'], rows[0]?.['reporter']], ['misaligned', 'forwarder.example']);
});

test('the body says who submits: an impostor is not aligned by a header of his own (RFC 8460 §5.6)', async () => {
  const impostor = newSigner('impostor.example');
  const headers = ['TLS-Report-Domain: example.com', 'TLS-Report-Submitter: impostor.example'];
  const mail = composeMail({ headers, parts: [tlsrptPart(report('r'))] });
  assert.equal(await verdictOf(await signMail(mail, impostor), impostor), 'misaligned');
});

test('without contact-info the TLS-Report-Submitter is the submitter', async () => {
  assert.equal(await verdictOf(await signMail(reportMail('r', { 'contact-info': null }), SENDER), SENDER), 'pass');
});

test('E06 aligned by organisational domain: corp.mail.ru for mail.ru, but not two customers of one suffix', async () => {
  const corp = newSigner('corp.mail.ru');
  assert.equal(await verdictOf(await signMail(reportMail('r', { 'contact-info': 'tls@mail.ru' }), corp), corp), 'pass');
  const neighbour = newSigner('b.co.uk');
  const mail = await signMail(reportMail('r', { 'contact-info': 'tls@a.co.uk' }), neighbour);
  assert.equal(await verdictOf(mail, neighbour), 'misaligned');
});

test('E07 E08 a key for tlsrpt alone, for anything, for mail, but not for something else', async () => {
  for (const [tags, verdict] of [
    ['v=DKIM1; k=ed25519; s=tlsrpt; ', 'pass'],
    ['v=DKIM1; s=email:tlsrpt; k=ed25519; ', 'pass'],
    ['v=DKIM1; s=tlsrpt:x ; k=ed25519; ', 'pass'],
    ['v=DKIM1; s=*; k=ed25519; ', 'pass'],
    ['v=DKIM1; s=email; k=ed25519; ', 'pass'],
    ['k=ed25519; ', 'pass'],
    ['v=DKIM1; s=calendar; k=ed25519; ', 'fail'],
  ] as const) {
    const signer = newSigner('sender.example', tags);
    assert.deepEqual([tags, await verdictOf(await signMail(reportMail(), signer), signer)], [tags, verdict]);
  }
});

test('E09 a signature expires (x=) by the clock of the ingest', async () => {
  const signed = await signMail(reportMail(), SENDER, { expires: 7 * 86_400 });
  const world = worldWith(SENDER);
  world.put('1.eml', signed);
  await world.ingest({ now: '2026-11-26T03:00:01Z' });
  assert.deepEqual(await world.rows('dkim'), [{ dkim: 'fail' }]);
  assert.equal(await verdictOf(signed, SENDER), 'pass');
});

test('E10 the body names the policy domain; a header that differs is marked, one that fills a gap is used', async () => {
  const headers = ['TLS-Report-Domain: example.net', 'TLS-Report-Submitter: sender.example'];
  const world = worldWith(SENDER);
  const domainless = policyJson('', { policy: { 'policy-type': 'no-policy-found' } });
  world.put('1.eml', await signMail(composeMail({ headers, parts: [tlsrptPart(report('a'))] }), SENDER));
  world.put(
    '2.eml',
    await signMail(composeMail({ headers, parts: [tlsrptPart(report('b', { policies: [domainless] }))] }), SENDER),
  );
  world.put(
    '3.eml',
    await signMail(composeMail({ headers: [], parts: [tlsrptPart(report('c', { policies: [domainless] }))] }), SENDER),
  );
  const result = await world.ingest();
  assert.deepEqual([result.reports, result.foreign, result.unauthenticated], [3, 0, 0]);
  const rows = await world.rows('report_id, policy_domain, policy_domain_from, report_domain, warnings');
  assert.deepEqual(
    rows.map(({ report_id, policy_domain, policy_domain_from, report_domain }) => [
      report_id,
      policy_domain,
      policy_domain_from,
      report_domain,
    ]),
    [
      ['a', 'example.com', 'report', 'example.net'],
      ['b', 'example.net', 'header', 'example.net'],
      ['c', 'example.com', 'filename', 'example.com'],
    ],
  );
  assert.deepEqual(rows[0]?.['warnings'], ['differs:header-domain']);
});

test('E11 several reports in one mail', async () => {
  const parts = [tlsrptPart(report('a')), tlsrptPart(report('b')), tlsrptPart(report('a'))];
  const world = worldWith(SENDER);
  world.put('1.eml', await signMail(composeMail({ parts }), SENDER));
  const result = await world.ingest();
  assert.deepEqual([result.reports, result.duplicates, result.unauthenticated], [2, 0, 0]);
  assert.deepEqual(await world.rows('report_id, source_reports'), [
    { report_id: 'a', source_reports: 2 },
    { report_id: 'b', source_reports: 2 },
  ]);
  assert.equal((await world.ingest()).duplicates, 2);
});

test('E12 E13 the content of a part decides, not its type or name', async () => {
  const json = Buffer.from(JSON.stringify(report('r')));
  const gzip = gzipSync(json);
  for (const part of [
    { type: 'application/gzip', name: 'x.json.gz', content: gzip },
    { type: 'application/octet-stream', content: gzip },
    { type: 'application/x-whatever', name: 'noname', content: gzip },
    { type: 'application/tlsrpt+gzip', content: json },
    { type: 'application/tlsrpt', content: json },
    { type: 'text/plain; charset=utf-8', content: json },
    { type: 'application/json', content: json, encoding: '7bit' },
    { type: 'image/png', name: 'logo.png', content: gzip },
  ] as const) {
    const { reports, quarantined } = await outcomeOf(
      composeMail({ headers: [], type: 'multipart/mixed', parts: [part] }),
    );
    assert.deepEqual([part.type, reports, quarantined], [part.type, 1, []]);
  }
});

test('a mail that is only a report, without multipart', async () => {
  const headers = [
    'From: a@sender.example',
    'Subject: x',
    'MIME-Version: 1.0',
    'Content-Type: application/tlsrpt+gzip',
  ];
  const body = gzipSync(JSON.stringify(report('r'))).toString('base64');
  const mail = Buffer.from([...headers, 'Content-Transfer-Encoding: base64', '', body, ''].join('\r\n'));
  assert.equal(await verdictOf(await signMail(mail, SENDER), SENDER), 'pass');
});

test('E14 in a forwarded mail the inner signature counts, not that of the forwarder', async () => {
  const forwarder = newSigner('forwarder.example');
  const forward = (inner: Buffer) =>
    signMail(
      composeMail({
        headers: [],
        type: 'multipart/mixed',
        parts: [{ type: 'message/rfc822', content: inner, encoding: '7bit' }],
      }),
      forwarder,
    );
  const signed = await signMail(reportMail(), SENDER);
  assert.equal(await verdictOf(await forward(signed), SENDER, forwarder), 'pass');
  assert.equal(await verdictOf(await forward(await forward(signed)), SENDER, forwarder), 'pass');
  assert.equal(await verdictOf(await forward(reportMail()), SENDER, forwarder), 'none');
  const attached = composeMail({
    headers: [],
    type: 'multipart/mixed',
    parts: [{ type: 'application/octet-stream', name: 'report.eml', content: signed }],
  });
  assert.equal(await verdictOf(attached, SENDER), 'pass');
});

test('mail within too many mails is quarantined', async () => {
  let mail = reportMail();
  for (let depth = 0; depth < 5; depth += 1) {
    mail = composeMail({
      headers: [],
      type: 'multipart/mixed',
      parts: [{ type: 'message/rfc822', content: mail, encoding: '7bit' }],
    });
  }
  const { reports, quarantined } = await outcomeOf(mail);
  assert.deepEqual([reports, quarantined.map(({ reason }) => reason)], [0, ['nested']]);
});

test('E15 file names are only read for what they say', async () => {
  for (const name of [
    '../../../../tmp/evil.json.gz',
    '=?utf-8?q?sender.example!example.com!1!2.json.gz?=',
    'sender.example!../../etc!1!2.json.gz',
    'x'.repeat(5000),
    '\u202egz.nosj',
  ]) {
    const { reports } = await outcomeOf(composeMail({ headers: [], parts: [tlsrptPart(report('r'), { name })] }));
    assert.equal(reports, 1, name.slice(0, 50));
  }
});

test('E16 the same mail to two addresses is one report', async () => {
  const signed = await signMail(reportMail(), SENDER);
  const world = worldWith(SENDER);
  world.put('1.eml', Buffer.concat([Buffer.from('Delivered-To: a@organisation.example\r\n'), signed]));
  world.put('2.eml', Buffer.concat([Buffer.from('Delivered-To: b@organisation.example\r\n'), signed]));
  const result = await world.ingest();
  assert.deepEqual([result.reports, result.duplicates, result.conflicts], [1, 1, 0]);
});

test('E17 the same report-id of another reporter is another report', async () => {
  const other = newSigner('other.example');
  const world = worldWith(SENDER, other);
  world.put('1.eml', await signMail(reportMail('same'), SENDER));
  world.put('2.eml', await signMail(reportMail('same', { 'contact-info': 'tls@other.example' }), other));
  const result = await world.ingest();
  assert.deepEqual([result.reports, result.conflicts], [2, 0]);
});

test('an unsigned copy that came first does not swallow the signed report, and does not come back', async () => {
  const world = worldWith(SENDER);
  world.put('1.eml', reportMail());
  assert.deepEqual((await world.ingest()).unauthenticated, 1);
  world.put('2.eml', await signMail(reportMail(), SENDER));
  const second = await world.ingest();
  assert.deepEqual([second.reports, second.duplicates, second.unauthenticated], [1, 1, 0]);
  world.put('3.eml', Buffer.concat([Buffer.from('X-Copy: 1\r\n'), reportMail()]));
  const third = await world.ingest();
  assert.deepEqual([third.reports, third.duplicates, third.conflicts], [0, 3, 0]);
  assert.deepEqual(await world.rows('dkim'), [{ dkim: 'none' }, { dkim: 'pass' }]);
});

test('a forged report under the id of a signed one is stored apart, and is no conflict', async () => {
  const world = worldWith(SENDER);
  world.put('1.eml', await signMail(reportMail('r'), SENDER));
  world.put('2.eml', reportMail('r', { policies: [policyJson('example.com', { summary: {} })] }));
  const result = await world.ingest();
  assert.deepEqual([result.reports, result.unauthenticated, result.conflicts], [2, 1, 0]);
});

test('E19 other mail is counted by its class, not quarantined', async () => {
  const xml = '<?xml version="1.0"?><feedback><report_metadata/></feedback>';
  const cases: readonly (readonly [string, Buffer])[] = [
    ['mail', composeMail({ headers: [], type: 'multipart/mixed', parts: [] })],
    [
      'mail',
      composeMail({
        headers: [],
        type: 'multipart/mixed',
        parts: [{ type: 'application/json', content: Buffer.from('{"a":1}') }],
      }),
    ],
    ['auto-reply', composeMail({ headers: ['Auto-Submitted: auto-replied'], type: 'multipart/mixed', parts: [] })],
    [
      'bounce',
      composeMail({
        headers: [],
        type: 'multipart/report; report-type=delivery-status',
        parts: [
          { type: 'message/delivery-status', content: Buffer.from('Reporting-MTA: dns; x\r\n'), encoding: '7bit' },
        ],
      }),
    ],
    [
      'dmarc-report',
      composeMail({
        headers: [],
        type: 'multipart/mixed',
        parts: [{ type: 'application/gzip', name: 'a!b!1!2.xml.gz', content: gzipSync(xml) }],
      }),
    ],
    [
      'dmarc-report',
      composeMail({
        headers: [],
        type: 'multipart/mixed',
        parts: [{ type: 'application/octet-stream', content: gzipSync(xml) }],
      }),
    ],
    ['abuse-report', composeMail({ headers: [], type: 'multipart/report; report-type=feedback-report', parts: [] })],
  ];
  for (const [kind, mail] of cases) {
    const { reports, quarantined, other } = await outcomeOf(mail);
    assert.deepEqual([kind, reports, quarantined, other], [kind, 0, [], { [kind]: 1 }]);
  }
});

test('a mail that announces a report and holds none, or a broken one, is quarantined', async () => {
  const cases: readonly (readonly [string, Buffer])[] = [
    ['no-report-part', composeMail({ parts: [] })],
    ['no-report-part', composeMail({ headers: TLS_REPORT_HEADERS, type: 'multipart/mixed', parts: [] })],
    ['not-json', composeMail({ parts: [tlsrptPart({}, { content: Buffer.from('garbage') })] })],
    [
      'gzip-truncated',
      composeMail({ parts: [tlsrptPart({}, { content: gzipSync(JSON.stringify(report('r'))).subarray(0, 60) })] }),
    ],
  ];
  for (const [reason, mail] of cases) {
    const { reports, quarantined, other } = await outcomeOf(mail);
    assert.deepEqual([reports, quarantined.map((one) => one.reason), other], [0, [reason], {}]);
  }
});

test('what can be read of a mail is stored, also when another part of it cannot', async () => {
  const broken = tlsrptPart({}, { content: Buffer.from('garbage') });
  const world = worldWith(SENDER);
  world.put('1.eml', await signMail(composeMail({ parts: [broken, tlsrptPart(report('r'))] }), SENDER));
  const first = await world.ingest();
  assert.deepEqual([first.reports, first.quarantined.length, first.unauthenticated], [1, 1, 0]);
  const before = world.tree();
  const second = await world.ingest();
  assert.deepEqual([second.reports, second.duplicates, second.quarantined.length], [0, 1, 1]);
  assert.deepEqual(world.tree(), before);
});

test('E20 a report on an older policy is a report like any other', async () => {
  assert.equal(
    await verdictOf(await signMail(reportMail('r', { policies: [policyJson('example.com')] }), SENDER), SENDER),
    'pass',
  );
});

test('mbox: signatures survive the line ends and the quoting of From lines', async () => {
  const world = worldWith(SENDER);
  const parts = [
    {
      type: 'text/plain',
      content: Buffer.from('From here on\r\n>From there\r\n\r\nFrom me'),
      encoding: '7bit' as const,
    },
  ];
  const mails = await Promise.all(
    ['a', 'b', 'c'].map((id) => signMail(composeMail({ parts: [...parts, tlsrptPart(report(id))] }), SENDER)),
  );
  const quoted = mails.map((mail) =>
    mail
      .toString('latin1')
      .replaceAll('\r\n', '\n')
      .replace(/^(>*From )/gm, '>$1'),
  );
  // The header field "From:" is not a "From " line.
  world.put('box', quoted.map((mail) => `From MAILER-DAEMON Thu Nov 19 03:00:00 2026\n${mail}\n`).join(''));
  const result = await world.ingest();
  assert.deepEqual([result.messages, result.reports, result.unauthenticated], [3, 3, 0]);
});

test('a name server that does not answer condemns nobody: the mail is read again later', async () => {
  const world = worldWith();
  world.put('1.eml', await signMail(reportMail(), SENDER));
  const first = await world.ingest();
  assert.deepEqual([first.reports, first.unauthenticated], [1, 1]);
  assert.deepEqual(await world.rows('dkim'), [{ dkim: 'temporary' }]);
  const before = world.tree();
  const again = await world.ingest();
  assert.deepEqual([again.reports, again.duplicates], [0, 1]);
  assert.deepEqual(world.tree(), before);
  writeFileSync(join(world.root, 'keys.txt'), `${SENDER.name} ${SENDER.record}\n`);
  assert.equal((await world.ingest()).reports, 1);
  assert.deepEqual(await world.rows('dkim'), [{ dkim: 'pass' }, { dkim: 'temporary' }]);
  assert.equal((await world.ingest()).reports, 0);
});

test('a key that is gone from the DNS is its own class; keys come from the DNS when the file has none', async () => {
  const gone = newSigner('gone.example');
  const server = await startNameServer((name) => (name === SENDER.name ? [SENDER.record] : 'nxdomain'));
  try {
    const world = worldWith();
    const settings = `organisation: Test\nmailbox: {folder: inbox}\nnetwork: {resolver: '${server.url}'}\n`;
    writeFileSync(join(world.root, 'domains/_settings.yaml'), settings);
    world.put('1.eml', await signMail(reportMail('a'), SENDER));
    world.put('2.eml', await signMail(reportMail('b', { 'contact-info': 'tls@gone.example' }), gone));
    world.put('3.eml', await signMail(reportMail('c'), SENDER));
    await world.ingest();
    assert.deepEqual(await world.rows('report_id, dkim'), [
      { report_id: 'a', dkim: 'pass' },
      { report_id: 'b', dkim: 'unverifiable' },
      { report_id: 'c', dkim: 'pass' },
    ]);
    assert.deepEqual(server.asked, [SENDER.name, gone.name], 'each name is asked once');
  } finally {
    server.close();
  }
});

test('nothing is asked for a domain that is not ours; when it becomes ours, its mail is looked at again', async () => {
  const server = await startNameServer(() => [SENDER.record]);
  try {
    const world = worldWith();
    const settings = `organisation: Test\nmailbox: {folder: inbox}\nnetwork: {resolver: '${server.url}'}\n`;
    writeFileSync(join(world.root, 'domains/_settings.yaml'), settings);
    world.put('1.eml', await signMail(reportMail('r', { policies: [policyJson('example.org')] }), SENDER));
    const first = await world.ingest();
    assert.deepEqual([first.reports, first.foreign, first.unauthenticated], [1, 1, 0]);
    assert.deepEqual(await world.rows('dkim'), [{ dkim: 'unchecked' }]);
    assert.deepEqual(server.asked, []);
    assert.equal((await world.ingest()).duplicates, 1);
    writeFileSync(
      join(world.root, 'domains/example.org.yaml'),
      'mode: testing\nmx: [mx1.example.org]\nrua: ["mailto:a@organisation.example"]\n',
    );
    const later = await world.ingest();
    assert.deepEqual([later.reports, later.foreign, later.unauthenticated], [1, 0, 0]);
    assert.deepEqual(await world.rows('dkim'), [{ dkim: 'pass' }, { dkim: 'unchecked' }]);
  } finally {
    server.close();
  }
});
