import type { Instant } from '#scripts/core/clock.ts';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import { mintVersion } from '#scripts/core/policy/versions/mint.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { domainName, instant, pattern } from '../core/analysis/world.ts';
import { addRepository, commitFiles } from '../fakes/github/world.ts';
import { openLab, type PublishLab } from '../tasks/publish/publish-world.ts';

const CHANGED = 50;
const FLEETS = [100, 1000, 10_000];
/** A fleet up to this size is looked at as a whole, so all of it has to stand. */
const SEEN = 200;
const LATER = '2026-11-22T06:00:00Z' as Instant;

/** 50 changed policies in fleets of different size: what GitHub and DNS are asked for depends on the 50 alone. */
export async function benchPublish(): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const fleet of FLEETS) {
    const domains = Array.from({ length: fleet }, (_, index) => `d${index}.example.com`);
    const lab = await openLab(domains);
    try {
      for (const [index, domain] of domains.entries()) publishBefore(lab, domain, index < CHANGED || fleet <= SEEN);
      for (const domain of domains.slice(0, CHANGED)) lab.write({ [`${domain}.yaml`]: yamlOf(', mx2.example.com') });
      const start = performance.now();
      const { done, waiting, refusals, failed } = await lab.run({ now: LATER });
      const seconds = (performance.now() - start) / 1000;
      if (done.length !== CHANGED)
        throw new Error(JSON.stringify({ waiting: waiting[0], refusal: refusals[0], failed: failed[0] }));
      const [calls, writes] = [lab.github.requests.length, lab.github.writes().length];
      lines.push(
        `${CHANGED} changes of ${fleet} domains: ${(calls / CHANGED).toFixed(1)} calls to GitHub a change, ${(writes / CHANGED).toFixed(1)} of them writes; ` +
          `${(lab.dnsWrites.length / CHANGED).toFixed(1)} DNS writes a change; ${seconds.toFixed(1)} s`,
      );
    } finally {
      await lab.close();
    }
  }
  return lines;
}

function yamlOf(more: string): string {
  const lifted = 'overrides: [{ code: mass-change, reason: bench, until: 2027-12-31 }]';
  return `mode: testing\nmx: [mx1.example.com${more}]\nhosting: fleet\ndns: ours\n${lifted}\n`;
}

/** As it stands after a publish of yesterday. */
function publishBefore({ data, github, zone }: PublishLab, domain: string, isSeen: boolean): void {
  const now = instant('2026-11-21T06:00:00Z');
  const policy = {
    version: 'STSv1',
    mode: 'testing',
    mx: ['mx1.example.com'].map(pattern),
    max_age: 86_400,
    extensions: [],
  } as const;
  const minted = mintVersion(foldLedger([]), policy, { now, commit: null });
  if (minted === null) throw new Error('nothing was minted');
  const { id, sha256, body } = minted;
  appendLedger(data, domainName(domain), [
    minted,
    { at: now, event: 'served', id, sha256 },
    { at: now, event: 'announced', id, sha256 },
  ]);
  if (!isSeen) return;
  const host = `mta-sts.${domain}`;
  const repository = addRepository(github.world, 'acme', host);
  commitFiles(github.world, repository, 'main', { '.well-known/mta-sts.txt': body, CNAME: `${host}\n` });
  repository.pages = {
    cname: host,
    https_enforced: true,
    build_type: 'legacy',
    branch: 'main',
    certificate: 'approved',
    builds: [],
    healthAsked: true,
    health: { dns_resolves: true, is_valid: true, caa_error: null, https_error: null },
  };
  zone.push({ name: host, type: 'CNAME', data: 'acme.github.io' });
  zone.push({ name: `_mta-sts.${domain}`, type: 'TXT', data: `v=STSv1; id=${id}` });
  zone.push({ name: `_smtp._tls.${domain}`, type: 'TXT', data: 'v=TLSRPTv1; rua=mailto:tls@example.com' });
}
