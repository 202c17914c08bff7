import type { Observation, ObservationKind } from './observation.ts';

type Facts = Readonly<Record<string, unknown>>;

/** The most names of a list that one line of a table shows. */
const SHOWN = 4;

/** One line for a table, not yet made safe for a terminal: what is wrong or not known and why, or what was found to be sound. */
export function remark({ kind, outcome, facts }: Observation): string {
  if (outcome === 'ok') return SOUND[kind](facts);
  const told = [facts['reason'], facts['detail']].filter((part) => typeof part === 'string');
  return [...new Set(told)].join(': ');
}

const SOUND: Readonly<Record<ObservationKind, (facts: Facts) => string>> = {
  'mx-set': ({ kind, set }) =>
    kind === 'records' ? some(objects(set), ({ preference, host }) => `${preference} ${host}`) : text(kind),
  mx: (facts) => joined(tlsVersion(facts), validUntil(facts), aliasOf(facts)),
  policy: ({ status, bytes, version, certificate }) =>
    joined(
      status === undefined ? '' : `${status}`,
      bytes === undefined ? '' : `${bytes} bytes`,
      typeof version === 'string' ? `id ${version}` : '',
      validUntil({ certificate }),
    ),
  txt: ({ id, records }) => (typeof id === 'string' ? `id ${id}` : some(strings(records), (record) => record)),
  tlsrpt: ({ records }) => some(strings(records), (record) => record),
  dane: ({ dane, signed, records, rollover }) => {
    if (dane !== true)
      return signed === true ? 'no TLSA records, DANE is not in use' : 'not signed, DANE is not in use';
    return joined(
      some(strings(records), (record) => record.split(' ').slice(0, 3).join(' ')),
      rollover === undefined ? '' : `rollover: ${rollover}`,
    );
  },
  caa: ({ records, found_at, issuer }) => {
    if (strings(records).length === 0) return 'no CAA records: any authority may issue';
    return joined(
      some(strings(records), (record) => record),
      `at ${found_at}`,
      issuer ? `issued by ${issuer}` : '',
    );
  },
  cname: ({ aliases }) => (strings(aliases).length === 0 ? 'none' : some(strings(aliases), (name) => `→ ${name}`)),
  vantage: () => '',
};

const tlsVersion = ({ tls }: Facts): string => text((tls as { version?: unknown } | null | undefined)?.version);
const aliasOf = ({ alias_of }: Facts): string => (typeof alias_of === 'string' ? `alias of ${alias_of}` : '');

function validUntil({ certificate }: Facts): string {
  const until = (certificate as { not_after?: unknown } | null | undefined)?.not_after;
  return typeof until === 'string' ? `until ${until.slice(0, 10)}` : '';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');
const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
const objects = (value: unknown): readonly Facts[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];

function some<T>(items: readonly T[], words: (item: T) => string): string {
  const more = items.length - SHOWN;
  return joined(...items.slice(0, SHOWN).map(words), more > 0 ? `${more} more` : '');
}
