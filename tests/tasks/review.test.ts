import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type Day, type Instant, parseInstant } from '#scripts/core/clock.ts';
import { PosternError } from '#scripts/core/failure.ts';
import type { FailureDetailRow, ReportRow } from '#scripts/core/reports/rows.ts';
import { review } from '#scripts/tasks/review.ts';
import { storeRows } from '../io/store/stored-rows.ts';
import { failure } from './stored-rows.ts';

const NOW = instant('2026-11-21T06:00:00Z');
const root = mkdtempSync(join(tmpdir(), 'postern-review-'));
const data = join(root, 'data');
after(() => rmSync(root, { recursive: true, force: true }));

write(
  'domains/_settings.yaml',
  'organisation: Example\nreporting:\n  rua: [mailto:tls-reports@organisation.example]\n',
);
write('domains/example.com.yaml', 'mode: enforce\nmx: [mx1.example.com]\n');
write('domains/northwind/example.org.yaml', 'mode: testing\nmx: [mx1.example.org]\n');
write('domains/broken.example.yaml', 'mode: maybe\nmx: [mx1.broken.example]\n');
await storeRows(data, [
  report('google.com', '2026-11-18', 100, [detail('certificate-expired', 'mx1.example.com', 40)]),
  report('microsoft.com', '2026-11-18', 50, [detail('certificate-expired', 'mx1.example.com', 50)]),
  { ...report('forger.example', '2026-11-19', 0, [detail('tlsa-invalid', 'mx1.example.com', 900)]), dkim: 'none' },
  {
    ...report('late.example', '2026-11-18', 0, [detail('dnssec-invalid', 'mx1.example.com', 90)]),
    received_at: instant('2026-11-21T06:00:01Z'),
  },
]);

function write(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function instant(text: string): Instant {
  const parsed = parseInstant(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

function detail(result_type: string, mx: string, failed_sessions: number): FailureDetailRow {
  return { ...failure(result_type, mx, failed_sessions), failure_reason_code: null };
}

function report(reporter: string, day: string, successful: number, details: readonly FailureDetailRow[]): ReportRow {
  const id = `${reporter}-${day}`;
  return {
    schema_version: 2,
    report_sha256: `${id}-report`,
    source_sha256: `${id}-source`,
    source_reports: 1,
    report_key: `${id}-key`,
    received_at: instant('2026-11-20T03:00:00Z'),
    received_order: 1,
    provenance: 'mail',
    dkim: 'pass',
    dkim_domain: reporter,
    dkim_selector: 's',
    dkim_key: 'k',
    reporter,
    organization_name: reporter,
    contact_info: `tls@${reporter}`,
    report_id: id,
    start_at: instant(`${day}T00:00:00Z`),
    end_at: instant(`${day}T23:59:59Z`),
    day: day as Day,
    report_domain: 'example.com',
    policy_index: 0,
    policy_type: 'sts',
    policy_type_raw: 'sts',
    policy_domain: 'example.com',
    policy_domain_from: 'report',
    policy_string: null,
    mx_host: null,
    successful_sessions: successful,
    failed_sessions: details.reduce((sum, one) => sum + (one.failed_sessions ?? 0), 0),
    failed_derived: false,
    failure_details: details,
    warnings: [],
    extra: null,
    strict: true,
  };
}

test('all domains: what is believed and was received at or before now becomes findings, days and freshness', async () => {
  const result = await review({ root, data, now: NOW });
  assert.deepEqual(
    result.domains.map(({ domain }) => domain),
    ['example.com', 'example.org'],
  );
  assert.deepEqual(
    result.findings.map(({ rule, severity, actor, state }) => ({ rule, severity, actor, state })),
    [{ rule: 'certificate-expired', severity: 'sev1', actor: 'unknown', state: 'open' }],
  );
  assert.deepEqual(result.days, [
    {
      domain: 'example.com',
      day: '2026-11-18',
      policy_type: 'sts',
      successful: 150,
      failed: 90,
      unknown_entries: 0,
      reporters: 2,
      failures: [
        { result_type: 'certificate-expired', reporter: 'microsoft.com', mx: 'mx1.example.com', sessions: 50 },
        { result_type: 'certificate-expired', reporter: 'google.com', mx: 'mx1.example.com', sessions: 40 },
      ],
    },
  ]);
  assert.deepEqual(
    result.apart.map(({ domain, reason, reports }) => ({ domain, reason, reports })),
    [{ domain: 'example.com', reason: 'unauthenticated', reports: 1 }],
  );
  assert.deepEqual(result.freshness.reports, { last_received_at: '2026-11-20T03:00:00Z', last_day: '2026-11-18' });
  assert.deepEqual(result.freshness.domains[1], {
    domain: 'example.org',
    last_day: null,
    last_received_at: null,
    reporters: 0,
  });
});

test('a domain with an error in its file is left out, and that is said', async () => {
  const { problems, domains } = await review({ root, data, now: NOW });
  assert.ok(
    problems.length > 0 &&
      problems.every(({ file, severity }) => file === 'domains/broken.example.yaml' && severity === 'error'),
  );
  assert.ok(!domains.some(({ domain }) => domain === 'broken.example'));
});

test('a report received later changes a later review only', async () => {
  const { findings } = await review({ root, data, now: instant('2026-11-21T07:00:00Z') });
  assert.deepEqual(findings.map(({ rule }) => rule).sort(), ['certificate-expired', 'dnssec-invalid']);
});

test('what was published after now is not known yet', async () => {
  const [sha256, id] = ['a'.repeat(64), '20261121060001'];
  const minted = { event: 'minted', body: 'x', mode: 'testing', max_age: 86400, mx: ['mx1.example.com'], triggers: [] };
  const line = (at: string, rest: object) => JSON.stringify({ at, id, sha256, commit: null, ...rest });
  write(
    'data/policies/example.com.jsonl',
    `${line('2026-11-21T06:00:01Z', minted)}\n${line('2026-11-21T06:00:01Z', { event: 'announced' })}\n`,
  );
  const stateAt = async (now: string) => {
    const [domain] = (await review({ root, data, now: instant(now), domains: ['example.com'] })).domains;
    return [domain?.state, domain?.versions.length];
  };
  assert.deepEqual(await stateAt('2026-11-21T06:00:00Z'), ['enforce', 0]);
  assert.deepEqual(await stateAt('2026-11-21T06:00:01Z'), ['testing', 1]);
  rmSync(join(data, 'policies'), { recursive: true });
});

test('named domains alone are reviewed, however they are written', async () => {
  for (const name of ['example.org', 'EXAMPLE.ORG', 'example.org.']) {
    const { domains, findings, days } = await review({ root, data, now: NOW, domains: [name] });
    assert.deepEqual([domains.map(({ domain }) => domain), findings, days], [['example.org'], [], []]);
  }
});

test('misuse is refused with what to do', async () => {
  const table: readonly (readonly [domain: string, code: string, message: RegExp, hint: RegExp])[] = [
    ['exmaple.com', 'domain-unknown', /no file for the domain exmaple\.com/, /Did you mean example\.com\?/],
    ['other.test', 'domain-unknown', /other\.test/, /domains\/<domain>\.yaml/],
    ['broken.example', 'configuration-invalid', /domains\/broken\.example\.yaml has errors/, /npx postern check/],
    ['\u001b[2J', 'domain-unknown', /^[\P{Cc}]*$/u, /domains/],
  ];
  for (const [domain, code, message, hint] of table) {
    await assert.rejects(review({ root, data, now: NOW, domains: ['example.com', domain] }), (error) => {
      assert.ok(error instanceof PosternError);
      assert.deepEqual([error.code, error.exit], [code, 2]);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      return true;
    });
  }
});

test('without any data nothing is known, and nothing is wrong', async () => {
  const { findings, freshness, domains } = await review({ root, data: join(root, 'nowhere'), now: NOW });
  assert.deepEqual([findings, freshness.reports.last_day], [[], null]);
  for (const { agreement } of domains)
    assert.deepEqual(new Set(Object.values(agreement).map(({ state }) => state)), new Set(['unknown']));
});
