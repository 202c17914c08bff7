import type { Answer } from 'dns-packet';
import type { Asked, Reply, Respond } from './server.ts';

/** `name type data`: `data` as dns-packet takes it, or a failure of that look-up. */
export interface ZoneEntry {
  readonly name: string;
  readonly type: string;
  readonly data?: unknown;
  readonly ttl?: number;
  /** The look-up of this name and type fails so, whatever else stands here. */
  readonly fails?: 'servfail' | 'bogus' | 'refused' | 'silent';
  /** AD is not set for answers that hold this record. */
  readonly insecure?: boolean;
}

/** Answers as a validating resolver, or with `aa` as a server that holds the zone, would from these records. */
export function respondFrom(
  entries: readonly ZoneEntry[],
  options: { readonly ad?: boolean; readonly aa?: boolean } = {},
): Respond {
  return (asked) => {
    const flags = { aa: options.aa ?? false };
    const failure = entries.find(
      (one) => one.fails !== undefined && one.name === asked.name && one.type === asked.type,
    );
    if (failure !== undefined) return failureReply(failure, asked);
    const answers: Answer[] = [];
    let secure = options.ad ?? false;
    let name = asked.name;
    for (let hop = 0; hop < 20; hop++) {
      const here = entries.filter((one) => one.name === name && one.fails === undefined);
      const found = here.filter((one) => one.type === asked.type);
      const chosen = found.length > 0 ? found : here.filter((one) => one.type === 'CNAME');
      if (chosen.some(({ insecure }) => insecure === true)) secure = false;
      answers.push(...chosen.map(answerOf));
      const alias = chosen[0];
      if (found.length > 0 || alias === undefined) break;
      name = String(alias.data);
    }
    if (answers.some(({ type }) => type === asked.type)) return { ...flags, ad: secure, answers };
    const exists = entries.some((one) => one.name === name || one.name.endsWith(`.${name}`));
    const soa = { mname: 'ns.test', rname: 'host.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 };
    const authorities: Answer[] = [{ name: 'test', type: 'SOA', ttl: 300, data: soa, class: 'IN' }];
    return { ...flags, ad: secure, rcode: exists ? 0 : 3, answers, authorities };
  };
}

function failureReply({ fails }: ZoneEntry, asked: Asked): Reply | null {
  if (fails === 'silent') return null;
  if (fails === 'refused') return { rcode: 5 };
  return fails === 'bogus' && asked.cd ? { rcode: 0 } : { rcode: 2 };
}

function answerOf({ name, type, data, ttl }: ZoneEntry): Answer {
  return { name, type, data, ttl: ttl ?? 300, class: 'IN' } as Answer;
}
