import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { add } from '#scripts/tasks/add.ts';
import { domainName } from '../../core/analysis/world.ts';
import { fileText } from '../../fakes/github/world.ts';
import { events, record } from './publish-traces.ts';
import { openLab } from './publish-world.ts';

const lab = await openLab([]);
after(() => lab.close());

const DOMAIN = 'example.com';
const at = (text: string) => text as Instant;
const SITE = 'acme/mta-sts.example.com';
const id = (): string | undefined => record(lab, '_mta-sts.example.com');

function git(...argv: readonly string[]): void {
  const who = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  execFileSync('git', ['-C', lab.root, ...who, ...argv], { stdio: 'ignore' });
}

/** As a merged pull request leaves the repository. */
function merge(yaml: string | null): void {
  lab.write({ 'example.com.yaml': yaml });
  git('add', '-A', 'domains');
  git('commit', '-qm', 'change');
}

function served(): string | null {
  const site = lab.github.world.repositories.get(SITE);
  return site === undefined ? null : fileText(site, 'main', '.well-known/mta-sts.txt');
}

async function ended(when: { readonly now: Instant }): Promise<readonly unknown[]> {
  const { done, waiting, refusals, failed } = await lab.run(when);
  return [done, waiting, refusals, failed];
}

const GUARD =
  'overrides: [{ code: promotion-guard, reason: the reports are not part of this test, until: 2026-12-31 }]';
const yaml = (...lines: readonly string[]) => [...lines, 'hosting: fleet', 'dns: ours', GUARD, ''].join('\n');

test('one domain from add to removed, over months', async () => {
  git('init', '-q');
  lab.zone.push({ name: DOMAIN, type: 'MX', data: { preference: 10, exchange: 'mx1.example.com' } });

  // 1 May: added from what DNS shows, published in testing.
  const added = await add({
    root: lab.root,
    now: at('2026-05-01T09:00:00Z'),
    domain: DOMAIN,
    customer: null,
    mx: [],
    delegation: 'records',
    dryRun: false,
  });
  assert.match(added.yaml, /mode: testing/);
  merge(yaml('mode: testing', 'mx: [mx1.example.com]'));
  assert.match((await lab.run({ now: at('2026-05-01T10:00:00Z') })).waiting[0]?.for ?? '', /certificate/);
  lab.issueCertificates();
  assert.deepEqual(await ended({ now: at('2026-05-01T11:00:00Z') }), [[DOMAIN], [], [], []]);
  assert.equal(id(), 'v=STSv1; id=20260501100000');

  // 20 May: enforce.
  merge(yaml('mode: enforce', 'mx: [mx1.example.com]'));
  assert.deepEqual(await ended({ now: at('2026-05-20T10:00:00Z') }), [[DOMAIN], [], [], []]);
  assert.match(served() ?? '', /mode: enforce\r\n.*max_age: 604800/s);

  // 1 June: another MX, policy first. A pattern is not narrowed while its MX is in DNS.
  merge(yaml('mode: enforce', 'mx: [mx1.example.com, mx2.example.com]'));
  assert.deepEqual(await ended({ now: at('2026-06-01T10:00:00Z') }), [[DOMAIN], [], [], []]);
  lab.zone.push({ name: DOMAIN, type: 'MX', data: { preference: 20, exchange: 'mx2.example.com' } });
  merge(yaml('mode: enforce', 'mx: [mx1.example.com]'));
  const narrow = await lab.run({ now: at('2026-06-02T10:00:00Z') });
  assert.deepEqual(
    narrow.refusals.map(({ code }) => code),
    ['mx-removed'],
  );
  assert.equal(id(), 'v=STSv1; id=20260601100000');
  merge(yaml('mode: enforce', 'mx: [mx1.example.com, mx2.example.com]'));

  // 10 June: rolled back at once, under a fresh id; enforced again in July.
  merge(yaml('mode: testing', 'mx: [mx1.example.com, mx2.example.com]'));
  assert.deepEqual(await ended({ now: at('2026-06-10T03:00:00Z') }), [[DOMAIN], [], [], []]);
  merge(yaml('mode: enforce', 'mx: [mx1.example.com, mx2.example.com]'));
  assert.deepEqual(await ended({ now: at('2026-07-01T10:00:00Z') }), [[DOMAIN], [], [], []]);

  // The file deleted without retirement is refused; nothing moves.
  merge(null);
  const deleted = await lab.run({ now: at('2026-08-01T09:00:00Z') });
  assert.deepEqual(
    deleted.refusals.map(({ code }) => code),
    ['retire-first'],
  );
  assert.match(served() ?? '', /mode: enforce/);

  // 1 August: retired. Nothing goes before the last cached policy has expired: a week and a day later.
  const retiring = yaml('mode: enforce', 'mx: [mx1.example.com, mx2.example.com]', 'retire: true');
  merge(retiring);
  assert.deepEqual(await ended({ now: at('2026-08-01T10:00:00Z') }), [[DOMAIN], [], [], []]);
  assert.match(served() ?? '', /mode: none\r\nmx: mx1\.example\.com\r\n/);
  merge(null);
  const early = await lab.run({ now: at('2026-08-09T09:00:00Z') });
  assert.deepEqual(
    early.refusals.map(({ code }) => code),
    ['retirement-window'],
  );
  assert.equal(id(), 'v=STSv1; id=20260801100000');

  // 9 August: TXT, its TTL, the name, the claim, in that order.
  const txt = await lab.run({ now: at('2026-08-09T10:30:00Z') });
  assert.equal(id(), undefined);
  assert.match(txt.waiting[0]?.for ?? '', /caches to forget the TXT record, until 2026-08-09T10:35:00Z/);
  assert.equal(record(lab, 'mta-sts.example.com'), 'acme.github.io', 'the host still answers');
  assert.ok(lab.github.world.repositories.has(SITE));
  const gone = await lab.run({ now: at('2026-08-09T10:40:00Z') });
  assert.deepEqual([gone.done, gone.waiting, gone.failed], [[DOMAIN], [], []]);
  assert.equal(record(lab, 'mta-sts.example.com'), undefined);
  assert.equal(lab.github.world.repositories.has(SITE), false);
  const order = [...lab.dnsWrites.slice(-2), lab.github.writes().at(-1)?.operation];
  assert.deepEqual(order, [
    'delete TXT _mta-sts.example.com',
    'delete CNAME mta-sts.example.com',
    'DELETE /repos/{owner}/{repo}',
  ]);
  assert.equal(events(lab).at(-1)?.event, 'withdrawn');

  const after = await lab.run({ now: at('2026-08-20T10:00:00Z') });
  assert.deepEqual([after.done, after.waiting, after.refusals, after.failed], [[], [], [], []]);
  const ids = events(lab)
    .filter(({ event }) => event === 'minted')
    .map((event) => event.id);
  assert.deepEqual(ids, [...new Set(ids)], 'no id was used twice');
  assert.equal(ids.length, 6);
  assert.equal(domainName(DOMAIN), DOMAIN);
});
