import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Day } from '#scripts/core/clock.ts';
import type { DomainMonth } from '#scripts/core/month/figures.ts';
import type { Month } from '#scripts/core/month/period.ts';
import { type MonthReport, monthReportDocument } from '#scripts/core/month/report-html.ts';

const EVIL = '<script>alert(1)</script>"\'&\u202E';

function report(domains: readonly DomainMonth[], changes: Partial<MonthReport> = {}): MonthReport {
  return {
    period: '2026-10' as Month,
    domains: domains.map(({ domain }) => domain),
    reports: { daily: [], failing: [], reporters: [] },
    versions: [],
    spans: [],
    looks: [],
    changes: [],
    incidents: [],
    organisation: 'Example',
    figures: {
      period: '2026-10' as Month,
      from: '2026-10-01' as Day,
      to: '2026-10-31' as Day,
      domains,
      sessions: [],
      apart: [],
    },
    before: null,
    certificates: [],
    change_source: 'none',
    frozen_at: '2026-11-04T06:00:00Z',
    version: '1.0.0',
    commit: null,
    unreadable: [],
    ...changes,
  };
}

const domain = (name: string, failed: number, days = 31): DomainMonth => ({
  domain: name,
  sessions: days === 0 ? [] : [{ policy_type: 'sts', successful: 999 - failed, failed, unknown_entries: 0 }],
  failures: [],
  reporters: [],
  days_with_data: days,
  mode_days: { enforce: 31, testing: 0, none: 0, unknown: 0 },
});

suite('the report of a month', () => {
  test('nobody keeps incidents, or none was opened: that is not the same', () => {
    assert.match(monthReportDocument(report([domain('a.example', 0)])), /No incident was opened\./);
    assert.match(
      monthReportDocument(report([domain('a.example', 0)], { incidents: null })),
      /Incidents are not kept\./,
    );
  });

  test('a share is rounded down, and what nobody reported is not known', () => {
    const page = monthReportDocument(report([domain('a.example', 1), domain('b.example', 0, 0)]));
    assert.match(page, /99\.8 %/);
    assert.match(page, /nothing reported[\s\S]*not known/);
  });

  test('the trend: days without a report are hatched, failures have their own scale, and the month before stands beside', () => {
    const day = (on: string, successful: number, failed: number) => ({
      domain: 'a.example' as never,
      day: on as Day,
      policy_type: 'sts',
      successful,
      failed,
      unknown_entries: 0,
    });
    const daily = [day('2026-10-01', 90, 0), day('2026-10-02', 70, 20)] as unknown as MonthReport['reports']['daily'];
    const sessions = [{ policy_type: 'sts', successful: 160, failed: 20, unknown_entries: 0 }];
    const now = report([domain('a.example', 20, 2)], { reports: { daily, failing: [], reporters: [] } });
    const before = { ...now.figures, period: '2026-09' as Month, sessions };
    const page = monthReportDocument({ ...now, figures: { ...now.figures, sessions }, before });
    assert.match(
      page,
      /sts: 180 sessions; 20 failed, most on 2026-10-02: 20; 29 of 31 days without a report, hatched: not known\./,
    );
    assert.equal(page.match(/fill="url\(#unknown-sts\)"/g)?.length, 29);
    assert.match(page, /Beside 2026-09\. Domain days with reports: 2 now, 2 then/);
    assert.match(monthReportDocument(now), /No month directly before is frozen/);
    assert.match(monthReportDocument(report([domain('a.example', 0, 0)])), /a trend is not known/);
  });

  test('an incident is told with what happened when, and a host without TLSA records does not match them', () => {
    const span = (changes: object) => ({
      at: '2026-10-31T05:00:00Z',
      first: '2026-10-01T05:00:00Z',
      looks: 31,
      vantage: 'main',
      domain: 'a.example',
      kind: 'dane',
      subject: 'mx.a.example',
      address: null,
      outcome: 'ok',
      code: 'ok',
      facts: {},
      ...changes,
    });
    const spans = [
      span({ facts: { dane: true, signed: true } }),
      span({ facts: { dane: true, signed: true }, address: '192.0.2.1' }),
      span({ facts: { dane: false, signed: false } }),
      span({ outcome: 'bad', code: 'tlsa-mismatch' }),
    ] as unknown as MonthReport['spans'];
    const page = monthReportDocument(report([domain('a.example', 0)], { spans }));
    for (const state of [
      'sound',
      'what is presented matches',
      'no DANE: the zone is not signed',
      '<code>tlsa-mismatch</code>',
    ])
      assert.ok(page.includes(`<td>${state}</td>`), state);
  });

  test('a large fleet lists those that want a look, and says where the others are', () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      domain(`d${index}.example`, index === 7 ? 3 : 0, index === 9 ? 0 : 31),
    );
    const page = monthReportDocument(report(many));
    assert.match(page, /998 more domains are in lists\/days\.csv/);
    assert.match(page, /d7\.example/);
    assert.match(page, /d9\.example/);
    assert.doesNotMatch(page, /d8\.example/);
  });

  test('whatever stands in a text, it is text', () => {
    const incident = {
      issue: 1,
      fingerprint: EVIL,
      rule: EVIL,
      domains: [EVIL],
      severity: 'sev1' as const,
      summary: EVIL,
      detected_at: '2026-10-02T00:00:00Z' as never,
      acknowledged_at: null,
      notified_at: null,
      recovered_at: null,
      closed_at: null,
      respond_by: null,
      notify_by: null,
      resolve_by: null,
      timeline: [{ at: '2026-10-02T00:00:00Z' as never, event: 'detected' as const, detail: EVIL }],
    };
    const change = {
      commit: EVIL,
      at: '2026-10-02T00:00:00Z' as never,
      author: EVIL,
      subject: EVIL,
      files: [],
      pull_request: null,
    };
    const page = monthReportDocument(
      report([domain('a.example', 0)], {
        organisation: EVIL,
        incidents: [incident],
        changes: [change],
        change_source: 'git',
        unreadable: [EVIL],
      }),
    );
    assert.doesNotMatch(page, /<script|\u202E/);
    assert.match(page, /&lt;script&gt;/);
    assert.match(page, /default-src 'none'/);
  });
});
