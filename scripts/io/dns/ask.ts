import type { Lookup, RecordType } from '../../core/probe/dns-lookup.ts';
import { isAskable, type Message, type Query } from './message.ts';
import { readLookup } from './read-lookup.ts';
import { askOverTcp } from './tcp.ts';
import { askOverUdp, type NoReply, type Server } from './udp.ts';

/** How often and how long one server is asked. Milliseconds. */
export interface Patience {
  /** One try over UDP each. */
  readonly udp: readonly number[];
  readonly tcp: number;
}

const FORMERR = 1;

/**
 * UDP, again when it was lost, then TCP when the reply is truncated, comes back in other letters than it was sent in
 * (then it may be a stranger's), or never comes. A server that cannot read EDNS is asked without (RFC 6891 §7).
 */
export async function askServer(server: Server, query: Query, patience: Patience): Promise<Message | NoReply> {
  for (const timeout of patience.udp) {
    const reply = await askOverUdp(server, query, timeout);
    if ('rcode' in reply) {
      if (reply.truncated) return askOverTcp(server, query, patience.tcp);
      if (reply.case_lost) {
        const sure = await askOverTcp(server, query, patience.tcp);
        // A server that spells names its own way and speaks no TCP: id and port still had to be guessed.
        return 'rcode' in sure ? sure : reply;
      }
      if (reply.rcode === FORMERR && query.edns) return askServer(server, { ...query, edns: false }, patience);
      return reply;
    }
    if (reply.status !== 'timeout') return reply;
  }
  const reply = await askOverTcp(server, query, patience.tcp);
  // No TCP either: that nothing answered is the truer account.
  if ('rcode' in reply || reply.status !== 'unreachable') return reply;
  return { status: 'timeout', detail: `no reply from ${server.address} over UDP, none over TCP` };
}

/** The look-up that a message, or its absence, amounts to. */
export function lookupOf<T extends RecordType>(
  reply: Message | NoReply,
  query: Query & { readonly type: T },
  trusted: boolean,
): Lookup<T> {
  return 'rcode' in reply ? readLookup(reply, query, trusted) : failedLookup(query.name, query.type, reply);
}

export function failedLookup<T extends RecordType>(name: string, type: T, failure: NoReply): Lookup<T> {
  return {
    name,
    type,
    status: failure.status,
    secure: false,
    records: [],
    ttl: null,
    aliases: [],
    signed: null,
    errors: [],
    authoritative: false,
    detail: failure.detail,
  };
}

/** The query for a name from anywhere, or why it cannot be asked. */
export function queryFor<T extends RecordType>(
  name: string,
  type: T,
  recursive: boolean,
): (Query & { readonly type: T }) | NoReply {
  const plain = (/[^.]\.$/.test(name) ? name.slice(0, -1) : name).toLowerCase();
  if (!isAskable(plain)) return { status: 'malformed', detail: 'not a name that the DNS can hold (RFC 1035 §2.3.4)' };
  return { name: plain, type, recursive, unchecked: false, edns: true };
}
