import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { IngestResult } from '#scripts/core/reports/ingest-result.ts';
import { ingest } from '#scripts/tasks/ingest.ts';
import type { Signer } from '../io/mail/report-mail.ts';
import { instantOf } from '../io/store/stored-rows.ts';

export const NOW = '2026-11-19T06:00:00Z';

/** A repository with two managed domains, an empty store and an inbox, in a folder of its own. */
export interface World {
  readonly root: string;
  readonly data: string;
  readonly inbox: string;
  /** Puts a file into the inbox and returns its path. */
  readonly put: (name: string, content: Uint8Array | string) => string;
  readonly ingest: (options?: IngestChanges) => Promise<IngestResult>;
  /** Columns of every stored row, in the order of report and policy entry. */
  readonly rows: (columns: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Every file below data with its bytes (hex) and its time of change, but for the one that says when ingest ran. */
  readonly tree: () => ReadonlyMap<string, string>;
  readonly remove: () => void;
}

interface IngestChanges {
  readonly paths?: readonly string[];
  readonly now?: string;
  readonly dryRun?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly budget?: number;
  readonly filed?: boolean;
}

export function newWorld(signers: readonly Signer[] = []): World {
  const root = mkdtempSync(join(tmpdir(), 'postern-ingest-'));
  const data = join(root, 'data');
  const inbox = join(root, 'inbox');
  const write = (name: string, content: Uint8Array | string): string => {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  mkdirSync(inbox);
  // A name server that nobody answers at: no test may depend on the real DNS.
  const network = 'network:\n  dkim_keys: keys.txt\n  resolver: udp://127.0.0.1:9\n';
  write('domains/_settings.yaml', `organisation: Test\nmailbox:\n  folder: inbox\n${network}`);
  for (const domain of ['example.com', 'example.net']) {
    write(`domains/${domain}.yaml`, `mode: enforce\nmx: [mx1.${domain}]\nrua: ['mailto:tls@organisation.example']\n`);
  }
  write('keys.txt', signers.map(({ name, record }) => `${name}. 300 IN TXT "${record}"\n`).join(''));
  return {
    root,
    data,
    inbox,
    put: (name, content) => write(join('inbox', name), content),
    ingest: ({ paths = [], now = NOW, dryRun = false, ...rest } = {}) =>
      ingest({ root, data, paths, now: instantOf(now), dryRun, progress: () => {}, ...rest }),
    rows: (columns) => storedRows(data, columns),
    tree: () => new Map([...treeOf(data)].filter(([name]) => name !== 'checkpoint.json')),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function storedRows(data: string, columns: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const rows = `read_parquet('${join(data, 'reports/*/*.parquet')}', hive_partitioning = false)`;
    const order = 'day, report_id, report_sha256, dkim, policy_index';
    return (await connection.runAndReadAll(`SELECT ${columns} FROM ${rows} ORDER BY ${order}`)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function treeOf(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), `${statSync(path).mtimeMs} ${readFileSync(path).toString('hex')}`);
  }
  return new Map([...files].sort());
}
