import { type DomainName, type HostName, parseHostName } from '../../standards/domain-name.ts';
import { type MxPattern, matchesMx } from '../../standards/mx-pattern.ts';
import { caaAllows, caaText, issuerOf } from '../dns/caa.ts';
import { patternsFor, providerOf } from '../dns/mail-providers.ts';
import { plainText } from '../plain-text.ts';
import { policyHost } from '../policy/desired.ts';
import type { LiveFacts } from '../policy/live-facts.ts';
import { formerDelegation, formerFaults, formerPolicy, formerReports } from './former-records.ts';
import type { Settings } from './types.ts';

/** What a domain's first file holds, and why. */
export interface NewDomain {
  readonly mode: 'testing' | 'enforce';
  readonly mx: readonly string[];
  /** Seconds; null: the default of the mode. */
  readonly max_age: number | null;
  /** Names of providers its MX hosts belong to. */
  readonly providers: readonly string[];
  /** An enforced or testing policy was in service before. */
  readonly adopted: boolean;
  /** Null: those of the settings. */
  readonly rua: readonly string[] | null;
  readonly hosting: string | null;
  readonly dns: string | null;
  readonly delegation: 'records' | 'cname';
  /** Every MX host has TLSA records that validate. */
  readonly dane: boolean;
  readonly warnings: readonly string[];
}

export interface NewDomainInput {
  readonly domain: DomainName;
  readonly live: LiveFacts;
  readonly settings: Settings;
  /** MX hosts named by hand, when DNS cannot be asked or is not there yet. */
  readonly named: readonly HostName[];
  /** Null: what the customer's CNAMEs say. */
  readonly delegation: 'records' | 'cname' | null;
  /** Which MX hosts have validated TLSA records. */
  readonly tlsa: ReadonlySet<string>;
}

/** `mx-null` and `mx-unknown`: no policy can be written. */
export type NewDomainResult =
  | { readonly ok: true; readonly value: NewDomain }
  | { readonly ok: false; readonly code: 'mx-null' | 'mx-unknown'; readonly message: string };

export function draftNewDomain(input: NewDomainInput): NewDomainResult {
  const { domain, live, settings, named, delegation, tlsa } = input;
  const warnings: string[] = [];
  const seenHosts = live.mx.known ? live.mx.value.hosts.flatMap(({ host }) => parseHostName(host) ?? []) : [];
  if (named.length === 0) {
    if (live.mx.known && live.mx.value.kind === 'null')
      return {
        ok: false,
        code: 'mx-null',
        message: `${domain} has a null MX: it receives no mail, so a policy means nothing.`,
      };
    if (seenHosts.length === 0) {
      const why = live.mx.known ? 'it has no MX and no address' : plainText(live.mx.why, 200);
      return { ok: false, code: 'mx-unknown', message: `The MX hosts of ${domain} are not known: ${why}.` };
    }
  }
  const hosts = named.length > 0 ? named : seenHosts;
  if (live.mx.known && live.mx.value.kind === 'implicit' && named.length === 0)
    warnings.push(`${domain} has no MX record; its address receives the mail. Some senders expect a record.`);
  formerFaults(live, warnings);
  const before = formerPolicy(live);
  const mx = mergedPatterns(before?.mx ?? [], hosts, warnings);
  const adopted = before !== null && before.mode !== 'none';
  const mode = before?.mode === 'enforce' ? 'enforce' : 'testing';
  if (before?.mode === 'enforce')
    warnings.push('A policy is enforced already: it is taken over with its mode, patterns and max_age.');
  const usual = mode === 'enforce' ? 604_800 : 86_400;
  const max_age = adopted && before.max_age !== usual ? before.max_age : null;
  const hosting = onlyName(settings.hosting);
  caaWarning(input, hosting, warnings);
  if (live.secure.known && !live.secure.value)
    warnings.push('The zone is not signed with DNSSEC: DANE is not possible.');
  return {
    ok: true,
    value: {
      mode,
      mx,
      max_age,
      providers: [...new Set(hosts.flatMap((host) => providerOf(host)?.name ?? []))],
      adopted,
      rua: formerReports(live, settings, warnings),
      hosting,
      dns: onlyName(settings.dns),
      delegation: delegation ?? formerDelegation(domain, live, settings, warnings),
      dane: hosts.length > 0 && hosts.every((host) => tlsa.has(host)),
      warnings,
    },
  };
}

function mergedPatterns(
  before: readonly MxPattern[],
  hosts: readonly HostName[],
  warnings: string[],
): readonly string[] {
  const bare = hosts.filter((host) => !before.some((pattern) => matchesMx(pattern, host)));
  if (before.length > 0 && bare.length > 0)
    warnings.push(`The policy in service does not cover ${bare.join(', ')}: added.`);
  for (const host of bare)
    if (host.includes('_')) warnings.push(`${host} holds an underscore, so only a wildcard can cover it.`);
  return [...new Set([...before, ...patternsFor(bare)])];
}

function caaWarning({ domain, live, settings }: NewDomainInput, hosting: string | null, warnings: string[]): void {
  const kind = hosting === null ? undefined : settings.hosting[hosting]?.kind;
  if (kind === undefined || !live.caa.known) return;
  const issuer = issuerOf(kind);
  if (!caaAllows(live.caa.value, issuer)) warnings.push(caaText(policyHost(domain), issuer));
}

/** With one choice there is none to make. */
function onlyName(named: Readonly<Record<string, unknown>>): string | null {
  const names = Object.keys(named);
  return names.length === 1 ? (names[0] ?? null) : null;
}

/** The file, in the manner of the examples: no more than what differs from the defaults. `depth`: folders below domains/. */
export function newDomainYaml(made: NewDomain, depth: number): string {
  const { mode, mx, max_age, providers, rua, hosting, dns, delegation, dane } = made;
  return [
    `# yaml-language-server: $schema=${'../'.repeat(depth) || './'}schema.json`,
    ...(providers.length > 0 ? [`# ${providers.join(', ')}.`] : []),
    `mode: ${mode}`,
    'mx:',
    ...mx.map((pattern) => `  - ${scalar(pattern)}`),
    ...(max_age === null ? [] : [`max_age: ${max_age}`]),
    ...(rua === null ? [] : ['rua:', ...rua.map((uri) => `  - ${scalar(uri)}`)]),
    ...(hosting === null ? [] : [`hosting: ${hosting}`]),
    ...(dns === null ? [] : [`dns: ${dns}`]),
    ...(delegation === 'records' ? [] : [`delegation: ${delegation}`]),
    ...(dane ? ['dane:', '  required: true'] : []),
    '',
  ].join('\n');
}

/** Plain where nobody can read it otherwise, else in JSON's quotes, which are YAML's. */
function scalar(text: string): string {
  return /^[A-Za-z][A-Za-z0-9._@:/+-]*[A-Za-z0-9]$/.test(text) ? text : JSON.stringify(text);
}
