import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unprotectedSubdomains } from '#scripts/core/analysis/unprotected-subdomains.ts';
import { NO_LEDGER } from '#scripts/core/policy/versions/ledger.ts';
import type { ReportedSubdomain } from '#scripts/core/reports/view.ts';
import { config, day, NOW } from './world.ts';

const reported = (name: string, changes: Partial<ReportedSubdomain> = {}): ReportedSubdomain => ({
  name,
  reports: 4,
  first_day: day('2026-11-01'),
  last_day: day('2026-11-18'),
  sessions: 90,
  has_policy: false,
  ...changes,
});

const found = (subdomains: readonly ReportedSubdomain[], managed: readonly string[] = []) =>
  unprotectedSubdomains({
    domains: [config()],
    managed: new Set(['example.com', ...managed]),
    subdomains,
    ledgerOf: () => NO_LEDGER,
    now: NOW,
  });

test('a name below ours that receives mail without a policy is a finding of its own (S33, RFC 8461 §3.4)', () => {
  const [finding, ...others] = found([reported('mail.example.com')]);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [finding?.rule, finding?.domain, finding?.subject.name, finding?.since, finding?.last_seen, finding?.severity],
    ['subdomain-unprotected', 'example.com', 'mail.example.com', '2026-11-01', '2026-11-18', 'sev3'],
  );
  assert.equal(finding?.fingerprint, 'subdomain-unprotected/example.com/domain:mail.example.com/-');
});

test('not one that is managed, has a policy, was reported once, long ago or without sessions, or is not below ours', () => {
  assert.deepEqual(found([reported('mail.example.com')], ['mail.example.com']), []);
  assert.deepEqual(
    found([
      reported('a.example.com', { has_policy: true }),
      reported('b.example.com', { reports: 1 }),
      reported('c.example.com', { last_day: day('2026-10-01') }),
      reported('d.example.com', { sessions: 0 }),
      reported('notexample.com'),
    ]),
    [],
  );
});

test('reports can name any number of names: ten of one domain are told', () => {
  const many = Array.from({ length: 50 }, (_, index) => reported(`n${index}.example.com`));
  assert.equal(found(many).length, 10);
});
