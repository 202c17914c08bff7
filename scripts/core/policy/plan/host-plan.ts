import type { Instant } from '../../clock.ts';
import type { Settings } from '../../config/types.ts';
import { type HostMove, hostMove, releaseAt } from '../../hosting/host-move.ts';
import { isPages } from '../../hosting/host-place.ts';
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
  repositoryOwner: string | null,
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
  const move = hostMove(facts, judged.ledger, settings, repositoryOwner);
  const releases = move === null ? [] : releasePlans(host, move);
  if (move !== null && move.moved_at === null)
    return [moveThere(host, move, target, judged.version !== null), ...releases];
  if (judged.version === null && !isBodyLost(judged.ledger, facts.live)) return releases;
  const isFirst = judged.ledger.current === null;
  const steps =
    judged.version === null
      ? [`What was published is not served any more: put back what ${host} is missing.`, VERIFY]
      : [...claimSteps(host, kind, target, isFirst), ...serveSteps(host)];
  return [{ host, hosting, kind, action: 'serve', target, steps }, ...releases];
}

/** From one hosting to another: there first, then the name in DNS, and the old place last (rollout rules §5). */
function moveThere(host: string, { to, from, swaps }: HostMove, target: string | null, isNew: boolean): HostPlan {
  const name = to?.name ?? SOMEBODY;
  const isDns = target === null || !from.some((place) => isPages(place) && swaps);
  const begin = swaps
    ? [
        `Put the policy into the Pages site at ${name}.`,
        `GitHub lets one site at a time have ${host}: take it from ${names(from.filter(isPages))} and claim it at ${name} in the same run. Until the new certificate is there, up to an hour, senders without a cached policy find none.`,
      ]
    : [
        `Serve the same bytes at ${name}, before the name leads there.`,
        ...(isPages(to)
          ? [
              'GitHub makes the certificate once the name leads there, up to an hour: until then senders without a cached policy find none.',
            ]
          : []),
      ];
  return {
    host,
    hosting: to?.name ?? null,
    kind: to?.kind ?? null,
    action: 'serve',
    target,
    steps: [
      ...begin,
      ...(isDns ? [target === null ? `Point ${host} to ${name}.` : `Point ${host} to ${target}.`] : []),
      VERIFY,
      ...(isNew ? [ANNOUNCE] : []),
    ],
  };
}

function releasePlans(host: string, move: HostMove): readonly HostPlan[] {
  const at = releaseAt(move);
  const when =
    at === null
      ? `${move.keep_ms > TWO_DAYS_MS ? 'a week' : 'a day and the TTL'} after the name was seen to lead to ${move.to?.name ?? SOMEBODY}`
      : `from ${at} on`;
  return move.from
    .filter((place) => !(move.swaps && isPages(place)))
    .map((place): HostPlan => {
      const steps = [`Let go of ${host} at ${place.name} ${when}: until then caches may lead there.`];
      return { host, hosting: place.name, kind: place.kind, action: 'release', target: null, steps };
    });
}

const TWO_DAYS_MS = 2 * 86_400_000;
const SOMEBODY = 'another web server';

function names(places: HostMove['from']): string {
  return places.map(({ name }) => name).join(', ');
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

const ANNOUNCE = 'Only then announce the id in DNS.';
const VERIFY = 'Verify the bytes on every address: no redirect, the right certificate.';

function serveSteps(host: string): readonly string[] {
  return [`Serve the body at https://${host}/.well-known/mta-sts.txt.`, VERIFY, ANNOUNCE];
}
