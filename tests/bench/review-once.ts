import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { addDays, type Instant } from '#scripts/core/clock.ts';
import { openObservationStore } from '#scripts/tasks/open-observation-store.ts';
import { openReportStore } from '#scripts/tasks/open-report-store.ts';
import { config, day, domainName, instant, pattern } from '../core/analysis/world.ts';

/* `node review-once.ts DATA DOMAINS`: one review as a process of its own, with what it took as JSON. */

const [data = '', domains = '0'] = process.argv.slice(2);
const now = instant('2026-11-21T06:00:00Z');
const from = addDays(day('2026-11-21'), -89);
const configs = Array.from({ length: Number(domains) }, (_, index) => {
  const domain = domainName(`d${index}.example`);
  return config({ domain, mx: [pattern(`mx1.${domain}`), pattern(`mx2.${domain}`)] });
});
const names = configs.map(({ domain }) => domain);
const began = performance.now();
const work = process.cpuUsage();
const store = await openReportStore(data);
const view = await store.view({ domains: names, from, now });
await store.close();
const viewed = performance.now();
const seen = await openObservationStore(data);
const standings = await seen.read({ domains: names, from: `${from}T00:00:00Z` as Instant, to: now });
await seen.close();
const observed = performance.now();
const { findings } = reviewDomains({ domains: configs, reports: view, standings, now });
const judged = performance.now();
const { user, system } = process.cpuUsage(work);
console.log(
  JSON.stringify({
    seconds: (judged - began) / 1000,
    processor: (user + system) / 1e6,
    reports: (viewed - began) / 1000,
    observations: (observed - viewed) / 1000,
    judgement: (judged - observed) / 1000,
    megabytes: process.resourceUsage().maxRSS / 1024,
    findings: findings.length,
  }),
);
