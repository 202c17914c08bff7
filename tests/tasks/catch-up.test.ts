import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { addDays, type Day, daysFrom } from '#scripts/core/clock.ts';
import { digestWeekly } from '#scripts/tasks/digest-weekly.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import { review } from '#scripts/tasks/review.ts';
import { type SmtpSink, startSmtpSink } from '../fakes/smtp-sink.ts';
import { instant, MonthWorld } from './month-world.ts';

/** One report a day from here on. */
const FIRST = '2026-09-25' as Day;
/** Since when the other repository has not missed a day. */
const PROMPT = '2026-10-26' as Day;
/** From here on some sessions fail. */
const BROKEN = '2026-10-20' as Day;
/** The day on which everything runs again, a Monday, after it last ran so many days before. */
const BACK = '2026-11-09' as Day;
const GAPS = [
  ['a day', 1],
  ['a week', 7],
  ['a month', 31],
] as const;

/** A repository, one file of mail for each day, and the hours of its runs. */
class Repository extends MonthWorld {
  readonly sink: SmtpSink;

  constructor(root: string, sink: SmtpSink) {
    super(root);
    this.sink = sink;
    writeFileSync(
      join(root, 'domains/_settings.yaml'),
      `organisation: E\ndigest: { from: p@organisation.example, to: [ops@organisation.example], smtp: { host: 127.0.0.1, port: ${sink.port} } }\n`,
    );
    for (const day of daysFrom(FIRST, addDays(BACK, -1)))
      writeFileSync(join(root, `${day}.json`), JSON.stringify(reportOf(day)));
  }

  /** The daily run: the mailbox holds what came since, or more. */
  ingest(day: Day, since: Day) {
    const { root, data } = this;
    const paths = daysFrom(since, addDays(day, -1)).map((one) => join(root, `${one}.json`));
    return ingest({ root, data, paths, now: at(day), dryRun: false, progress: () => {} });
  }

  weekly(day: Day) {
    const { root, data, out } = this;
    return digestWeekly({ root, data, out, period: null, now: at(day), dryRun: false, environment: {} });
  }

  /** All of a day on which everything is due. */
  async runAll(day: Day, since: Day) {
    const { root, data } = this;
    const read = await this.ingest(day, since);
    const judged = await review({ root, data, now: at(day), domains: [] });
    return { read, judged, weekly: await this.weekly(day), monthly: await this.digest(at(day)) };
  }

  figures(month: string) {
    const { domains } = JSON.parse(readFileSync(join(this.data, 'months', month, 'figures.json'), 'utf8'));
    return domains;
  }
}

const at = (day: Day) => instant(`${day}T07:30:00Z`);

function reportOf(day: Day) {
  const failed = day >= BROKEN ? 40 : 0;
  const details = [{ 'result-type': 'certificate-expired', 'failed-session-count': failed }];
  return {
    'organization-name': 'Reporter',
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': 'tls@reporter.example',
    'report-id': day,
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'example.com' },
        summary: { 'total-successful-session-count': 100, 'total-failure-session-count': failed },
        ...(failed === 0 ? {} : { 'failure-details': details }),
      },
    ],
  };
}

suite('nothing ran for a while: the next run does all that was due, once', () => {
  let folder: string;
  const sinks: SmtpSink[] = [];
  /** What a repository that never missed a day knows and has sent. */
  let prompt: Repository;
  let known: Awaited<ReturnType<Repository['runAll']>>;

  async function made(name: string): Promise<Repository> {
    const sink = await startSmtpSink();
    sinks.push(sink);
    return new Repository(join(folder, name), sink);
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-catch-up-'));
    prompt = await made('prompt');
    for (let day = PROMPT; day < BACK; day = addDays(day, 1)) {
      await prompt.ingest(day, day === PROMPT ? FIRST : addDays(day, -1));
      if (new Date(day).getUTCDay() === 1) await prompt.weekly(day);
      if (day.endsWith('-04')) await prompt.digest(at(day));
    }
    known = await prompt.runAll(BACK, addDays(BACK, -1));
  });
  after(async () => {
    for (const sink of sinks) await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the one that missed no day has sent each week and frozen each month', () => {
    assert.equal(prompt.sink.mails.length, 3);
    assert.deepEqual(readdirSync(join(prompt.data, 'months')), ['2026-09', '2026-10']);
    assert.ok(known.judged.findings.some(({ rule }) => rule === 'certificate-expired'));
  });

  for (const [name, days] of GAPS)
    test(`${name}`, async () => {
      const late = await made(name.replaceAll(' ', '-'));
      const last = addDays(BACK, -days);
      await late.runAll(last, FIRST);
      const [sent, frozen] = [
        late.sink.mails.length,
        readdirSync(join(late.data, 'months'), { recursive: false }).length,
      ];

      // The mailbox still holds the last day that was read.
      const first = await late.runAll(BACK, addDays(last, -1));
      assert.equal(first.read.reports, days);
      assert.equal(first.read.duplicates, 1);

      // Judged is every day, as if each had been judged in its time; only when it was seen is later.
      const timeless = (all: typeof known.judged.findings) =>
        all
          .filter(({ rule }) => rule !== 'automation-stale')
          .map(({ detected_at: _, incident: __, ...finding }) => finding);
      assert.deepEqual(timeless(first.judged.findings), timeless(known.judged.findings));
      assert.deepEqual(first.judged.days, known.judged.days);
      // That nothing ran is said itself, once it is too long for a schedule that is late.
      assert.equal(
        first.judged.findings.some(({ rule }) => rule === 'automation-stale'),
        days > 7,
      );
      assert.deepEqual(first.judged.rollouts, known.judged.rollouts);

      // The week that is over is mailed; those before it are old news, and stand in the months.
      assert.equal(late.sink.mails.length, sent + 1);
      assert.equal(first.weekly.period, '2026-W45');

      // In order, none left out, each naming the one before.
      const months = ['2026-09', '2026-10'];
      assert.deepEqual(readdirSync(join(late.data, 'months')), months);
      assert.deepEqual(first.monthly.frozen, months.slice(frozen));
      for (const month of months) assert.deepEqual(late.figures(month), prompt.figures(month), month);
      const chain = months.map((month) =>
        JSON.parse(readFileSync(join(late.data, 'months', month, 'manifest.json'), 'utf8')),
      );
      assert.deepEqual(
        chain.map(({ previous }) => previous?.period ?? null),
        [null, '2026-09'],
      );

      const again = await late.runAll(BACK, addDays(last, -1));
      assert.deepEqual([again.read.reports, again.weekly.sent, again.monthly.frozen], [0, [], []]);
      assert.equal(late.sink.mails.length, sent + 1);
    });
});
