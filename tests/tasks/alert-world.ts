import type { Instant } from '#scripts/core/clock.ts';
import type { AlertSettings } from '#scripts/core/config/types.ts';
import type { Finding } from '#scripts/core/finding.ts';
import { type Alerts, NO_ALERTS } from '#scripts/core/incidents/incident.ts';
import { responsibleOf } from '#scripts/core/incidents/people-to-tell.ts';
import { type BroughtInLine, bringInLine } from '#scripts/tasks/alert/bring-in-line.ts';
import { AGREEMENT, SETTINGS } from '../core/incidents/world.ts';
import type { FakeTracker, TriedTracker } from '../fakes/issue-tracker.ts';

/** A repository, what is remembered between runs, and a clock. */
export class AlertWorld<T extends TriedTracker = FakeTracker> {
  readonly tracker: T;
  alerts: Alerts = NO_ALERTS;
  settings: AlertSettings = SETTINGS;
  last_run: Instant | null = null;
  configured: readonly string[] = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'];
  broken: readonly string[] = [];
  complete = true;
  #runs = 0;

  constructor(tracker: T) {
    this.tracker = tracker;
  }

  async run(at: string, findings: readonly Finding[], dryRun = false): Promise<BroughtInLine> {
    const now = at as Instant;
    const configured = new Set([...this.configured, ...findings.flatMap(({ domains }) => domains)]);
    const result = await bringInLine({
      judged: {
        findings,
        configured,
        reviewed: new Set([...configured].filter((domain) => !this.broken.includes(domain))),
        complete: this.complete,
        settings: this.settings,
        responsibleOf: responsibleOf([], this.settings),
        agreementOf: () => AGREEMENT,
      },
      tracker: this.tracker,
      alerts: this.alerts,
      last_run: this.last_run,
      now,
      seed: `seed${this.#runs++}`,
      save: (alerts) => {
        // As the file would give it back.
        this.alerts = JSON.parse(JSON.stringify(alerts));
      },
      dryRun,
    });
    if (!dryRun && result.failed.length === 0) this.last_run = now;
    return result;
  }
}
