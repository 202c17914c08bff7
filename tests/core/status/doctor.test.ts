import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { NO_CHECKPOINT, withTaskRun } from '#scripts/core/checkpoint.ts';
import {
  configurationCheck,
  coverageCheck,
  digestCheck,
  dnsWriteChecks,
  doctorText,
  protectionCheck,
  reportingCheck,
  scheduleChecks,
  siteCheck,
} from '#scripts/core/status/doctor.ts';
import { doctor } from '#scripts/tasks/doctor.ts';
import { startFakeDns } from '../../fakes/dns/server.ts';
import { respondFrom } from '../../fakes/dns/zone.ts';
import { fakeWithRepository } from '../../io/github/connection.ts';
import { configurationOf } from '../config/entries.ts';
import { settings } from '../policy/plan-world.ts';
import { ago, NOW } from '../policy/promotion-world.ts';

const YAML = 'mode: testing\nmx: [mx1.example.com]\n';

suite('what is missing', () => {
  test('configuration and reporting', () => {
    assert.equal(configurationCheck(configurationOf({ 'example.com.yaml': YAML })).state, 'ok');
    assert.equal(configurationCheck(configurationOf({ 'example.com.yaml': 'mode: x\n' })).state, 'bad');
    assert.equal(configurationCheck(configurationOf({})).state, 'bad');
    const none = configurationOf({});
    const told = settings('organisation: E\nreporting: { rua: [mailto:tls@reports.example] }\n');
    assert.deepEqual([reportingCheck(settings(), none).state, reportingCheck(told, none).state], ['bad', 'ok']);
    assert.doesNotMatch(reportingCheck(settings(), none).text, /0 domains/);
    assert.equal(reportingCheck(settings(), configurationOf({ 'example.com.yaml': YAML })).state, 'bad');
  });

  test('a branch that anybody may push to, a folder that nobody owns', () => {
    const owners = '# ours\n/domains/ @acme/mail\n';
    assert.equal(protectionCheck(true, owners).state, 'ok');
    assert.equal(protectionCheck(null, owners).state, 'unknown');
    assert.equal(protectionCheck(false, owners).state, 'bad');
    for (const nobody of [null, '', '# /domains/ @acme\n', '/domains/\n', '/docs/ @acme\n'])
      assert.equal(protectionCheck(true, nobody).state, 'bad', String(nobody));
  });

  test('secrets are looked for by name, and never shown', () => {
    const made = settings(
      'organisation: E\ndns: { a: { kind: cloudflare }, b: { kind: manual }, c: { kind: route53 } }\n',
    );
    const checks = dnsWriteChecks(made, { CLOUDFLARE_API_TOKEN: 's3cret', AWS_ACCESS_KEY_ID: 'x' });
    assert.deepEqual(
      checks.map(({ name, state }) => [name, state]),
      [
        ['dns a', 'unknown'],
        ['dns b', 'ok'],
        ['dns c', 'bad'],
      ],
    );
    assert.match(checks[2]?.text ?? '', /AWS_SECRET_ACCESS_KEY not set/);
    assert.doesNotMatch(doctorText(checks), /s3cret/);
    const mail = settings(
      'organisation: E\ndigest: { to: [a@example.net], from: b@example.net, smtp: { host: m.example, user: u } }\n',
    );
    assert.deepEqual(
      [
        digestCheck(mail, {}).state,
        digestCheck(mail, { POSTERN_SMTP_PASSWORD: 'x' }).state,
        digestCheck(settings(), {}).state,
      ],
      ['bad', 'ok', 'unknown'],
    );
  });

  test('a public site that is not redacted', () => {
    const shown = settings('organisation: E\nsite: { redact: false }\n');
    assert.deepEqual([siteCheck(shown, true).state, siteCheck(settings(), null).state], ['bad', 'ok']);
    assert.equal(
      siteCheck(settings('organisation: E\nsite: { redact: false, visibility: artifact }\n'), null).state,
      'ok',
    );
  });

  test('the age of each task: never, late, in time', () => {
    const ran = withTaskRun(
      withTaskRun(withTaskRun(NO_CHECKPOINT, 'probe', ago(1), true), 'ingest', ago(1), true),
      'alert',
      ago(0),
      false,
    );
    const state = Object.fromEntries(scheduleChecks(ran, NOW).map((check) => [check.name, check.state]));
    assert.deepEqual(
      [state['task probe'], state['task ingest'], state['task alert'], state['task advance']],
      ['bad', 'ok', 'unknown', 'unknown'],
    );
  });

  test('a name below a domain that gets reports and has no file of its own (S33)', () => {
    const configuration = configurationOf({ 'example.com.yaml': 'mode: testing\nmx: [a.example]\n' });
    const reported = ['example.com', 'sub.example.com', 'example.org', 'evil\u001b[2J.example.com'];
    const { state, text, fix } = coverageCheck(configuration, reported);
    assert.equal(state, 'bad');
    assert.match(text, /sub\.example\.com/);
    assert.ok(!`${text}${fix}`.includes('\u001b') && !text.includes('example.org'));
    assert.equal(coverageCheck(configuration, ['example.com', 'example.org']).state, 'ok');
  });
});

suite('doctor', () => {
  const root = mkdtempSync(join(tmpdir(), 'postern-doctor-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  test('tries network, mailbox and GitHub, each with its fix', async () => {
    const dns = await startFakeDns(
      respondFrom(
        [
          { name: 'good.test', type: 'A', data: '192.0.2.1' },
          {
            name: 'good.test',
            type: 'SOA',
            data: { mname: 'n.test', rname: 'h.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 },
          },
          { name: 'bad.test', type: 'A', fails: 'bogus' },
          { name: 'control.test', type: 'A', data: '127.0.0.1' },
        ],
        { ad: true },
      ),
    );
    const { fake, repository, environment } = await fakeWithRepository();
    repository.homepage = 'https://mail.example/';
    try {
      mkdirSync(join(root, 'domains'));
      const network = `{ resolver: "${dns.url}", allow_private: true, smtp_port: 1, control: [control.test], validation_test: { secure: good.test, bogus: bad.test } }`;
      writeFileSync(
        join(root, 'domains', '_settings.yaml'),
        `organisation: E\nreporting: { rua: [mailto:t@reports.example] }\nmailbox: { imap: { host: 127.0.0.1, port: 1, user: u } }\nnetwork: ${network}\n`,
      );
      writeFileSync(join(root, 'domains', 'example.com.yaml'), YAML);
      const options = { root, data: join(root, 'data'), now: NOW, send: false, wait: 1, progress: () => {} };
      const told = await doctor({ ...options, environment });
      const state = Object.fromEntries(told.map((check) => [check.name, check.state]));
      assert.deepEqual(
        [
          state['configuration'],
          state['mailbox'],
          state['repository'],
          state['github'],
          state['resolver'],
          state['port 25'],
          state['task probe'],
          state['protection'],
        ],
        ['ok', 'bad', 'ok', 'unknown', 'ok', 'bad', 'unknown', 'bad'],
      );
      assert.match(told.find(({ name }) => name === 'mailbox')?.fix ?? '', /POSTERN_IMAP_PASSWORD/);
      for (const { state: seen, fix, name } of told) if (seen === 'bad') assert.notEqual(fix, null, name);
      const away = await doctor({ ...options, environment: { POSTERN_IMAP_PASSWORD: 'x' } });
      assert.deepEqual(
        away.filter(({ name }) => name === 'mailbox' || name === 'github').map(({ state: seen }) => seen),
        ['unknown', 'bad'],
      );
    } finally {
      await dns.close();
      await fake.close();
    }
  });
});
