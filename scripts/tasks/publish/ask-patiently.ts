import type { AskServer } from '../../core/probe/dns-lookup.ts';
import { failedLookup } from '../../io/dns/ask.ts';

/**
 * A server that did not answer one question, with all its repetitions, is not waited for again: one that is down would hold
 * up each record of each domain for seconds. What it would say is not known then, so nothing is announced on its word.
 */
export function askPatientlyOnce(ask: AskServer): AskServer {
  const silent = new Map<string, { readonly status: 'timeout' | 'unreachable'; readonly detail: string }>();
  return async (address, name, type) => {
    const before = silent.get(address);
    if (before !== undefined) return failedLookup(name, type, before);
    const lookup = await ask(address, name, type);
    const { status, detail } = lookup;
    if (status === 'timeout' || status === 'unreachable') silent.set(address, { status, detail });
    return lookup;
  };
}
