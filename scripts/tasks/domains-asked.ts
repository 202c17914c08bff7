import type { Configuration, DomainConfig, Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { nearest } from '../core/near.ts';
import { parseDomainName } from '../standards/domain-name.ts';
import { excerpt } from '../standards/excerpt.ts';

const CHECK = 'npx postern check tells every problem of the configuration.';

/** The settings; throws `configuration-invalid` (exit 2) when they cannot be used. */
export function settingsOf({ settings, problems }: Configuration): Settings {
  if (settings !== null) return settings;
  const first = problems.find(({ severity }) => severity === 'error');
  const why = first === undefined ? '' : ` ${first.file}: ${first.message}`;
  throw new PosternError('configuration-invalid', `The settings cannot be used.${why}`, { hint: CHECK, exit: 2 });
}

/** The domains of these names, all without any; throws `configuration-invalid` or `domain-unknown` (exit 2). */
export function domainsAsked(configuration: Configuration, names: readonly string[]): readonly DomainConfig[] {
  settingsOf(configuration);
  const { domains } = configuration;
  if (names.length === 0) return domains;
  const byName = new Map<string, DomainConfig>(domains.map((config) => [config.domain, config]));
  return [...new Set(names.map((name) => byName.get(canonical(name)) ?? unknownDomain(name, configuration)))];
}

function canonical(name: string): string {
  const parsed = parseDomainName(name);
  return parsed.ok ? parsed.value : name;
}

function unknownDomain(name: string, { domains, problems }: Configuration): never {
  const broken = problems.find(
    ({ severity, file }) => severity === 'error' && file.endsWith(`/${canonical(name)}.yaml`),
  );
  if (broken !== undefined) {
    const message = `${broken.file} has errors, so ${excerpt(name)} cannot be looked at.`;
    throw new PosternError('configuration-invalid', message, { hint: CHECK, exit: 2 });
  }
  const near = nearest(
    name,
    domains.map(({ domain }) => domain),
  );
  throw new PosternError('domain-unknown', `There is no file for the domain ${excerpt(name)} under domains/.`, {
    hint: near === null ? 'Domains are named by their files: domains/<domain>.yaml.' : `Did you mean ${near}?`,
    exit: 2,
  });
}
