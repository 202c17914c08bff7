import type { APIRoute } from 'astro';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { desiredPolicy } from '#scripts/core/policy/desired.ts';
import { renderMtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import { policyDomains } from '../../../data.ts';

export function getStaticPaths() {
  return policyDomains().map((config) => ({ params: { domain: config.domain }, props: { config } }));
}

/** The policy, in exactly the bytes that senders get (RFC 8461 §3.2). */
export const GET: APIRoute<{ config: DomainConfig }> = ({ props }) =>
  new Response(renderMtaStsPolicy(desiredPolicy(props.config)));
