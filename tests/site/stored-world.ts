import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withSection, withTaskRun } from '#scripts/core/checkpoint.ts';
import { addDays, type Day, type Instant } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import type { ReportRow } from '#scripts/core/reports/rows.ts';
import { openDatabase } from '#scripts/io/store/duckdb.ts';
import { ReportWriter } from '#scripts/io/store/report-writer.ts';
import { rowLine } from '#scripts/io/store/row-line.ts';
import { updateCheckpoint } from '#scripts/tasks/checkpoint.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { openObservationStore } from '#scripts/tasks/open-observation-store.ts';
import { alertsFor, ledgerEvents, observations, WORLD_DAYS } from './observed-world.ts';
import { domainConfig, sha256, WORLD_NOW, type WorldEntry, type WorldTexts, worldEntries } from './world.ts';

export interface StoredWorld {
  readonly root: string;
  readonly data: string;
}

export interface StoredWorldOptions {
  readonly domains: number;
  /** Text of `_settings.yaml`. */
  readonly settings?: string;
  readonly texts?: WorldTexts;
  /** With what probes saw, the ledgers of what was published, and incidents. */
  readonly observed?: boolean;
}

export const SETTINGS_YAML = `organisation: Example Organisation
reporting: {rua: ['mailto:tls-reports@organisation.example']}
site: {title: Mail transport of Example Organisation, redact: false}
`;

/** The made-up fleet as files: `<folder>/domains/` and the Parquet of `<folder>/data/`, as the real tasks would find them. */
export async function storeWorld(folder: string, options: StoredWorldOptions): Promise<StoredWorld> {
  const data = join(folder, 'data');
  writeText(join(folder, 'domains', '_settings.yaml'), options.settings ?? SETTINGS_YAML);
  const database = await openDatabase();
  const writer = new ReportWriter(database, data);
  for (let index = 0; index < options.domains; index++) {
    const config = domainConfig(index);
    writeText(join(folder, config.file), domainYaml(config));
    await writer.add(worldEntries(config, index, options.texts).map((entry) => rowLine(reportRow(config, entry))));
    if (writer.full) await writer.flush();
  }
  await writer.flush();
  database.close();
  if (options.observed === true) await storeObserved(data, options);
  return { root: folder, data };
}

/** What lies in one file of observations, of all domains. */
const DAYS_AT_ONCE = 5;

function* seenOf(configs: readonly DomainConfig[], texts: WorldTexts, days: readonly Day[]): Iterable<Observation> {
  for (const [index, config] of configs.entries()) yield* observations(config, index, texts, days);
}

async function storeObserved(data: string, { domains, texts = {} }: StoredWorldOptions): Promise<void> {
  const configs = Array.from({ length: domains }, (_, index) => domainConfig(index));
  const store = await openObservationStore(data);
  for (let from = 0; from < WORLD_DAYS.length; from += DAYS_AT_ONCE) {
    const days = WORLD_DAYS.slice(from, from + DAYS_AT_ONCE);
    await store.append(seenOf(configs, texts, days));
  }
  await store.close();
  for (const config of configs) appendLedger(data, config.domain, ledgerEvents(config));
  updateCheckpoint(data, (checkpoint) =>
    ['ingest', 'probe', 'alert'].reduce(
      (all, task) => withTaskRun(all, task, WORLD_NOW, true),
      withSection(checkpoint, 'alerts', alertsFor(configs, texts)),
    ),
  );
}

export function writeText(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function domainYaml({ mode, mx, retire }: DomainConfig): string {
  return `mode: ${mode}\nmx: [${mx.join(', ')}]\n${retire ? 'retire: true\n' : ''}`;
}

function reportRow(config: DomainConfig, entry: WorldEntry): ReportRow {
  const { day, policy_type, reporter, organization, successful, failed, report_sha256 } = entry;
  return {
    schema_version: 2,
    report_sha256,
    source_sha256: report_sha256,
    source_reports: 1,
    report_key: sha256(`key ${report_sha256}`),
    received_at: `${addDays(day, 1)}T04:12:00Z` as Instant,
    received_order: 0,
    provenance: 'mail',
    dkim: 'pass',
    dkim_domain: 'reporter.example',
    dkim_selector: 's',
    dkim_key: null,
    reporter,
    organization_name: organization,
    contact_info: 'person@contact.example',
    report_id: report_sha256.slice(0, 20),
    start_at: `${day}T00:00:00Z` as Instant,
    end_at: `${day}T23:59:59Z` as Instant,
    day,
    report_domain: config.domain,
    policy_index: policy_type === 'sts' ? 0 : 1,
    policy_type,
    policy_type_raw: policy_type,
    policy_domain: config.domain,
    policy_domain_from: 'report',
    policy_string: entry.policy_string,
    mx_host: null,
    successful_sessions: successful,
    failed_sessions: failed,
    failed_derived: false,
    failure_details:
      failed === 0
        ? []
        : [
            {
              result_type: entry.result_type,
              result_type_raw: entry.result_type,
              failed_sessions: failed,
              sending_mta_ip: '198.51.100.77',
              receiving_ip: '192.0.2.77',
              receiving_mx_hostname: entry.mx,
              receiving_mx_helo: null,
              additional_information: null,
              failure_reason_code: entry.reason,
            },
          ],
    warnings: [],
    extra: null,
    strict: true,
  };
}
