import type { DomainPlan } from '../policy/plan/plan.ts';
import type { PublishJob } from './publish-job.ts';

/** What publishing this domain would do, in order, for `--dry-run`. Lines that follow `would`. */
export function plannedSteps(
  { domain, version, adopt, dns, hosts }: DomainPlan,
  job: PublishJob | null,
): readonly string[] {
  const steps = [
    ...(adopt.length > 0 ? [`write down the policy in service, id ${adopt[0]?.id}`] : []),
    ...(version === null ? [] : [`mint ${version.id}: mode ${version.mode}, sha256 ${version.sha256}`]),
    ...(version === null && job?.kind === 'publish' ? [`go on with ${job.version.id}`] : []),
    ...hosts.flatMap(({ host, hosting, action }) =>
      action === 'serve'
        ? [
            `serve the body at ${host} (${hosting ?? 'by somebody else'})`,
            `verify the bytes of ${host} on every address`,
          ]
        : [],
    ),
    ...dns.map(({ name, type, after, by }) => {
      const what = after === null ? `delete ${type} ${name}` : `set ${type} ${name} to ${after}`;
      return by === 'us' ? what : `wait for a person to ${what}`;
    }),
    ...(job?.kind === 'publish' ? [`see id ${job.version.id} at every authoritative server`] : []),
    ...hosts.flatMap(({ host, action }) => (action === 'release' ? [`let go of ${host} at its hosting`] : [])),
  ];
  return steps.map((step) => `${domain}: ${step}`);
}
