import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { parseShard } from '#scripts/core/shard.ts';
import { isPageOf, type SitePart, whyNotWhole } from '#scripts/core/site/site-part.ts';

const SHARDS = ['1/3', '2/3', '3/3'].map((text) => parseShard(text) ?? assert.fail(text));
const DOMAINS = Array.from({ length: 50 }, (_, index) => `d${index}.example`);

test('every page is of one part: a domain’s of its own, on both sites the same, all others of the first', () => {
  const ownersOf = (site: SitePart['site'], path: string) => SHARDS.filter((shard) => isPageOf(site, shard, path));
  for (const domain of DOMAINS) {
    const [owner, ...others] = ownersOf('reports', `domains/${domain}/`);
    assert.ok(owner !== undefined && others.length === 0, domain);
    for (const path of [`domains/${domain}`, `domains/${domain}/days/`])
      assert.deepEqual(ownersOf('reports', path), [owner]);
    for (const path of [domain, `${domain}/`, `${domain}/.well-known/mta-sts.txt`])
      assert.deepEqual(ownersOf('policies', path), [owner], path);
  }
  for (const path of ['', 'domains', 'domains/', 'about', 'senders/example.net/', 'months/2026-10/', 'assets/site.css'])
    assert.deepEqual(ownersOf('reports', path), SHARDS.slice(0, 1), path);
});

test('a shard is written I/N', () => {
  for (const bad of ['', '0/3', '4/3', '1', '1/0', 'a/b', '1/3/5', '-1/3', ' 1/3', '1/12345'])
    assert.equal(parseShard(bad), null, bad);
});

const PARTS: readonly SitePart[] = SHARDS.map((shard) => ({
  ...{ site: 'reports', shard, at: '2026-11-26T05:41:00Z' as Instant, version: '1.2.0', commit: 'c0ffee', data: 'd1' },
  unpublished: [],
}));
const other = (change: Partial<SitePart>) => [...PARTS.slice(0, 2), { ...(PARTS[2] as SitePart), ...change }];
for (const [what, parts, why] of [
  ['all', PARTS, null],
  ['all, in another order', PARTS.toReversed(), null],
  ['none', [], /there is none/],
  ['one is missing', PARTS.slice(1), /of 3 parts 1 is missing/],
  ['two are missing', PARTS.slice(2), /of 3 parts 1, 2 are missing/],
  ['one twice', [...PARTS, PARTS[1] as SitePart], /part 2 of 3 is there twice/],
  ['another moment', other({ at: '2026-11-26T05:42:00Z' as Instant }), /part 3 has another time than part 1/],
  ['another commit', other({ commit: null }), /another commit .*: null, not c0ffee/],
  ['other data', other({ data: 'd2' }), /another state of data\//],
  ['another version', other({ version: '1.3.0' }), /another version of Postern/],
  ['another cut', other({ shard: { index: 3, count: 4 } }), /one is of 3 parts, another of 4/],
] as const) {
  test(`parts of a site: ${what}`, () => {
    const said = whyNotWhole(parts);
    if (why === null) assert.equal(said, null);
    else assert.match(said ?? '', why);
  });
}
