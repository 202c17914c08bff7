import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, NO_CHECKPOINT, withSection, withTaskRun } from '#scripts/core/checkpoint.ts';
import { epochMs, type Instant } from '#scripts/core/clock.ts';
import { type Alerts, NO_ALERTS } from '#scripts/core/incidents/incident.ts';
import { responsibleOf } from '#scripts/core/incidents/people-to-tell.ts';
import { bringInLine } from '#scripts/tasks/alert/bring-in-line.ts';
import { importObservations } from '#scripts/tasks/import-observations.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { gather } from '#scripts/tasks/review/gather.ts';
import { FakeTracker } from '#tests/fakes/issue-tracker.ts';
import { EXAMPLE_LEDGERS } from './ledgers.ts';
import type { Mail } from './mail.ts';
import { mbox } from './mbox.ts';
import { exampleObservations } from './observations.ts';

/** The runs of `alert` in the story that found something to do, and those around them. */
const RUNS = [
  ...['2026-09-21T05:30:00Z', '2026-09-29T05:30:00Z', '2026-10-06T05:30:00Z'],
  ...['2026-10-12T06:30:00Z', '2026-10-12T07:30:00Z', '2026-10-14T10:30:00Z', '2026-10-14T11:30:00Z'],
  ...['2026-10-16T05:30:00Z', '2026-10-17T05:30:00Z', '2026-10-18T05:30:00Z'],
  ...['2026-10-23T05:30:00Z', '2026-10-31T05:30:00Z', '2026-11-04T05:30:00Z'],
  ...['2026-11-05T14:30:00Z', '2026-11-05T15:30:00Z', '2026-11-06T09:30:00Z', '2026-11-06T10:30:00Z'],
  ...['2026-11-08T05:30:00Z', '2026-11-09T05:30:00Z', '2026-11-10T05:30:00Z'],
  ...['2026-11-18T05:30:00Z', '2026-11-20T05:30:00Z', '2026-11-21T05:30:00Z'],
].map((at) => at as Instant);

/** Who took what was open, by assigning it to themselves and a comment just before that run. */
const TAKEN: Readonly<Record<string, string>> = {
  '2026-10-12T07:30:00Z': 'a-meyer',
  '2026-11-05T15:30:00Z': 'j-okafor',
};

/** GitHub's issues, on the clock of the story. */
class StoryTracker extends FakeTracker {
  #now = 0;
  set now(at: Instant) {
    this.#now = epochMs(at);
  }
  override tick(): string {
    this.#now += 1000;
    return new Date(this.#now).toISOString().replace('.000', '');
  }
}

/**
 * The incidents of the story as `alert` keeps them: the real review and the real decisions at each of its runs, on what had
 * arrived and was seen by then.
 */
export async function exampleIncidents(root: string, mails: readonly Mail[]): Promise<Checkpoint> {
  const data = await mkdtemp(join(tmpdir(), 'postern-story-'));
  try {
    const last = RUNS.at(-1) as Instant;
    for (const [domain, events] of EXAMPLE_LEDGERS)
      appendLedger(data, domain as Parameters<typeof appendLedger>[1], events);
    const file = join(data, 'looks.jsonl');
    await writeFile(file, (await exampleObservations(last)).map((row) => JSON.stringify(row)).join('\n'));
    await importObservations({ root, data, now: last, file, dryRun: false });
    const tracker = new StoryTracker();
    let alerts: Alerts = NO_ALERTS;
    let before: Instant | null = null;
    for (const [run, now] of RUNS.entries()) {
      const arrived = mails.filter(
        ({ arrivesAt }) => arrivesAt <= epochMs(now) && (before === null || arrivesAt > epochMs(before)),
      );
      const box = join(data, `${run}.mbox`);
      await writeFile(box, mbox(arrived));
      await ingest({ root, data, paths: [box], now, dryRun: false, progress: () => {} });
      const { configuration, review } = await gather({ root, data, now });
      const { settings, domains } = configuration;
      if (settings === null) throw new Error('the example has settings');
      tracker.now = now;
      const who = TAKEN[now];
      for (const { number, state } of who === undefined ? [] : tracker.all()) {
        if (state !== 'open') continue;
        tracker.edit(number, { assignees: [who as string] });
        tracker.say(number, who as string, 'On it.');
      }
      const reviewed = new Set<string>(review.domains.map(({ domain }) => domain));
      await bringInLine({
        judged: {
          findings: review.findings,
          reviewed,
          configured: reviewed,
          complete: true,
          settings: settings.alerts,
          responsibleOf: responsibleOf(domains, settings.alerts),
          agreementOf: () => null,
        },
        tracker,
        alerts,
        last_run: before,
        now,
        seed: `story ${now}`,
        save: (known) => {
          alerts = known;
        },
        dryRun: false,
      });
      before = now;
    }
    return withSection(withTaskRun(NO_CHECKPOINT, 'alert', last, true), 'alerts', alerts);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
