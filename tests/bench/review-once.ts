import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays } from '#scripts/core/clock.ts';
import { openReportStore } from '#scripts/tasks/open-report-store.ts';
import { lookBack } from '#scripts/tasks/review/look-back.ts';
import { config, day, domainName, instant, pattern } from '../core/analysis/world.ts';

/* `node review-once.ts DATA DOMAINS [count]`: one review, or only the counting before it, as a process of its own, with what it took as JSON. */

const [data = '', domains = '0', only] = process.argv.slice(2);
const now = instant('2026-11-21T06:00:00Z');
const from = addDays(day('2026-11-21'), -89);
const configs = Array.from({ length: Number(domains) }, (_, index) => {
  const domain = domainName(`d${index}.example`);
  return config({ domain, mx: [pattern(`mx1.${domain}`), pattern(`mx2.${domain}`)] });
});
const names = configs.map(({ domain }) => domain);
const began = performance.now();
const work = process.cpuUsage();
if (only === 'count') {
  const store = await openReportStore(data);
  await store.keep([
    { domains: names, from, now },
    { domains: names, from: addDays(from, 1), now: instant('2026-11-22T06:00:00Z') },
  ]);
  await store.close();
  tell({});
  process.exit();
}
const { reports, standings, seen } = await lookBack({ data, domains: names, from, now });
await seen.close();
const looked = performance.now();
const { findings } = reviewDomains({ domains: configs, reports, standings, now });
const judged = performance.now();
tell({
  stores: (looked - began) / 1000,
  judgement: (judged - looked) / 1000,
  findings: findings.length,
});

function tell(parts: Readonly<Record<string, number>>): void {
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(work);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ seconds, processor: (user + system) / 1e6, megabytes, ...parts }));
}
