import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Instant, instantOf } from '#scripts/core/clock.ts';
import { advance } from '#scripts/tasks/advance.ts';
import { importObservations } from '#scripts/tasks/import-observations.ts';
import { readLedgerEvents } from '#scripts/tasks/ledger.ts';
import { domainName } from '../../core/analysis/world.ts';
import { events, record } from './publish-traces.ts';
import { NOW, openLab, type PublishLab, tlsaData, tlsaText } from './publish-world.ts';

/** What publishing asks of the rules before it writes, tried through the task itself. */

const DOMAIN = domainName('example.com');
const labs: PublishLab[] = [];
after(async () => {
  for (const lab of labs) await lab.close();
});
async function lab(): Promise<PublishLab> {
  const opened = await openLab();
  labs.push(opened);
  return opened;
}
const later = (hours: number): Instant => instantOf(Date.parse(NOW) + hours * 3_600_000);

test('a pull request merged with too few approvals is published, told, and kept as an exception (S30, S31)', async () => {
  const one = await lab();
  const git = (...argv: readonly string[]) =>
    execFileSync(
      'git',
      [
        '-C',
        one.root,
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@example.com',
        '-c',
        'commit.gpgsign=false',
        '-c',
        'core.hooksPath=/dev/null',
        ...argv,
      ],
      { encoding: 'utf8' },
    ).trim();
  git('init', '-q');
  git('add', 'domains');
  git('commit', '-qm', 'change');
  const sha = git('rev-parse', 'HEAD');
  const repository = one.github.world.repositories.get('acme/mail');
  assert.ok(repository);
  repository.objects.set(sha, { type: 'commit', tree: '', parents: [], message: 'change', author: 'ann', date: NOW });
  const merged = {
    state: 'closed',
    merged_at: NOW,
    merge_commit_sha: sha,
    head_sha: sha,
    created_at: NOW,
    updated_at: NOW,
  } as const;
  const text = { title: 'change', body: '', head: 'change', base: 'main', comments: [] };
  // The author alone approved it.
  repository.pulls.set(7, {
    number: 7,
    id: 7,
    author: 'robot',
    ...text,
    ...merged,
    reviews: [{ author: 'robot', state: 'APPROVED' }],
  });
  const environment = { GITHUB_API_URL: one.github.url, GITHUB_REPOSITORY: 'acme/mail', GITHUB_TOKEN: 'secret' };
  const { exceptions, waiting } = await one.run({ environment });
  assert.deepEqual(exceptions, [{ domain: DOMAIN, pull_request: 7, author: 'robot', approvers: ['robot'] }]);
  assert.equal(waiting.length, 1, 'it goes on all the same');
  const [minted] = readLedgerEvents(one.data, DOMAIN);
  assert.ok(minted?.event === 'minted');
  assert.deepEqual(minted.approval, { author: 'robot', approvers: ['robot'], exception: true });
  assert.equal(minted.pull_request, 7);
});

test('one id with two bodies, as two runs without a common ledger leave it: a fresh one is minted (S15, S16)', async () => {
  const one = await lab();
  await one.run();
  one.issueCertificates();
  await one.run({ now: later(1) });
  const [minted] = readLedgerEvents(one.data, DOMAIN);
  assert.ok(minted?.event === 'minted');
  const other = { ...minted, body: minted.body.replace('mx1', 'mx9'), sha256: 'f'.repeat(64) };
  writeFileSync(join(one.data, 'policies', `${DOMAIN}.jsonl`), `${JSON.stringify(other)}\n`, { flag: 'a' });
  const third = await one.run({ now: later(2) });
  assert.deepEqual([third.done, third.failed], [[DOMAIN], []]);
  assert.equal(record(one, `_mta-sts.${DOMAIN}`), 'v=STSv1; id=20261121080000');
  assert.deepEqual((await one.run({ now: later(3) })).done, [], 'and only once');
});

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const TLSA = '_25._tcp.mx1.example.com';

/** What a probe says it saw of DANE at mx1. */
async function looked(one: PublishLab, at: Instant, records: readonly string[], key: string): Promise<void> {
  const facts = { signed: true, base: 'mx1.example.com', ttl: 3600, records, keys: { '192.0.2.1': key } };
  const fact = { kind: 'dane', subject: 'mx1.example.com', address: null, outcome: 'ok', code: 'ok', facts };
  const file = join(one.root, 'looks.jsonl');
  writeFileSync(file, `${JSON.stringify({ at, vantage: 'away', domain: DOMAIN, ...fact })}\n`);
  await importObservations({ root: one.root, data: one.data, now: at, file, dryRun: false });
}

const tlsa = (one: PublishLab): readonly string[] =>
  one.zone
    .filter(({ name }) => name === TLSA)
    .map(({ data }) => tlsaText(data as ReturnType<typeof tlsaData>).slice(6, 8))
    .sort();

test('a managed key is changed in two steps, and what probes did not see is not written over', async () => {
  const one = await lab();
  const file = (...dane: readonly string[]) =>
    one.write({
      'example.com.yaml': [
        'mode: testing',
        'mx: [mx1.example.com]',
        'hosting: fleet',
        'dns: ours',
        `dane: { managed: true${dane.map((text) => `, ${text}`).join('')} }`,
        '',
      ].join('\n'),
    });
  const steps = async (now: Instant) =>
    (
      await advance({
        root: one.root,
        data: one.data,
        now,
        domains: [],
        dryRun: true,
        environment: {},
        progress: () => {},
      })
    ).steps;
  file();
  await looked(one, NOW, [], A);
  await one.run();
  one.issueCertificates();
  assert.deepEqual((await one.run({ now: later(1) })).done, [DOMAIN]);
  assert.deepEqual(tlsa(one), ['aa'], 'the record of the key in use');

  // The next key: its record first, the swap two TTLs later.
  file(`next_keys: [${B}]`);
  await looked(one, later(2), [`3 1 1 ${A}`], A);
  assert.match((await steps(later(2)))[0]?.what ?? '', /next key .* publish writes the records/);
  const second = await one.run({ now: later(2) });
  assert.deepEqual([second.done, second.failed], [[DOMAIN], []]);
  assert.deepEqual(tlsa(one), ['aa', 'bb']);
  await looked(one, later(3), [`3 1 1 ${A}`, `3 1 1 ${B}`], A);
  assert.deepEqual(
    (await steps(later(3))).map(({ at, what }) => [at, what]),
    [[later(5), 'TLSA: the next key of mx1.example.com has to stand for two TTLs before it is used']],
  );
  await looked(one, later(6), [`3 1 1 ${A}`, `3 1 1 ${B}`], A);
  assert.match((await steps(later(6)))[0]?.what ?? '', /may now be put on every listener/);

  // The key is changed; its old record goes two TTLs after it was seen last.
  file();
  await looked(one, later(7), [`3 1 1 ${A}`, `3 1 1 ${B}`], B);
  assert.deepEqual((await one.run({ now: later(7) })).failed, []);
  assert.deepEqual(tlsa(one), ['aa', 'bb']);
  await looked(one, later(9), [`3 1 1 ${A}`, `3 1 1 ${B}`], B);
  assert.deepEqual((await one.run({ now: later(9) })).failed, []);
  assert.deepEqual(tlsa(one), ['bb']);

  // Somebody else put a record there since: it is left alone until probes have seen it.
  one.zone.push({ name: TLSA, type: 'TLSA', data: tlsaData(`3 1 1 ${'c'.repeat(64)}`) });
  file(`next_keys: [${A}]`);
  await looked(one, later(10), [`3 1 1 ${B}`], B);
  const [failed] = (await one.run({ now: later(10) })).failed;
  assert.deepEqual([failed?.code, failed?.step], ['dns-conflict', 'records']);
  assert.match(failed?.message ?? '', /not what probes saw there: it was left alone\. Hint: npx postern probe/);
  assert.deepEqual(tlsa(one), ['bb', 'cc']);
  assert.equal(events(one).filter(({ event }) => event === 'minted').length, 1, 'keys change no policy');

  // Nobody probed for two days: nothing is decided on what was.
  const late = await one.run({ now: later(80) });
  assert.deepEqual([late.done, late.failed], [[], []]);
});
