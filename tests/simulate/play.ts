import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '#scripts/cli/main.ts';
import { addDays, type Day, dayOf, type Instant } from '#scripts/core/clock.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { Review } from '#scripts/core/review.ts';
import type { SimulatedDomain } from './fleet.ts';
import { looksOn } from './probes.ts';
import { REVIEW_TIME } from './tellable.ts';
import type { SimulatedRow, SimulatedYear } from './year.ts';

/** The moment of the review of a day; reports are taken in just before it. */
export function reviewTime(on: Day): Instant {
  return `${on}T${REVIEW_TIME}` as Instant;
}

/** A folder in which a simulated fleet is played through the real commands: domain files, reports as files, looks as lines. */
export class PlayedWorld {
  readonly root: string;

  constructor(domains: readonly SimulatedDomain[]) {
    this.root = mkdtempSync(join(tmpdir(), 'postern-play-'));
    mkdirSync(join(this.root, 'domains'));
    mkdirSync(join(this.root, 'reports'));
    writeFileSync(
      join(this.root, 'domains/_settings.yaml'),
      'organisation: Play\nreporting:\n  rua: [mailto:tls@play.example]\n',
    );
    for (const { domain, mode, mx } of domains)
      writeFileSync(join(this.root, `domains/${domain}.yaml`), `mode: ${mode}\nmx: [${mx.join(', ')}]\n`);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** `postern ingest --now` of what arrived by then, as one folder. */
  async ingest(domain: string, rows: readonly SimulatedRow[], now: Instant): Promise<void> {
    if (rows.length === 0) return;
    const folder = mkdtempSync(join(this.root, 'reports', 'day-'));
    for (const [name, entries] of Map.groupBy(rows, ({ reporter, day }) => `${reporter}!${domain}!${seconds(day)}`))
      writeFileSync(
        join(folder, `${name}!${seconds(addDays(entries[0]?.day as Day, 1)) - 1}.json`),
        report(domain, entries),
      );
    const { stored } = (await this.#postern(['ingest', folder, '--now', now], [0])) as { stored?: unknown };
    if (stored === 0) throw new Error('nothing was stored');
  }

  /** `postern probe --import`. */
  async observe(observations: readonly Observation[], now: Instant): Promise<void> {
    const file = join(this.root, 'looks.jsonl');
    writeFileSync(file, observations.map((one) => JSON.stringify(one)).join('\n'));
    await this.#postern(['probe', '--import', file, '--now', now], [0, 1]);
  }

  /** `postern review --json --now`. */
  async review(now: Instant): Promise<Review> {
    return (await this.#postern(['review', '--now', now], [0, 1])) as Review;
  }

  async #postern(argv: readonly string[], exits: readonly number[]): Promise<unknown> {
    const out = new PassThrough();
    const err = new PassThrough();
    const said: Buffer[] = [];
    const complained: Buffer[] = [];
    out.on('data', (chunk: Buffer) => said.push(chunk));
    err.on('data', (chunk: Buffer) => complained.push(chunk));
    const streams = { out, err, clock: () => 0, cwd: this.root } as unknown as Parameters<typeof main>[2];
    const exit = await main([...argv, '--json', '--quiet', '--root', this.root], {}, streams);
    const text = Buffer.concat(said).toString();
    if (!exits.includes(exit))
      throw new Error(`${argv.join(' ')}: ${exit} ${Buffer.concat(complained)} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }
}

/** Plays one domain day by day; before `from` everything is taken in at once. */
export async function playYear(
  world: PlayedWorld,
  year: SimulatedYear,
  [from, to]: readonly [from: number, to: number],
  reviewed: (on: Day, review: Review) => void,
): Promise<void> {
  let taken = '';
  for (let index = from; index <= to; index++) {
    const on = addDays(year.start, index);
    const now = reviewTime(on);
    const arrived = year.rows.filter(({ received_at }) => received_at > taken && received_at <= now);
    taken = now;
    await world.ingest(year.domain.domain, arrived, now);
    await world.observe(looksOn(year, on), now);
    reviewed(on, await world.review(now));
  }
}

/** The same rows as the store knows them: received when they were taken in. */
export function asTakenIn(rows: readonly SimulatedRow[], firstReview: Day): readonly SimulatedRow[] {
  return rows.map((row) => {
    const on = dayOf(row.received_at);
    const day = row.received_at <= reviewTime(on) ? on : addDays(on, 1);
    return { ...row, received_at: reviewTime(day > firstReview ? day : firstReview) };
  });
}

function seconds(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}

function report(domain: string, entries: readonly SimulatedRow[]): string {
  const [first] = entries as [SimulatedRow];
  return JSON.stringify({
    'organization-name': first.reporter,
    'date-range': { 'start-datetime': `${first.day}T00:00:00Z`, 'end-datetime': `${first.day}T23:59:59Z` },
    'contact-info': `tls-reports@${first.reporter}`,
    'report-id': `${first.day}-${domain}@${first.reporter}`,
    policies: entries.map(({ policy_type, successful, failed, details }) => ({
      policy: { 'policy-type': policy_type, 'policy-domain': domain },
      summary: { 'total-successful-session-count': successful, 'total-failure-session-count': failed },
      ...(details.length === 0
        ? {}
        : {
            'failure-details': details.map(({ result_type, mx, sessions }) => ({
              'result-type': result_type === 'other' ? 'quantum-downgrade' : result_type,
              ...(mx === null ? {} : { 'receiving-mx-hostname': mx }),
              'failed-session-count': sessions,
            })),
          }),
    })),
  });
}
