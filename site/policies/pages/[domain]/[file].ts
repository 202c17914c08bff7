import type { APIRoute } from 'astro';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { policyHost } from '#scripts/core/policy/desired.ts';
import { policyDomains } from '../../data.ts';

/**
 * What a static host wants beside the page and the policy: the name it answers to, and that it takes `.well-known` as it
 * is instead of leaving out names with a dot.
 */
const FILES = { CNAME: ({ domain }: DomainConfig) => `${policyHost(domain)}\n`, '.nojekyll': () => '' };
type File = keyof typeof FILES;

export function getStaticPaths() {
  return policyDomains().flatMap((config) =>
    (Object.keys(FILES) as File[]).map((file) => ({
      params: { domain: config.domain, file },
      props: { config, file },
    })),
  );
}

export const GET: APIRoute<{ config: DomainConfig; file: File }> = ({ props }) =>
  new Response(FILES[props.file](props.config));
