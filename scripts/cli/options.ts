import { join, resolve } from 'node:path';
import { PosternError } from '../core/failure.ts';
import { parseShard, type Shard, WHOLE } from '../core/shard.ts';
import type { Invocation, Option } from './command.ts';

/** Options that several commands share. */
export const OUT: Option = { name: 'out', value: 'DIR', summary: 'where the built sites stand (default: <root>/dist)' };
export const PORT: Option = {
  name: 'port',
  value: 'N',
  summary: 'the first port to try, 0 for any free one (default: 4321)',
};
export const SHARD: Option = {
  name: 'shard',
  value: 'I/N',
  summary: 'only the I-th of N parts of the domains, for jobs side by side',
};
/** As many operands as somebody likes. */
export const UNLIMITED = Number.POSITIVE_INFINITY;

export function outOf({ options, root }: Pick<Invocation, 'options' | 'root'>): string {
  const out = options['out'];
  return typeof out === 'string' ? resolve(out) : join(root, 'dist');
}

export function shardOption({ options }: Pick<Invocation, 'options'>): Shard {
  const text = options['shard'];
  if (typeof text !== 'string') return WHOLE;
  const shard = parseShard(text);
  if (shard !== null) return shard;
  throw new PosternError('usage', `--shard ${JSON.stringify(text)} is no part`, {
    hint: 'such as 2/5: the second of five',
    exit: 2,
  });
}

export function portOf({ options }: Pick<Invocation, 'options'>): number {
  const text = options['port'];
  if (typeof text !== 'string') return 4321;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new PosternError('usage', `--port ${JSON.stringify(text)} is not a port`, {
    hint: 'a number from 0 to 65535',
    exit: 2,
  });
}
