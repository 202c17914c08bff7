import type { AskServer } from '../../core/probe/dns-lookup.ts';
import { addressRefusal } from '../net/dial.ts';
import { createGate } from '../net/gate.ts';
import { askServer, failedLookup, lookupOf, type Patience, queryFor } from './ask.ts';

export interface AuthorityOptions {
  /** `network.dns_port`. */
  readonly port: number;
  readonly allow_private: boolean;
  readonly patience?: Patience;
  /** Questions on the way at a time. */
  readonly concurrency?: number;
}

const PATIENCE: Patience = { udp: [1500, 2500], tcp: 3000 };
const CONCURRENCY = 64;

/** Asks servers that hold zones, one by one and without recursion. Their addresses come from the DNS and are judged first. */
export function createAskAuthority(options: AuthorityOptions): AskServer {
  const gate = createGate(options.concurrency ?? CONCURRENCY);
  return async (address, name, type) => {
    const query = queryFor(name, type, false);
    if ('status' in query) return failedLookup(name, type, query);
    const refusal = addressRefusal(address, options.allow_private);
    if (refusal !== null) return failedLookup(name, type, { status: 'private-address', detail: refusal.detail });
    const server = { address, port: options.port };
    const reply = await gate(() => askServer(server, query, options.patience ?? PATIENCE));
    return lookupOf(reply, query, false);
  };
}
