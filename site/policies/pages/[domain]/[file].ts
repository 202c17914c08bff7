import type { APIRoute } from 'astro';
import { policyHost } from '#scripts/core/policy/desired.ts';
import type { HostedPolicy } from '#scripts/core/policy/hosted-policy.ts';
import { hostedPolicies } from '../../data.ts';

/**
 * What a static host wants beside the page and the policy: the name it answers to, and that it takes `.well-known` as it
 * is instead of leaving out names with a dot.
 */
const FILES = { CNAME: ({ domain }: HostedPolicy) => `${policyHost(domain)}\n`, '.nojekyll': () => '' };
type File = keyof typeof FILES;

export function getStaticPaths() {
  return hostedPolicies().flatMap((policy) =>
    (Object.keys(FILES) as File[]).map((file) => ({
      params: { domain: policy.domain, file },
      props: { policy, file },
    })),
  );
}

export const GET: APIRoute<{ policy: HostedPolicy; file: File }> = ({ props }) =>
  new Response(FILES[props.file](props.policy));
