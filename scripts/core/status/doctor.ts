import type { Checkpoint } from '../checkpoint.ts';
import { epochMs, type Instant } from '../clock.ts';
import type { Configuration, DnsSettings, Settings } from '../config/types.ts';
import { plainText } from '../plain-text.ts';
import { count } from '../policy/plan/plan-verdict.ts';
import { unprotectedNames } from '../policy/plan/unprotected.ts';

/** One thing that Postern needs. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'bad' | 'unknown';
  /** What was seen; printable. */
  readonly text: string;
  /** What to do; null when nothing. */
  readonly fix: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function ok(name: string, text: string): Check {
  return { name, state: 'ok', text, fix: null };
}

export function bad(name: string, text: string, fix: string): Check {
  return { name, state: 'bad', text, fix };
}

export function unknown(name: string, text: string, fix: string | null): Check {
  return { name, state: 'unknown', text, fix };
}

export function configurationCheck({ problems, domains }: Configuration): Check {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first !== undefined)
    return bad(
      'configuration',
      `${errors.length} errors, first in ${first.file}: ${first.message}`,
      'npx postern check',
    );
  if (domains.length === 0) return bad('configuration', 'There is no domain yet.', 'npx postern add <domain>');
  return ok('configuration', `${count(domains.length, 'domain')}, no error.`);
}

export function reportingCheck({ reporting }: Settings, { domains }: Configuration): Check {
  const silent = domains.filter(({ rua }) => rua.length === 0);
  if (silent.length === 0 && (domains.length > 0 || reporting.rua.length > 0))
    return ok('reporting', `Reports go to ${reporting.rua.join(', ') || 'addresses of each domain'}.`);
  return bad(
    'reporting',
    domains.length === 0
      ? 'No address for reports is set.'
      : `Nobody gets reports about ${count(silent.length, 'domain')}.`,
    'write reporting.rua in domains/_settings.yaml',
  );
}

/** Nothing is inherited: a name below a managed domain that receives mail needs a file of its own (RFC 8461 §3.4, S33). */
export function coverageCheck({ domains }: Configuration, reported: readonly string[]): Check {
  const bare = unprotectedNames(new Set(domains.map(({ domain }) => domain)), reported);
  if (bare.length === 0) return ok('subdomains', 'No report is about a name below a domain without a file of its own.');
  const shown = bare.slice(0, 5).map((name) => plainText(name, 255));
  const more = bare.length > shown.length ? ` and ${bare.length - shown.length} more` : '';
  return bad(
    'subdomains',
    `Reports are about ${shown.join(', ')}${more}: a policy covers no names below its domain, so these are not protected.`,
    `npx postern add ${shown[0]}, if it receives mail`,
  );
}

/** Secrets by name, never by value; one check for each provider of DNS. */
export function dnsWriteChecks({ dns }: Settings, environment: Environment): readonly Check[] {
  const entries = Object.entries(dns);
  if (entries.length === 0) return [ok('dns', 'A person sets DNS records; plan prints the lines.')];
  return entries.map(([name, { kind }]) => {
    const wanted = SECRETS[kind];
    const missing = wanted.filter((variable) => !environment[variable]);
    const check = `dns ${name}`;
    if (kind === 'manual') return ok(check, 'A person sets DNS records; plan prints the lines.');
    if (missing.length > 0)
      return bad(
        check,
        `${kind}: ${missing.join(' and ')} not set.`,
        `set ${missing.join(' and ')} (in Actions: secrets of that name)`,
      );
    return unknown(check, `${kind}: the secret is there; whether it may write is seen at the first publish.`, null);
  });
}

const SECRETS: Readonly<Record<DnsSettings['kind'], readonly string[]>> = {
  manual: [],
  rfc2136: ['POSTERN_TSIG_SECRET'],
  cloudflare: ['CLOUDFLARE_API_TOKEN'],
  route53: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  desec: ['DESEC_TOKEN'],
  hetzner: ['HCLOUD_TOKEN'],
};

export function digestCheck({ digest }: Settings, environment: Environment): Check {
  if (digest.to.length === 0)
    return unknown('digest', 'No weekly summary is sent.', 'write digest in domains/_settings.yaml, or leave it');
  if (digest.smtp === null || digest.from === null)
    return bad('digest', 'The weekly summary has no sender or server.', 'write digest.from and digest.smtp');
  if (digest.smtp.user !== null && !environment['POSTERN_SMTP_PASSWORD'])
    return bad('digest', 'POSTERN_SMTP_PASSWORD is not set.', 'set POSTERN_SMTP_PASSWORD');
  return ok('digest', `The weekly summary goes to ${digest.to.length} addresses by ${digest.smtp.host}.`);
}

/** A public site shows what it is given: redacted is the safe choice where nobody proved it private. */
export function siteCheck({ site }: Settings, repositoryIsPrivate: boolean | null): Check {
  if (site.visibility === 'artifact') return ok('site', 'The reports site stays a build artifact.');
  if (site.redact) return ok('site', 'The reports site may be public and is redacted.');
  const why =
    repositoryIsPrivate === true
      ? 'Pages of a private repository are public except on Enterprise Cloud.'
      : 'It is public.';
  return bad(
    'site',
    `The reports site shows sender addresses and free text. ${why}`,
    'set site.redact: true or site.visibility: artifact, unless you know that only you can read it',
  );
}

/** What stands between a stranger's change and the policies: a protected branch, and an owner for each file in `domains/`. */
export function protectionCheck(isProtected: boolean | null, codeowners: string | null): Check {
  const name = 'protection';
  const owned = codeowners !== null && /^\s*\/?domains\/?\S*\s+@/m.test(codeowners);
  if (isProtected === false)
    return bad(
      name,
      'Whoever may push can publish a policy: the main branch is not protected.',
      'Settings → Rules → Rulesets: require a pull request, an approval by code owners, and the check plan on the main branch',
    );
  if (!owned)
    return bad(
      name,
      'Nobody owns domains/: an approval by anybody is enough.',
      'cp docs/guides/CODEOWNERS.example .github/CODEOWNERS and name your people',
    );
  if (isProtected === null) return unknown(name, 'GitHub does not tell whether the main branch is protected.', null);
  return ok(name, 'The main branch is protected, and domains/ has owners.');
}

/** Hours after which a task that runs on a schedule is late; GitHub's schedules may be hours late and are dropped at times. */
const LATE_HOURS: Readonly<Record<string, number>> = {
  probe: 6,
  alert: 6,
  ingest: 36,
  advance: 36,
  'digest-weekly': 8 * 24,
  'digest-monthly': 33 * 24,
};

export function scheduleChecks({ tasks }: Checkpoint, now: Instant): readonly Check[] {
  return Object.entries(LATE_HOURS).map(([task, hours]) => {
    const name = `task ${task}`;
    const last = tasks[task]?.last_success ?? null;
    if (last === null)
      return unknown(
        name,
        tasks[task] === undefined ? 'never ran' : 'never finished',
        `npx postern ${task.replace('-', ' ')}, or enable its workflow`,
      );
    const age = (epochMs(now) - epochMs(last)) / 3_600_000;
    if (age <= hours) return ok(name, `last finished ${last}`);
    return bad(
      name,
      `last finished ${last}, ${Math.floor(age)} hours ago`,
      'look at its last run in Actions; a schedule that was disabled has to be enabled by hand',
    );
  });
}

export function doctorText(checks: readonly Check[]): string {
  const of = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const width = Math.max(...checks.map(({ name }) => name.length));
  const mark = { ok: 'ok ', bad: 'BAD', unknown: '?  ' } as const;
  return [
    `${of('bad')} bad, ${of('unknown')} not known, ${of('ok')} ok.`,
    ...checks.flatMap(({ name, state, text, fix }) => [
      `  ${mark[state]} ${name.padEnd(width)}  ${text}`,
      ...(fix === null ? [] : [`      ${''.padEnd(width)}  fix: ${fix}`]),
    ]),
  ].join('\n');
}
