import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedByMailbox } from '#scripts/core/analysis/volume/mailbox-silence.ts';
import { type WatchingFacts, watchingFindings } from '#scripts/core/analysis/watching.ts';
import type { Day, Instant } from '#scripts/core/clock.ts';
import type { DomainConfig, Settings } from '#scripts/core/config/types.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { finding } from '../incidents/world.ts';

const NOW = '2026-11-21T06:00:00Z' as Instant;
const at = (text: string) => text as Instant;
const facts = (more: Partial<WatchingFacts> = {}): WatchingFacts => ({
  settings: { mailbox: { folder: 'inbox' }, digest: { to: [], from: null, smtp: null } } as unknown as Settings,
  domains: [{ domain: 'example.com', mode: 'testing', digest: [] } as unknown as DomainConfig],
  tasks: {},
  quarantined: [],
  reporters: [],
  apart: [],
  now: NOW,
  ...more,
});
const run = (last_success: string | null, last_attempt = last_success ?? '') => ({
  last_success: last_success === null ? null : at(last_success),
  last_attempt: at(last_attempt),
});
const stale = (more: Partial<WatchingFacts>) =>
  watchingFindings(facts(more)).map(({ rule, subject, severity, since }) => [rule, subject.name, severity, since]);

test('a task that has never run, or is not configured, is not late', () => {
  assert.deepEqual(stale({}), []);
  const settings = { mailbox: null, digest: { to: [], from: null, smtp: null } } as unknown as Settings;
  const old = run('2026-10-01T00:00:00Z');
  assert.deepEqual(stale({ settings, tasks: { ingest: old, 'digest-weekly': old } }), []);
});

test('late is half a day for what runs hourly, two days for what runs daily', () => {
  assert.deepEqual(stale({ tasks: { probe: run('2026-11-20T18:00:00Z'), ingest: run('2026-11-19T06:00:00Z') } }), []);
  assert.deepEqual(stale({ tasks: { probe: run('2026-11-20T17:59:59Z') } }), [
    ['automation-stale', 'probe', 'sev3', '2026-11-20'],
  ]);
  assert.deepEqual(stale({ tasks: { ingest: run('2026-11-18T06:00:00Z', '2026-11-21T05:00:00Z') } }), [
    ['automation-stale', 'ingest', 'sev3', '2026-11-18'],
  ]);
  const enforcing = [{ domain: 'example.com', mode: 'enforce', digest: [] } as unknown as DomainConfig];
  assert.equal(
    watchingFindings(facts({ domains: enforcing, tasks: { probe: run('2026-11-01T00:00:00Z') } }))[0]?.severity,
    'sev2',
  );
});

test('one thing set aside unread is told for a week', () => {
  assert.deepEqual(stale({ quarantined: [at('2026-11-15T00:00:00Z'), at('2026-10-01T00:00:00Z')] }), [
    ['reports-unparsed', 'ingest', 'sev3', '2026-11-15'],
  ]);
  assert.deepEqual(stale({ quarantined: [at('2026-11-13T23:00:00Z')] }), []);
  assert.deepEqual(stale({ quarantined: [at('2026-11-22T00:00:00Z')] }), [], 'after --now');
});

test('unsigned reports are told when they are many beside what is believed', () => {
  const apart = (reports: number) =>
    [
      { domain: 'example.com', reason: 'unauthenticated', reports, last_received_at: at('2026-11-20T00:00:00Z') },
    ] as const;
  const reporters = [{ domain: 'example.com', days: Array.from({ length: 10 }, () => '2026-11-10' as Day) }] as never;
  assert.deepEqual(stale({ apart: apart(2), reporters }), []);
  assert.deepEqual(
    stale({ apart: apart(3), reporters: [] }).map(([, name]) => name),
    ['dkim'],
  );
  assert.deepEqual(
    stale({ apart: apart(3), reporters }).map(([, name]) => name),
    ['dkim'],
  );
  const many = [{ domain: 'example.com', days: Array.from({ length: 90 }, () => '2026-11-10' as Day) }] as never;
  assert.deepEqual(stale({ apart: apart(3), reporters: many }), [], 'anybody can send three');
});

test('all domains silent at once is one cause: the mailbox', () => {
  const silent = (domain: string): Finding => ({
    ...finding(domain, { rule: 'reports-silent' }),
    subject: { kind: 'domain', name: domain, mx: null, reporter: null, result_type: null, policy_type: null },
  });
  const both = [silent('a.example'), silent('b.example')];
  assert.deepEqual(
    joinedByMailbox(both, 2).map(({ incident }) => incident),
    ['mailbox-silent', 'mailbox-silent'],
  );
  assert.deepEqual(joinedByMailbox(both, 3), both, 'one still hears');
  assert.deepEqual(joinedByMailbox(both.slice(1), 1), both.slice(1), 'one alone says nothing of the mailbox');
});
