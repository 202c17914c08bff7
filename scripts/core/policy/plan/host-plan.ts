import type { Instant } from '../../clock.ts';
import type { Settings } from '../../config/types.ts';
import { policyHost } from '../desired.ts';
import type { Ledger } from '../versions/ledger.ts';
import type { DomainFacts } from './domain-plan.ts';
import { removalStep } from './domain-records.ts';
import type { HostPlan } from './plan.ts';
import type { Judged } from './plan-refusals.ts';

/** What happens at the policy host: a body to serve, also one that was lost, or a name to let go. Empty when nothing does. */
export function hostPlans(
  facts: DomainFacts,
  judged: Judged,
  settings: Settings,
  now: Instant,
  target: string | null,
): readonly HostPlan[] {
  const { domain, config, last, problems } = facts;
  const host = policyHost(domain);
  const hosting = (config ?? last)?.hosting ?? null;
  const kind = hosting === null ? null : (settings.hosting[hosting]?.kind ?? null);
  if (problems.length > 0) return [];
  if (config === null) {
    const due = judged.state === 'removed' && removalStep(facts, judged, now).step === 'release-claim';
    const steps = [`Let go of ${host} at the hosting: its name is gone from DNS.`];
    return due ? [{ host, hosting, kind, action: 'release', target: null, steps }] : [];
  }
  if (judged.version === null && !isBodyLost(judged.ledger, facts.live)) return [];
  const isFirst = judged.ledger.current === null;
  const steps =
    judged.version === null
      ? [`What was published is not served any more: put back what ${host} is missing.`, VERIFY]
      : [...claimSteps(host, kind, target, isFirst), ...serveSteps(host)];
  return [{ host, hosting, kind, action: 'serve', target, steps }];
}

/** Was the newest version seen served once, and is it seen now that it is not? A host that nobody saw is not lost. */
export function isBodyLost({ current }: Pick<Ledger, 'current'>, live: DomainFacts['live']): boolean {
  if (current === null || current.first_served_at === null || live === null || !live.served.known) return false;
  const { body, addresses } = live.served.value;
  return body !== current.body && addresses.every(({ code }) => code !== 'private-address');
}

/** The name is claimed before DNS points to it: a dangling one can be claimed by anybody. */
function claimSteps(host: string, kind: HostPlan['kind'], target: string | null, isFirst: boolean): readonly string[] {
  if (!isFirst) return [];
  switch (kind) {
    case 'pages-fleet':
    case 'pages-here':
      return [
        `Claim ${host} as custom domain of the Pages site.`,
        target === null ? `Point ${host} to the Pages of this repository’s owner.` : `Point ${host} to ${target}.`,
        'Wait for its certificate, up to an hour.',
      ];
    case 'bundle':
      return ['Write the document root into the bundle.', `Point ${host} to the web server that runs the bundle.`];
    case 'worker':
      return ['Deploy the Worker.', `Route ${host} to the Worker.`];
    case null:
      return [
        `Serve the body yourself, or name a hosting: ${host} must answer over HTTPS with a certificate of its own.`,
      ];
  }
}

const VERIFY = 'Verify the bytes on every address: no redirect, the right certificate.';

function serveSteps(host: string): readonly string[] {
  return [`Serve the body at https://${host}/.well-known/mta-sts.txt.`, VERIFY, 'Only then announce the id in DNS.'];
}
