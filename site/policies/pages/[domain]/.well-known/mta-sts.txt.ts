import type { APIRoute } from 'astro';
import type { HostedPolicy } from '#scripts/core/policy/hosted-policy.ts';
import { hostedPolicies } from '../../../data.ts';

export function getStaticPaths() {
  return hostedPolicies().map((policy) => ({ params: { domain: policy.domain }, props: { policy } }));
}

/** The policy, in exactly the bytes that senders get (RFC 8461 §3.2). */
export const GET: APIRoute<{ policy: HostedPolicy }> = ({ props }) => new Response(props.policy.body);
