import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * The domains asked about as the table `managed(domain_index, domain)`, in the order given: an IN list of ten thousand
 * literals would be planned as such.
 */
export async function createManaged(connection: DuckDBConnection, domains: readonly string[]): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE managed (domain_index INTEGER, domain VARCHAR)');
  const appender = await connection.createAppender('managed');
  for (const [index, domain] of domains.entries()) {
    appender.appendInteger(index);
    appender.appendVarchar(domain);
    appender.endRow();
  }
  appender.closeSync();
}
