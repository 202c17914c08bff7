import type { Observation } from '../../core/probe/observation.ts';

/** Typed by Observation, so that a column cannot be forgotten; the order is the order of the file. */
const TYPES: Readonly<Record<keyof Observation, 'VARCHAR' | 'TIMESTAMP WITH TIME ZONE'>> = {
  at: 'TIMESTAMP WITH TIME ZONE',
  vantage: 'VARCHAR',
  domain: 'VARCHAR',
  kind: 'VARCHAR',
  subject: 'VARCHAR',
  address: 'VARCHAR',
  outcome: 'VARCHAR',
  code: 'VARCHAR',
  facts: 'VARCHAR',
};

export const OBSERVATION_COLUMNS: readonly (keyof Observation)[] = Object.keys(TYPES) as (keyof Observation)[];

export const OBSERVATION_TYPES = TYPES;

/**
 * Neighbours of one subject compress and scan well together; all columns, so that the same rows always make the same
 * bytes.
 */
export const OBSERVATION_ORDER = 'domain, kind, subject, address, vantage, "at", code, outcome, facts';

/**
 * How a file is written. What is read at a time is a group of rows, and facts are long: of larger groups a fleet's month
 * could neither be written nor read in the memory that the database has.
 */
export const OBSERVATION_FORMAT = '(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768)';
