import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import fc from 'fast-check';
import type { Instant } from '#scripts/core/clock.ts';
import { examine } from '#scripts/core/config/examine.ts';
import { checklist, checklistBody } from '#scripts/core/init/checklist.ts';
import { DNS_KINDS, type FirstAnswers, firstSettings, HOSTING_KINDS } from '#scripts/core/init/first-settings.ts';
import { bad, ok, unknown } from '#scripts/core/status/doctor.ts';
import { keepChecklist } from '#scripts/tasks/checklist.ts';
import { examplesLeft, hasTemplateSettings, init } from '#scripts/tasks/init.ts';
import { fakeWithRepository } from '../io/github/connection.ts';

const NOW = '2026-11-21T06:00:00Z' as Instant;
const TEMPLATE = new URL('../../', import.meta.url).pathname;
const ANSWERS: FirstAnswers = {
  organisation: 'Müller & Söhne: "the" #1',
  report_address: 'tls-reports@organisation.example',
  imap: { host: 'imap.organisation.example', user: 'tls-reports' },
  hosting: 'pages-here',
  owner: null,
  dns: 'manual',
  zone: null,
};

function settingsOf(text: string) {
  return examine([{ path: '_settings.yaml', kind: 'file', bytes: new TextEncoder().encode(text) }], NOW);
}

suite('the first settings', () => {
  test('whatever is answered, check accepts the file, and it says what was answered', () => {
    const line = fc
      .string({ minLength: 1, maxLength: 60 })
      .filter((text) => /^[\x21-\x7e\u00a0-\u02ff]/.test(text) && !/[\p{C}\s]/u.test(text));
    fc.assert(
      fc.property(
        line,
        fc.constantFrom(null, ...HOSTING_KINDS),
        fc.constantFrom(null, ...DNS_KINDS),
        (organisation, hosting, dns) => {
          const { settings, problems } = settingsOf(
            firstSettings({ ...ANSWERS, organisation, hosting, dns, owner: 'acme' }),
          );
          assert.deepEqual(
            problems.filter(({ severity }) => severity === 'error'),
            [],
          );
          assert.equal(settings?.organisation, organisation);
          assert.equal(Object.keys(settings?.hosting ?? {}).length, hosting === null ? 0 : 1);
          assert.equal(Object.keys(settings?.dns ?? {}).length, dns === null ? 0 : 1);
        },
      ),
    );
  });

  test('what was left for later is a comment that becomes right by taking the # away', () => {
    const nothing = { ...ANSWERS, report_address: null, imap: null, hosting: null, dns: null };
    const text = firstSettings(nothing);
    assert.equal(settingsOf(text).settings?.mailbox, null);
    const uncommented = text.replaceAll(
      /^# ((?: *)(?:reporting:|rua:|mailbox:|imap:|host:|user:|hosting:|main:|dns:).*)$/gm,
      '$1',
    );
    const { settings, problems } = settingsOf(uncommented);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.ok(settings?.mailbox !== null && Object.keys(settings?.hosting ?? {}).length === 1);
  });
});

suite('init on a copy of the template', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'postern-init-'));
    for (const path of ['domains', 'data']) cpSync(join(TEMPLATE, path), join(root, path), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const run = (changes: Partial<Parameters<typeof init>[0]> = {}) =>
    init({ root, now: NOW, dryRun: false, answers: ANSWERS, domain: null, mx: [], ...changes });
  const read = (path: string) => readFileSync(join(root, path), 'utf8');

  test('the examples go, the settings are the owner’s, the schema and the README stay', async () => {
    assert.equal(hasTemplateSettings(root), true);
    const { settings, removed } = await run();
    assert.equal(hasTemplateSettings(root), false, 'from here on the workflows work');
    assert.equal(settings, 'written');
    assert.ok(removed.includes('data/inbox/generated') && removed.includes('domains/example.com.yaml'));
    assert.deepEqual(examplesLeft(root), []);
    assert.ok(existsSync(join(root, 'domains/schema.json')) && existsSync(join(root, 'data/README.md')));
    assert.doesNotMatch(read('domains/_settings.yaml'), /example_clock|dkim_keys/);
  });

  test('again, and with an owner’s own files, nothing is lost', async () => {
    await run();
    writeFileSync(join(root, 'domains/own.test.yaml'), 'mode: testing\nmx: [mx.own.test]\n');
    mkdirSync(join(root, 'data/inbox/real'), { recursive: true });
    writeFileSync(join(root, 'data/inbox/real/mine.eml'), 'mail');
    const before = read('domains/_settings.yaml');
    const again = await run({ answers: { ...ANSWERS, organisation: 'Somebody else' } });
    assert.deepEqual([again.settings, again.removed], ['kept', []]);
    assert.equal(read('domains/_settings.yaml'), before);
    assert.equal(read('data/inbox/real/mine.eml'), 'mail');
  });

  test('what npm start made of the example goes with it; beside a domain of the owner nothing is touched', async () => {
    const made = ['months/2026-10/manifest.json', 'policies/example.com.jsonl', 'checkpoint.json'];
    const exist = () => made.map((path) => existsSync(join(root, 'data', path)));
    for (const path of made) {
      mkdirSync(join(root, 'data', path, '..'), { recursive: true });
      writeFileSync(join(root, 'data', path), '{}');
    }
    writeFileSync(join(root, 'domains/own.test.yaml'), 'mode: testing\nmx: [mx.own.test]\n');
    const template = read('domains/_settings.yaml');
    await run();
    assert.deepEqual(exist(), [true, true, true]);
    rmSync(join(root, 'domains/own.test.yaml'));
    writeFileSync(join(root, 'domains/_settings.yaml'), template);
    await run();
    assert.deepEqual(exist(), [false, false, false]);
    assert.ok(!existsSync(join(root, 'data/example')));
  });

  test('an answer that makes no settings changes nothing, and neither does a dry run', async () => {
    const before = examplesLeft(root);
    await assert.rejects(run({ answers: { ...ANSWERS, report_address: 'no address' } }), {
      code: 'configuration-invalid',
      exit: 2,
    });
    assert.deepEqual(examplesLeft(root), before);
    assert.equal((await run({ dryRun: true })).removed.length, before.length);
    assert.deepEqual(examplesLeft(root), before);
  });

  test('the first domain is looked up, and its file names the hosting and the DNS', async () => {
    // The MX is named, so that no DNS is needed.
    const { domain } = await run({ domain: 'own.test', mx: ['mx1.own.test'] });
    assert.equal(domain, 'domains/own.test.yaml');
    assert.match(read('domains/own.test.yaml'), /^hosting: main$/m);
    const bytes = (path: string) => ({ path, kind: 'file' as const, bytes: readFileSync(join(root, 'domains', path)) });
    const { domains, problems } = examine([bytes('_settings.yaml'), bytes('own.test.yaml')], NOW);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.deepEqual([domains[0]?.mode, domains[0]?.hosting, domains[0]?.dns], ['testing', 'main', 'main']);
  });
});

suite('the checklist', () => {
  const facts = { examples: [], announced: ['a.test'], waiting: [], reports: true };
  const names = [
    'configuration',
    'reporting',
    'mailbox',
    'repository',
    'site',
    'protection',
    'task probe',
    'task alert',
    'task ingest',
  ];
  const sound = [...names.map((name) => ok(name, 'fine')), unknown('github', 'a token does not tell', null)];

  test('what nobody saw work is not ticked', () => {
    assert.ok(checklist({ ...facts, checks: sound }).every(({ done }) => done));
    for (const [index, name] of names.entries())
      for (const state of [unknown(name, 'perhaps', null), bad(name, 'no', 'do it')]) {
        const left = checklist({ ...facts, checks: sound.with(index, state) }).filter(({ done }) => !done);
        assert.equal(left.length, 1, name);
      }
    const lacking = checklist({ ...facts, checks: [...sound, bad('github globex', 'lacks Pages: write', 'set it')] });
    assert.deepEqual(
      lacking.filter(({ done }) => !done).map(({ note }) => note),
      ['lacks Pages: write. Fix: set it'],
    );
  });

  test('a note from outside mentions nobody and breaks no list', () => {
    const text = '@everyone <img src=x> ](http://x) \n- [x] done ` closes #1';
    const body = checklistBody(checklist({ ...facts, checks: sound.with(2, bad('mailbox', text, text)) }));
    assert.doesNotMatch(body, /@everyone|<img/);
    assert.equal(body.match(/^- \[/gm)?.length, checklist({ ...facts, checks: sound }).length);
  });

  suite('at GitHub', () => {
    let root: string;
    let world: Awaited<ReturnType<typeof fakeWithRepository>>;
    beforeEach(async () => {
      root = mkdtempSync(join(tmpdir(), 'postern-checklist-'));
      mkdirSync(join(root, 'domains'));
      mkdirSync(join(root, 'inbox'));
      writeFileSync(
        join(root, 'domains/_settings.yaml'),
        'organisation: Test\nmailbox: {folder: inbox}\nnetwork: {resolver: "udp://127.0.0.1:9"}\n',
      );
      world = await fakeWithRepository();
    });
    afterEach(async () => {
      await world.fake.close();
      rmSync(root, { recursive: true, force: true });
    });
    const run = (environment = world.environment) =>
      keepChecklist({ root, data: join(root, 'data'), now: NOW, dryRun: false, environment, progress: () => {} });
    const issues = () => [...world.repository.issues.values()];

    test('one issue, however often; it ticks itself; lost notes find it again; a person’s close is respected', async () => {
      assert.equal((await run()).done, 'opened');
      assert.equal((await run()).done, 'unchanged');
      assert.match(issues()[0]?.body ?? '', /- \[ \] Senders are told/);
      writeFileSync(
        join(root, 'domains/own.test.yaml'),
        'mode: testing\nmx: [mx.own.test]\nrua: ["mailto:r@other.test"]\n',
      );
      assert.equal((await run()).done, 'updated');
      assert.match(issues()[0]?.body ?? '', /- \[x\] Senders are told/);
      rmSync(join(root, 'data'), { recursive: true });
      assert.equal((await run()).done, 'unchanged');
      const [issue] = issues();
      assert.ok(issue !== undefined);
      issue.state = 'closed';
      assert.equal((await run()).done, 'left');
      assert.deepEqual([issues().length, (await run()).done], [1, 'left']);
    });

    test('without GitHub it is only said', async () => {
      const { done, items, issue } = await run({});
      assert.deepEqual([done, issue], ['left', null]);
      assert.ok(items.length > 5);
    });
  });
});
