/**
 * `node tests/bench/storage.ts [domains] [days]`: what a year of `data/` weighs, by writing it as the hourly and daily runs do
 * into a git branch of its own, squashing it monthly, and weighing the pack. Prints the lines of docs/costs.md.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantOf } from '#scripts/core/clock.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { openObservationStore } from '#scripts/tasks/open-observation-store.ts';
import { observation } from '../io/store/observation-rows.ts';
import { row, storeRows } from '../io/store/stored-rows.ts';

const domains = Number(process.argv[2] ?? 100);
const days = Number(process.argv[3] ?? 3);
/** Of one domain with two MX hosts: the set, each host and its DANE, the policy host on two addresses, three kinds of records. */
const KINDS = ['mx-set', 'mx', 'mx', 'dane', 'dane', 'policy', 'policy', 'txt', 'tlsrpt', 'caa'] as const;
const REPORTERS = 6;
const START = Date.parse('2026-10-01T00:00:00Z');
const HOUR = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), 'postern-storage-'));
const data = join(folder, 'data');
const git = (...words: string[]) =>
  execFileSync('git', ['-C', data, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const bytesOf = (glob: string) =>
  globSync(glob, { cwd: folder }).reduce(
    (sum, path) => sum + (statSync(join(folder, path)).isFile() ? statSync(join(folder, path)).size : 0),
    0,
  );

try {
  execFileSync('git', ['init', '--quiet', data]);
  for (let hour = 0; hour < days * 24; hour += 1) {
    const at = instantOf(START + hour * HOUR);
    const rows: Observation[] = [];
    for (let number = 0; number < domains; number += 1)
      for (const [index, kind] of KINDS.entries())
        rows.push(
          observation(at, {
            domain: `d${number}.example` as never,
            kind,
            subject: `h${index}.d${number}.example`,
            facts: { certificate: { serial: `${number}${index}`, not_after: '2026-12-30T00:00:00Z' }, ttl: 300 },
          }),
        );
    const store = await openObservationStore(data);
    await store.append(rows);
    await store.close();
    if (hour % 24 === 5)
      await storeRows(
        data,
        Array.from({ length: domains * REPORTERS }, (_, index) => {
          const domain = `d${Math.floor(index / REPORTERS)}.example`;
          return row({
            id: `${hour}-${index}`,
            received_at: at,
            report_domain: domain as never,
            policy_domain: domain as never,
            reporter: `r${index % REPORTERS}.example`,
            successful_sessions: (index * 7919) % 1000,
          });
        }),
      );
    git('add', '--all');
    git('commit', '--quiet', '--message', 'hourly');
  }
  git('gc', '--quiet');
  const [observations, reports, pack] = [
    bytesOf('data/observations/**'),
    bytesOf('data/reports/**'),
    bytesOf('data/.git/objects/pack/*.pack'),
  ];
  const before = observations;
  const store = await openObservationStore(data);
  await store.tidy({ now: instantOf(Date.parse('2026-12-01T00:00:00Z')), detail_days: 400 });
  await store.close();
  const tidied = bytesOf('data/observations/**');
  const mb = (bytes: number, per: number) => `${(((bytes / days) * per) / 2 ** 20).toFixed(1)} MB`;
  console.log(
    `${domains} domains, ${days} days, ${KINDS.length} observations an hour and ${REPORTERS} reports a day each`,
  );
  console.log(
    `a month before tidying: observations ${mb(before, 30)}, reports ${mb(reports, 30)}, git history ${mb(pack, 30)}`,
  );
  console.log(`a year after tidying: observations ${mb(tidied, 365)}, reports ${mb(reports, 365)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
