import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PosternError } from '#scripts/core/failure.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { composeMail, policyJson, reportJson, tlsrptPart } from '../io/mail/report-mail.ts';
import { zipOf } from '../io/mail/zip.ts';
import { instantOf } from '../io/store/stored-rows.ts';
import { NOW, newWorld, type World } from './ingest-world.ts';

interface Vector {
  readonly id: string;
  readonly input: string;
  readonly body_base64: string;
  readonly outcome: 'accept' | 'quarantine';
  readonly reason?: string;
  readonly warnings?: readonly string[];
}

const fixtures = join(import.meta.dirname, '../fixtures');
const VECTORS: readonly Vector[] = JSON.parse(readFileSync(join(fixtures, 'vectors/tls-rpt-report.json'), 'utf8'));

/** The JSON of a vector; J02 is packed. */
function contentOf(id: string, base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  return (id === 'J02' ? gunzipSync(bytes) : bytes).toString('latin1');
}

async function inWorld(run: (world: World) => Promise<void>): Promise<void> {
  const world = newWorld();
  try {
    await run(world);
  } finally {
    world.remove();
  }
}

test('every report vector is stored or quarantined as the reference says', async () => {
  for (const vector of VECTORS) {
    await inWorld(async (world) => {
      const path = world.put('whatever.bin', Buffer.from(vector.body_base64, 'base64'));
      const result = await world.ingest({ paths: [path] });
      assert.equal(result.messages, 1, vector.id);
      if (vector.outcome === 'accept') {
        assert.deepEqual([vector.id, result.reports, result.quarantined], [vector.id, 1, []]);
        const [row] = await world.rows('provenance, dkim, schema_version');
        assert.deepEqual(row, { provenance: 'file', dkim: 'unchecked', schema_version: 2 }, vector.id);
        assert.equal(Object.keys(result.warnings).length > 0, (vector.warnings ?? []).length > 0, vector.id);
      } else {
        assert.deepEqual(result.quarantined, [{ source: 'inbox/whatever.bin', reason: vector.reason }], vector.id);
        assert.equal(result.reports, 0, vector.id);
      }
    });
  }
});

test('all vectors at once: what cannot be read stops nothing', () =>
  inWorld(async (world) => {
    for (const { id, body_base64 } of VECTORS) world.put(`${id}.json`, Buffer.from(body_base64, 'base64'));
    const result = await world.ingest();
    const accepted = VECTORS.filter(({ outcome }) => outcome === 'accept');
    const contents = new Set(accepted.map(({ id, body_base64 }) => contentOf(id, body_base64)));
    assert.equal(result.messages, VECTORS.length);
    assert.equal(result.quarantined.length, VECTORS.length - accepted.length);
    assert.equal(result.reports, contents.size);
    assert.equal(result.duplicates, accepted.length - contents.size);
    // Most of them share one report-id and range, and so one identity.
    assert.ok(result.conflicts > 20, `${result.conflicts} conflicts`);
    // J16 has no entries, J19 no policy domain, J51 names an MX host, J52 another domain.
    assert.equal(result.foreign, 4);
  }));

test('every published sample is stored', () =>
  inWorld(async (world) => {
    const samples = readdirSync(join(fixtures, 'samples')).filter((name) => !name.endsWith('.md'));
    for (const name of samples) copyFileSync(join(fixtures, 'samples', name), join(world.inbox, name));
    const result = await world.ingest({ now: '2026-11-21T06:00:00Z' });
    assert.equal(samples.length, 9);
    assert.equal(result.messages, samples.length);
    assert.equal(result.reports, samples.length);
    assert.deepEqual(result.quarantined, []);
    assert.deepEqual(result.other, {});
    const rows = await world.rows(
      'DISTINCT organization_name, provenance, dkim, day::VARCHAR AS day, report_id, report_sha256, policy_index',
    );
    const of = (name: string) => rows.filter((row) => row['organization_name'] === name);
    assert.equal(of('Microsoft Corporation')[0]?.['provenance'], 'mail');
    assert.equal(of('Mail.ru')[0]?.['provenance'], 'file');
    assert.equal(of('Mail.ru')[0]?.['day'], '2024-02-22');
  }));

test('a row for each policy entry, with everything the report said', () =>
  inWorld(async (world) => {
    const details = [
      {
        'result-type': 'certificate-expired',
        'sending-mta-ip': '192.0.2.1',
        'receiving-ip': '2001:db8::1',
        'receiving-mx-hostname': 'mx1.example.com',
        'failed-session-count': 2,
        'x-detail': [1],
      },
      { 'result-type': 'quic-failed', 'failed-session-count': 1, 'failure-reason-code': 'a "reason"' },
    ];
    const summary = { 'total-successful-session-count': 9007199254740991, 'total-failure-session-count': 3 };
    const json = reportJson({
      'x-unknown': { deep: true },
      policies: [
        policyJson('example.com', { summary, 'failure-details': details }),
        { policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'example.net' }, summary },
      ],
    });
    const path = world.put('r.json', JSON.stringify(json));
    await world.ingest({ paths: [path] });
    const [first, second, ...more] = await world.rows('*');
    assert.ok(first && second && more.length === 0);
    assert.match(String(first['report_sha256']), /^[0-9a-f]{64}$/);
    assert.notEqual(first['report_sha256'], first['report_key']);
    assert.equal(first['source_sha256'], first['report_sha256'], 'an unpacked file is its own source');
    const { report_sha256, source_sha256, report_key, ...stored } = first;
    assert.deepEqual(stored, {
      schema_version: 2,
      source_reports: 1,
      received_at: '2026-11-19 06:00:00+00',
      received_order: 1,
      provenance: 'file',
      dkim: 'unchecked',
      dkim_domain: null,
      dkim_selector: null,
      dkim_key: null,
      reporter: 'sender.example',
      organization_name: 'Sender Example',
      contact_info: 'tls@sender.example',
      report_id: '2026-11-18_example.com',
      start_at: '2026-11-18 00:00:00+00',
      end_at: '2026-11-18 23:59:59+00',
      day: '2026-11-18',
      report_domain: null,
      policy_index: 0,
      policy_type: 'sts',
      policy_type_raw: null,
      policy_domain: 'example.com',
      policy_domain_from: 'report',
      policy_string: ['version: STSv1', 'mode: enforce', 'mx: mx1.example.com', 'max_age: 604800'],
      mx_host: ['mx1.example.com'],
      successful_sessions: '9007199254740991',
      failed_sessions: '3',
      failed_derived: false,
      failure_details: [
        {
          result_type: 'certificate-expired',
          result_type_raw: null,
          failed_sessions: '2',
          sending_mta_ip: '192.0.2.1',
          receiving_ip: '2001:db8::1',
          receiving_mx_hostname: 'mx1.example.com',
          receiving_mx_helo: null,
          additional_information: null,
          failure_reason_code: null,
        },
        {
          result_type: 'other',
          result_type_raw: 'quic-failed',
          failed_sessions: '1',
          sending_mta_ip: null,
          receiving_ip: null,
          receiving_mx_hostname: null,
          receiving_mx_helo: null,
          additional_information: null,
          failure_reason_code: 'a "reason"',
        },
      ],
      warnings: stored['warnings'],
      extra: '{"report":{"x-unknown":{"deep":true}},"failure-details":[{"x-detail":[1]},null]}',
      strict: false,
    });
    assert.deepEqual(
      [
        second['policy_index'],
        second['policy_type'],
        second['policy_domain'],
        second['failure_details'],
        second['extra'],
      ],
      [1, 'no-policy-found', 'example.net', [], null],
    );
  }));

test('content decides what a file is, not its name', () =>
  inWorld(async (world) => {
    const json = (id: string) => JSON.stringify(reportJson({ 'report-id': id }));
    world.put('a.zip', gzipSync(json('gzip')));
    world.put('b.json', zipOf([{ name: '../../etc/passwd', content: json('zip') }]));
    world.put('c.gz', json('json'));
    world.put('d.txt', composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': 'mail' }))] }));
    world.put('e.json', Buffer.concat([gzipSync(json('members').slice(0, 100)), gzipSync(json('members').slice(100))]));
    world.put(
      'f',
      zipOf([
        { name: 'r.json.gz', content: gzipSync(json('gzip in zip')) },
        { name: 'README', content: 'Hello.' },
      ]),
    );
    world.put(
      'g.eml',
      `From MAILER Thu Nov 19 03:00:00 2026\n${composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': 'mbox' }))] })
        .toString('latin1')
        .replaceAll('\r\n', '\n')}`,
    );
    const result = await world.ingest();
    assert.deepEqual([result.messages, result.reports, result.quarantined], [7, 7, []]);
    const rows = await world.rows('report_id, provenance');
    assert.deepEqual(Object.fromEntries(rows.map(({ report_id, provenance }) => [report_id, provenance])), {
      gzip: 'file',
      'gzip in zip': 'file',
      json: 'file',
      mail: 'mail',
      mbox: 'mail',
      members: 'file',
      zip: 'file',
    });
  }));

test('folders are read recursively, without dot files and without following links', () =>
  inWorld(async (world) => {
    const json = (id: string) => JSON.stringify(reportJson({ 'report-id': id }));
    world.put('z/y/x/deep.json', json('deep'));
    world.put('.hidden.json', json('hidden'));
    world.put('.git/objects.json', json('hidden folder'));
    writeFileSync(join(world.root, 'outside.json'), json('outside'));
    symlinkSync(join(world.root, 'outside.json'), join(world.inbox, 'link.json'));
    symlinkSync('/', join(world.inbox, 'root'));
    const result = await world.ingest();
    assert.deepEqual([result.messages, result.reports, result.other], [1, 1, { symlink: 2 }]);
    assert.equal(
      (await world.ingest({ paths: [join(world.inbox, 'link.json')] })).reports,
      1,
      'but the link itself may be named',
    );
  }));

test('Maildir: cur and new are mail, whatever they look like; tmp and the files of the server are not read', () =>
  inWorld(async (world) => {
    const mail = (id: string) => composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': id }))] });
    world.put('Maildir/cur/1.host:2,S', mail('cur'));
    world.put('Maildir/new/2.host', mail('new'));
    world.put('Maildir/new/3.host', JSON.stringify(reportJson({ 'report-id': 'bare' })));
    world.put('Maildir/tmp/4.host', mail('tmp'));
    world.put('Maildir/dovecot-uidlist', '3 V1 N1');
    const result = await world.ingest();
    assert.deepEqual([result.messages, result.reports, result.quarantined], [3, 3, []]);
    const rows = await world.rows('report_id, provenance, dkim');
    assert.deepEqual(rows, [
      { report_id: 'bare', provenance: 'mail', dkim: 'none' },
      { report_id: 'cur', provenance: 'mail', dkim: 'none' },
      { report_id: 'new', provenance: 'mail', dkim: 'none' },
    ]);
  }));

test('twice is once, to the byte and to the time of change', () =>
  inWorld(async (world) => {
    for (const { id, body_base64 } of VECTORS) world.put(`${id}.json`, Buffer.from(body_base64, 'base64'));
    world.put('m.eml', composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': 'mail' }))] }));
    world.put('other.eml', composeMail({ headers: [], type: 'multipart/mixed', parts: [] }));
    const first = await world.ingest();
    const before = world.tree();
    const second = await world.ingest({ now: '2026-11-20T06:00:00Z' });
    assert.deepEqual(world.tree(), before);
    assert.equal(second.reports, 0);
    assert.equal(second.duplicates, first.reports + first.duplicates);
    assert.deepEqual(second.quarantined, first.quarantined);
    assert.deepEqual(second.other, first.other);
    assert.deepEqual([second.conflicts, second.foreign, second.unauthenticated, second.warnings], [0, 0, 0, {}]);
  }));

test('the same input makes the same files, whenever and wherever', async () => {
  const trees: unknown[] = [];
  for (let run = 0; run < 2; run += 1) {
    await inWorld(async (world) => {
      for (const { id, body_base64 } of VECTORS) world.put(`${id}.json`, Buffer.from(body_base64, 'base64'));
      await world.ingest();
      trees.push([...world.tree()].map(([path, content]) => [path, content.slice(content.indexOf(' '))]));
    });
  }
  assert.deepEqual(trees[0], trees[1]);
});

test('a dry run tells the same and writes nothing', () =>
  inWorld(async (world) => {
    for (const { id, body_base64 } of VECTORS) world.put(`${id}.json`, Buffer.from(body_base64, 'base64'));
    const dry = await world.ingest({ dryRun: true });
    assert.equal(existsSync(world.data), false);
    assert.deepEqual(await world.ingest(), dry);
  }));

test('the same report in another wrapping is a duplicate; other content under its id is a conflict', () =>
  inWorld(async (world) => {
    const json = JSON.stringify(reportJson());
    world.put('1.json', json);
    const counts = async (now: string) => {
      const { reports, duplicates, conflicts } = await world.ingest({ now });
      return { reports, duplicates, conflicts };
    };
    assert.deepEqual(await counts('2026-11-19T01:00:00Z'), { reports: 1, duplicates: 0, conflicts: 0 });
    world.put('2.json.gz', gzipSync(json));
    assert.deepEqual(await counts('2026-11-19T02:00:00Z'), { reports: 0, duplicates: 2, conflicts: 0 });
    world.put('3.json', JSON.stringify(reportJson({ policies: [policyJson('example.com', { summary: {} })] })));
    assert.deepEqual(await counts('2026-11-19T03:00:00Z'), { reports: 1, duplicates: 2, conflicts: 1 });
    assert.equal((await world.rows('report_id')).length, 2, 'both are kept');
  }));

test('reports without an id are told apart by their content (RFC 8460 §4.4)', () =>
  inWorld(async (world) => {
    const anonymous = (successful: number) =>
      JSON.stringify(
        reportJson({
          'report-id': null,
          policies: [
            policyJson('example.com', {
              summary: { 'total-successful-session-count': successful, 'total-failure-session-count': 0 },
            }),
          ],
        }),
      );
    world.put('1.json', anonymous(1));
    world.put('2.json', anonymous(2));
    const result = await world.ingest();
    assert.deepEqual([result.reports, result.conflicts], [2, 0]);
  }));

test('a year that no report can be of is quarantined, a future day is stored and marked', () =>
  inWorld(async (world) => {
    const ranged = (start: string, end: string) =>
      JSON.stringify(
        reportJson({ 'date-range': { 'start-datetime': start, 'end-datetime': end }, 'report-id': start }),
      );
    world.put('1.json', ranged('1970-01-01T00:00:00Z', '1970-01-01T23:59:59Z'));
    world.put('2.json', ranged('9999-01-01T00:00:00Z', '9999-01-01T23:59:59Z'));
    world.put('3.json', ranged('2026-12-24T00:00:00Z', '2026-12-24T23:59:59Z'));
    const result = await world.ingest();
    assert.deepEqual(
      result.quarantined.map(({ reason }) => reason),
      ['date', 'date'],
    );
    assert.equal(result.reports, 1);
    assert.deepEqual(readdirSync(join(world.data, 'reports')), ['month=2026-12']);
    assert.match(JSON.stringify((await world.rows('warnings'))[0]), /range-future/);
  }));

test('what is quarantined is kept raw, with the reason, under its hash', () =>
  inWorld(async (world) => {
    const path = world.put('bad\u001b[31m\n.json', 'no report');
    await world.ingest({ paths: [path] });
    const [sha256] = readdirSync(join(world.data, 'quarantine'));
    assert.equal(sha256, hash('sha256', 'no report'));
    const folder = join(world.data, 'quarantine', String(sha256));
    assert.equal(readFileSync(join(folder, 'raw'), 'utf8'), 'no report');
    const reason = JSON.parse(readFileSync(join(folder, 'reason.json'), 'utf8'));
    assert.equal(reason.sha256, sha256);
    assert.equal(reason.source, 'inbox/bad␛[31m .json');
    assert.deepEqual(
      { reason: reason.reason, at: reason.at, size: reason.size, reports: reason.reports },
      { reason: 'not-json', at: NOW, size: 9, reports: 0 },
    );
  }));

test('misuse is told apart, with what to do', async () => {
  const codeOf = async (options: Parameters<World['ingest']>[0], settings: string | null): Promise<string> => {
    const world = newWorld();
    try {
      const file = join(world.root, 'domains/_settings.yaml');
      if (settings !== null) writeFileSync(file, settings);
      const error = await world.ingest(options).then(
        () => null,
        (failure: unknown) => failure,
      );
      assert.ok(error instanceof PosternError, String(error));
      assert.ok(error.hint !== null && error.exit === 2);
      return error.code;
    } finally {
      world.remove();
    }
  };
  assert.equal(await codeOf({}, 'organisation: Test\n'), 'mailbox-missing');
  assert.equal(
    await codeOf({}, 'organisation: Test\nmailbox:\n  imap: {host: imap.example, user: u}\n'),
    'imap-password-missing',
  );
  assert.equal(await codeOf({}, 'organisation: Test\nmailbox:\n  folder: nowhere\n'), 'path-missing');
  assert.equal(await codeOf({ paths: ['/nowhere/at/all'] }, null), 'path-missing');
});

test('files can be read without any configuration: then every report is foreign', () =>
  inWorld(async (world) => {
    const path = world.put('r.json', JSON.stringify(reportJson()));
    const bare = join(world.root, 'bare');
    mkdirSync(bare);
    const options = { paths: [path], now: instantOf(NOW), dryRun: false, progress: () => {} };
    const result = await ingest({ ...options, root: bare, data: join(bare, 'data') });
    assert.deepEqual([result.reports, result.foreign], [1, 1]);
  }));

test('much is stored in a thread of its own, with the same result', () =>
  inWorld(async (world) => {
    for (let index = 0; index < 1200; index += 1) {
      world.put(
        `${index}.json`,
        index % 100 === 0 ? `broken ${index}` : JSON.stringify(reportJson({ 'report-id': `${index}` })),
      );
    }
    world.put('mail.eml', composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': 'mail' }))] }));
    const shown: string[] = [];
    const options = { root: world.root, data: world.data, paths: [world.inbox], now: instantOf(NOW), dryRun: false };
    const first = await ingest({ ...options, progress: (text) => shown.push(text) });
    assert.deepEqual([first.messages, first.reports, first.quarantined.length], [1201, 1189, 12]);
    assert.ok(shown.length > 2 && shown.at(-1) === '1,201 messages read', shown.at(-1));
    const before = world.tree();
    const second = await ingest({ ...options, progress: () => {} });
    assert.deepEqual([second.reports, second.duplicates, second.quarantined.length], [0, 1189, 12]);
    assert.deepEqual(world.tree(), before);
  }));
