import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../core/clock.ts';
import { domainFiles, examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import { draftNewDomain, type NewDomain, newDomainYaml } from '../core/config/new-domain.ts';
import type { Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { type LiveFacts, nothingSeen } from '../core/policy/live-facts.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import { writeText } from '../io/files/write-text.ts';
import { type DomainName, type HostName, parseDomainName, parseHostName } from '../standards/domain-name.ts';
import { excerpt } from '../standards/excerpt.ts';
import { lookLive } from './look-live.ts';
import { openOutside } from './open-outside.ts';
import { usableSettings } from './usable-settings.ts';

export interface AddOptions {
  readonly root: string;
  readonly now: Instant;
  readonly domain: string;
  readonly customer: string | null;
  /** MX hosts instead of those in DNS. */
  readonly mx: readonly string[];
  /** Null: as the CNAMEs that stand already say. */
  readonly delegation: 'records' | 'cname' | null;
  readonly dryRun: boolean;
}

export interface AddResult extends NewDomain {
  readonly domain: DomainName;
  /** Relative to the root. */
  readonly file: string;
  readonly written: boolean;
  readonly yaml: string;
  readonly live: LiveFacts;
}

const DEADLINE_MS = 15_000;

/**
 * Looks a domain up and writes its first file, which `check` accepts. What is in service already is taken over as it is.
 * Throws PosternError `domain-invalid`, `domain-exists`, `customer`, `mx-null`, `mx-unknown`, `configuration-invalid` (exit 2).
 */
export async function add(options: AddOptions): Promise<AddResult> {
  const { root, now, customer, dryRun, delegation } = options;
  const domain = domainOf(options.domain);
  const entries = readDomainFiles(root, isWanted);
  const settings = usableSettings(examine(entries, null));
  const existing = domainFiles(entries).get(domain)?.[0];
  if (existing !== undefined)
    throw new PosternError('domain-exists', `${existing} is there already.`, {
      hint: `npx postern plan ${domain}`,
      exit: 2,
    });
  if (customer !== null && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(customer))
    throw new PosternError('customer', `${excerpt(customer)} is no folder name of a customer.`, {
      hint: 'lower-case letters, digits and hyphens',
      exit: 2,
    });
  const named = options.mx.map(hostOf);
  const { live, tlsa } = await lookUp(root, domain, settings, named, now);
  const drafted = draftNewDomain({ domain, live, settings, named, delegation, tlsa });
  if (!drafted.ok)
    throw new PosternError(drafted.code, drafted.message, {
      hint:
        drafted.code === 'mx-null'
          ? 'leave the domain out; if it is to receive mail, publish its MX records first'
          : 'name the hosts yourself: --mx mx1.example.com,mx2.example.com',
      exit: 2,
    });
  const path = customer === null ? `${domain}.yaml` : `${customer}/${domain}.yaml`;
  const yaml = newDomainYaml(drafted.value, customer === null ? 0 : 1);
  const { problems } = examine([...entries, { path, kind: 'file', bytes: new TextEncoder().encode(yaml) }], now);
  const told = problems.filter(({ file }) => file === `domains/${path}`);
  const error = told.find(({ severity }) => severity === 'error');
  if (error !== undefined)
    throw new PosternError('configuration-invalid', `What was seen makes no valid file: ${error.message}`, {
      hint: error.hint ?? 'Write the file yourself.',
      exit: 2,
    });
  const file = join(root, 'domains', path);
  // Not read above, such as a link out of the repository: never written over.
  if (existsSync(file))
    throw new PosternError('domain-exists', `domains/${path} is there already.`, { hint: 'look at it', exit: 2 });
  const warnings = [...drafted.value.warnings, ...told.map(({ message }) => message)];
  if (!dryRun) writeText(file, yaml);
  return { ...drafted.value, warnings, domain, file: `domains/${path}`, written: !dryRun, yaml, live };
}

async function lookUp(root: string, domain: DomainName, settings: Settings, named: readonly HostName[], now: Instant) {
  const outside = await openOutside(root, settings.network, now);
  try {
    const live = await lookLive(domain, { ...outside, now, deadlineMs: DEADLINE_MS });
    const hosts =
      named.length > 0 ? named : live.mx.known ? live.mx.value.hosts.map(({ host }) => host).slice(0, 20) : [];
    const looks = await Promise.all(hosts.map((host) => outside.resolver.lookup(`_25._tcp.${host}`, 'TLSA')));
    const tlsa = new Set(
      hosts.filter((_, index) => looks[index]?.secure === true && looks[index]?.status === 'answer'),
    );
    return { live, tlsa };
  } catch (error) {
    // Without a resolver the hosts may still be named by hand.
    if (named.length === 0 || !(error instanceof PosternError)) throw error;
    return { live: nothingSeen(now, error.message), tlsa: new Set<string>() };
  } finally {
    await outside.close();
  }
}

function domainOf(text: string): DomainName {
  const parsed = parseDomainName(text);
  if (!parsed.ok) throw new PosternError('domain-invalid', parsed.faults[0]?.message ?? excerpt(text), { exit: 2 });
  return parsed.value;
}

function hostOf(text: string): HostName {
  const host = parseHostName(text.trim());
  if (host === null)
    throw new PosternError('domain-invalid', `${excerpt(text)} is not the name of a host.`, { exit: 2 });
  return host;
}
