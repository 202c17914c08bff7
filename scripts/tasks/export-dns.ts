import { join } from 'node:path';
import type { Instant } from '../core/clock.ts';
import type { DomainConfig } from '../core/config/types.ts';
import { heldTlsa } from '../core/dane/managed-records.ts';
import { dnscontrolFiles } from '../core/dns/dnscontrol.ts';
import { octodnsFiles } from '../core/dns/octodns.ts';
import { terraformFiles } from '../core/dns/terraform.ts';
import { zoneFiles } from '../core/dns/zone-file.ts';
import { type ExportedDomain, type ExportFile, type ZoneRecords, zoneRecords } from '../core/dns/zone-records.ts';
import { PosternError } from '../core/failure.ts';
import { nearest } from '../core/near.ts';
import { writeText } from '../io/files/write-text.ts';
import { parseDomainName } from '../standards/domain-name.ts';
import { readLedger } from './ledger.ts';
import { loadConfiguration } from './load-configuration.ts';
import { readObservations } from './plan/evidence.ts';
import { usableSettings } from './usable-settings.ts';

const FORMATS: Readonly<Record<string, (zones: readonly ZoneRecords[]) => readonly ExportFile[]>> = {
  zone: zoneFiles,
  octodns: octodnsFiles,
  dnscontrol: dnscontrolFiles,
  terraform: terraformFiles,
};
const EXPORT_FORMATS: readonly string[] = Object.keys(FORMATS);

export interface ExportResult {
  readonly format: string;
  /** Absolute. */
  readonly files: readonly ExportFile[];
  /** Records that should perhaps be there and are not, and why; sentences. */
  readonly notes: readonly string[];
}

/**
 * Writes the records of all or the named domains for another tool. Throws PosternError `usage`, `domain-unknown`,
 * `configuration-invalid` (exit 2).
 */
export async function exportDns(options: {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly format: string;
  readonly domains: readonly string[];
  readonly out: string;
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<ExportResult> {
  const { root, data, now, format, domains, out, dryRun, environment } = options;
  const render = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (render === undefined)
    throw new PosternError('usage', `There is no format ${JSON.stringify(format)}.`, {
      hint: EXPORT_FORMATS.join(', '),
      exit: 2,
    });
  const configuration = await loadConfiguration(root);
  const settings = usableSettings(configuration);
  const wanted = new Set(
    domains.map((text) =>
      knownDomain(
        text,
        configuration.domains.map(({ domain }) => domain),
      ),
    ),
  );
  const chosen = configuration.domains.filter(({ domain }) => wanted.size === 0 || wanted.has(domain));
  const owner = environment['GITHUB_REPOSITORY']?.split('/')[0] || null;
  const { exported, notes } = await withTlsa(chosen, data, now);
  const zones = zoneRecords(exported, settings, owner);
  const files = render(zones).map(({ path, text }) => ({ path: join(out, path), text }));
  if (!dryRun) for (const { path, text } of files) writeText(path, text);
  return { format, files, notes };
}

async function withTlsa(
  configs: readonly DomainConfig[],
  data: string,
  now: Instant,
): Promise<{ readonly exported: readonly ExportedDomain[]; readonly notes: readonly string[] }> {
  const managed = configs.filter(({ dane }) => dane.managed).map(({ domain }) => domain);
  const looks = managed.length === 0 ? () => null : await readObservations(managed, { data, now });
  const notes: string[] = [];
  const exported = configs.map((config) => {
    const ledger = readLedger(data, config.domain);
    const underway = ledger.current?.announced_at === null ? ledger.current : null;
    const { records, unknown } = heldTlsa(config, looks(config.domain) ?? [], underway, now);
    notes.push(...unknown.map((why) => `${config.domain}: TLSA records are left out, because ${why}.`));
    return { config, ledger, tlsa: records };
  });
  return { exported, notes };
}

function knownDomain(text: string, known: readonly string[]): string {
  const parsed = parseDomainName(text);
  if (parsed.ok && known.includes(parsed.value)) return parsed.value;
  const near = nearest(text, known);
  throw new PosternError('domain-unknown', `There is no file for ${JSON.stringify(text.slice(0, 200))}.`, {
    ...(near === null ? {} : { hint: `Did you mean ${near}?` }),
    exit: 2,
  });
}
