import { resolve } from 'node:path';
import type { Configuration } from '../../core/config/types.ts';
import { PosternError } from '../../core/failure.ts';
import { loadConfiguration } from '../load-configuration.ts';
import type { MailRules } from './proof.ts';

/** By the configuration under the root. Files can be read without one: then no domain is ours. */
export async function mailRules(root: string): Promise<MailRules> {
  try {
    return mailRulesOf(await loadConfiguration(root), root);
  } catch (error) {
    if (error instanceof PosternError && error.code === 'root-missing') {
      return { managed: [], dkimKeys: null, network: { resolver: null, ca_file: null }, root, authservIds: [] };
    }
    throw error;
  }
}

/** What the configuration says of judging mail. */
export function mailRulesOf({ settings, domains }: Configuration, root: string): MailRules {
  const { dkim_keys: keys = null, resolver = null, ca_file = null } = settings?.network ?? {};
  const managed = domains.map(({ domain }) => domain);
  const authservIds = settings?.reporting.authserv_ids ?? [];
  return {
    managed,
    dkimKeys: keys === null ? null : resolve(root, keys),
    network: { resolver, ca_file },
    root,
    authservIds,
  };
}
