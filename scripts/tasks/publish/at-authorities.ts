import type { RecordSet } from '../../core/dns/record-set.ts';
import type { AskServer, Lookup, Resolver } from '../../core/probe/dns-lookup.ts';
import type { AuthorityAnswer, AuthorityView } from '../../core/publish/authority-view.ts';
import { zoneServers } from '../probe/zone-servers.ts';

/** Longer chains are loops or mischief. */
const MAX_ALIASES = 8;
/** Other TXT records at the name are not ours to compare. */
const OURS_IN_TXT = /^v=(?:STSv1|TLSRPTv1)/i;

/**
 * What every server of the zone says, asked directly, so that no cache answers for it. A TXT record behind a CNAME is asked
 * of the servers of the zone it leads to.
 */
export async function atAuthorities(
  { name, type }: Pick<RecordSet, 'name' | 'type'>,
  resolver: Resolver,
  ask: AskServer,
): Promise<AuthorityView> {
  let owner = name;
  for (let hop = 0; hop < MAX_ALIASES; hop++) {
    const answers = await answersAt(owner, type, resolver, ask);
    const aliases = type === 'CNAME' ? [] : answers.map(({ lookup }) => lookup.aliases.at(-1)?.target).filter(Boolean);
    const [target] = aliases;
    // Servers that disagree about the alias are shown as they are: some have no record.
    if (target === undefined || aliases.some((other) => other !== target)) return viewOf(name, type, answers);
    const isSettled = answers.every(({ lookup }) => lookup.records.length > 0);
    if (isSettled || owner === target) return viewOf(name, type, answers);
    owner = target;
  }
  return { name, type, answers: [] };
}

interface Asked {
  readonly server: string;
  readonly address: string;
  readonly lookup: Lookup;
}

async function answersAt(
  owner: string,
  type: RecordSet['type'],
  resolver: Resolver,
  ask: AskServer,
): Promise<readonly Asked[]> {
  const servers = await zoneServers(resolver, ask, owner);
  return Promise.all(
    servers.map(async ({ server, address }) => ({ server, address, lookup: await ask(address, owner, type) })),
  );
}

function viewOf(name: string, type: RecordSet['type'], answers: readonly Asked[]): AuthorityView {
  return { name, type, answers: answers.map((asked) => answerOf(type, asked)) };
}

function answerOf(type: RecordSet['type'], { server, address, lookup }: Asked): AuthorityAnswer {
  const { status, records } = lookup;
  const texts = type === 'TLSA' ? (records as readonly Uint8Array[]).map(tlsaText) : (records as readonly string[]);
  const values = type === 'TXT' ? texts.filter((text) => OURS_IN_TXT.test(text)) : texts;
  return { server, address, status, values };
}

/** RFC 6698 §2.2: `3 1 1 hex`. */
function tlsaText(data: Uint8Array): string {
  const [usage, selector, matching] = data;
  return `${usage} ${selector} ${matching} ${Buffer.from(data.subarray(3)).toString('hex')}`;
}
