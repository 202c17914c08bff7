import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '#scripts/core/clock.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { digestMonthly } from '#scripts/tasks/digest-monthly.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { openObservationStore } from '#scripts/tasks/open-observation-store.ts';

export const instant = (text: string) => text as Instant;
const quiet = () => {};

/** A repository in a folder: one domain, and what is put into it. */
export class MonthWorld {
  readonly root: string;
  readonly data: string;
  readonly out: string;
  #reports = 0;

  constructor(root: string) {
    this.root = root;
    this.data = join(root, 'data');
    this.out = join(root, 'out');
    mkdirSync(join(root, 'domains'), { recursive: true });
    mkdirSync(this.data);
    writeFileSync(join(root, 'domains', '_settings.yaml'), 'organisation: Example <Ltd>\n');
    writeFileSync(join(root, 'domains', 'example.com.yaml'), 'mode: enforce\nmx: [mx1.example.com]\n');
  }

  /** One reporter's day, ingested at `now`. */
  async report(day: string, counts: { readonly successful: number; readonly failed?: number }, now: string) {
    this.#reports += 1;
    const file = join(this.root, `report-${this.#reports}.json`);
    const failed = counts.failed ?? 0;
    const report = {
      'organization-name': '=HYPERLINK("https://evil.example")',
      'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
      'contact-info': 'tls@reporter.example',
      'report-id': `${day}-${this.#reports}`,
      policies: [
        {
          policy: { 'policy-type': 'sts', 'policy-domain': 'example.com' },
          summary: { 'total-successful-session-count': counts.successful, 'total-failure-session-count': failed },
          ...(failed === 0
            ? {}
            : { 'failure-details': [{ 'result-type': 'certificate-expired', 'failed-session-count': failed }] }),
        },
      ],
    };
    writeFileSync(file, JSON.stringify(report));
    await ingest({
      root: this.root,
      data: this.data,
      paths: [file],
      now: instant(now),
      dryRun: false,
      progress: quiet,
    });
  }

  ledger(events: readonly LedgerEvent[]) {
    appendLedger(this.data, 'example.com' as DomainName, events);
  }

  async observe(rows: readonly Observation[]) {
    const store = await openObservationStore(this.data);
    try {
      await store.append(rows);
    } finally {
      await store.close();
    }
  }

  digest(now: string, period: string | null = null) {
    return digestMonthly({
      root: this.root,
      data: this.data,
      out: this.out,
      period,
      now: instant(now),
      version: '1.2.3',
      dry_run: false,
      pdf: false,
      environment: {},
      progress: quiet,
    });
  }
}
