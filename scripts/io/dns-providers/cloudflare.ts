import Cloudflare, { APIConnectionError, APIError } from 'cloudflare';
import { PosternError } from '../../core/failure.ts';

import { type LimitWait, limitWait, retryAfterSeconds, type Sleep } from './limit-wait.ts';
import { fromPresentation, toPresentation } from './presentation.ts';
import { type DnsProvider, type HeldRecords, providerRefuses, providerUnavailable, writeUnsure } from './provider.ts';

const KIND = 'cloudflare';

interface HeldRecord {
  readonly id: string;
  readonly value: string;
}

/** Cloudflare's API. It has no record sets: each record is one of its own, changed in place where that is possible. */
export function cloudflareProvider(client: Cloudflare, zone: string, sleep?: Sleep): DnsProvider {
  const limit = limitWait(KIND, sleep);
  let known: Promise<string> | null = null;
  const zoneId = (): Promise<string> => {
    known ??= findZone(client, zone, limit);
    return known;
  };
  return {
    kind: KIND,
    read: async ({ name, type }) => {
      const zone_id = await zoneId();
      const records = await read(limit, `${type} ${name}`, async () => {
        const found: { id: string; content?: string | undefined; ttl: number; data?: unknown }[] = [];
        for await (const record of client.dns.records.list({ zone_id, name: { exact: name }, type }))
          found.push(record as (typeof found)[number]);
        return found;
      });
      const handle: HeldRecord[] = records.map(({ id, content = '' }) => ({
        id,
        value: fromPresentation(type, content),
      }));
      return { name, type, values: handle.map(({ value }) => value), ttl: records[0]?.ttl ?? null, handle };
    },
    write: async (held, values, ttl) => {
      const zone_id = await zoneId();
      const { add, remove } = differences(held, values);
      for (const value of add) {
        const record = { zone_id, ...recordOf(held, value, ttl) } as never;
        const replaced = remove.shift();
        await written(limit, `${held.type} ${held.name}`, () =>
          replaced === undefined ? client.dns.records.create(record) : client.dns.records.update(replaced.id, record),
        );
      }
      for (const { id } of remove)
        await written(limit, `${held.type} ${held.name}`, () => client.dns.records.delete(id, { zone_id }));
      return 'written';
    },
  };
}

/** Retries are ours: the library's would repeat a write that may have been made. */
export function cloudflareClient(apiToken: string, baseURL: string | null): Cloudflare {
  return new Cloudflare({ apiToken, maxRetries: 0, timeout: 20_000, ...(baseURL === null ? {} : { baseURL }) });
}

async function findZone(client: Cloudflare, zone: string, limit: LimitWait): Promise<string> {
  const found = await read(limit, zone, () => client.zones.list({ name: zone }));
  const id = found.result.find(({ name }) => name === zone)?.id;
  if (id === undefined) throw providerRefuses(KIND, zone, 'there is no such zone, or the token may not see it');
  return id;
}

function differences(held: HeldRecords, values: readonly string[]): { add: string[]; remove: HeldRecord[] } {
  const records = held.handle as readonly HeldRecord[];
  return {
    add: values.filter((value) => !held.values.includes(value)),
    remove: records.filter(({ value }) => !values.includes(value)),
  };
}

function recordOf({ name, type }: HeldRecords, value: string, ttl: number): Readonly<Record<string, unknown>> {
  if (type === 'TLSA') {
    const [usage, selector, matching_type, certificate] = value.split(' ');
    const data = {
      usage: Number(usage),
      selector: Number(selector),
      matching_type: Number(matching_type),
      certificate,
    };
    return { name, type, ttl, data };
  }
  const content = type === 'CNAME' ? value : toPresentation(type, value);
  // Proxied, the policy host would answer with Cloudflare's own certificate and pages.
  return { name, type, ttl, content, ...(type === 'CNAME' ? { proxied: false } : {}) };
}

async function read<T>(limit: LimitWait, what: string, ask: () => PromiseLike<T>): Promise<T> {
  try {
    return await limit.within(what, ask, limitOf);
  } catch (error) {
    if (error instanceof PosternError) throw error;
    throw (isAnswer(error) ? providerRefuses : providerUnavailable)(KIND, what, reasonOf(error), error);
  }
}

async function written(limit: LimitWait, what: string, change: () => PromiseLike<unknown>): Promise<void> {
  try {
    await limit.within(what, change, limitOf);
  } catch (error) {
    if (error instanceof PosternError) throw error;
    throw (isAnswer(error) ? providerRefuses : writeUnsure)(KIND, what, reasonOf(error), error);
  }
}

function isAnswer(error: unknown): boolean {
  return error instanceof APIError && !(error instanceof APIConnectionError) && Number(error.status) < 500;
}

function limitOf(error: unknown): number | null {
  if (!(error instanceof APIError) || error.status !== 429) return null;
  return retryAfterSeconds(error.headers?.get('retry-after'));
}

function reasonOf(error: unknown): string {
  const line = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
