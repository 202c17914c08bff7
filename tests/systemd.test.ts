import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { COMMAND_NAMES } from '#scripts/cli/commands.ts';

const root = new URL('..', import.meta.url).pathname;
const services = globSync('scripts/systemd/*.service', { cwd: root }).sort();
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const shellOf = (text: string) => (/^ExecStart=.*\/bin\/sh -ec '(.*)'$/m.exec(text)?.[1] ?? '').replaceAll('$$', '$');

suite('units for a machine of one’s own', () => {
  test('each service has its timer, which catches up', () => {
    assert.equal(services.length, 4);
    for (const service of services) assert.match(read(service.replace('.service', '.timer')), /^Persistent=true$/m);
  });

  test('their lines call commands that are there, and go on after an answer that is no failure', () => {
    for (const path of [...services, 'scripts/systemd/crontab.example'])
      for (const [, name = ''] of read(path).matchAll(/npx postern ([a-z]+)/g))
        assert.ok(COMMAND_NAMES.includes(name), `${path}: ${name}`);
    const folder = mkdtempSync(join(tmpdir(), 'postern-line-'));
    try {
      // Stands for npx: writes down what was asked, and answers as the variable says.
      writeFileSync(join(folder, 'npx'), '#!/bin/sh\necho "$@" >> "$ASKED"\neval exit "\\$ANSWER_$2"\n', {
        mode: 0o755,
      });
      const asked = join(folder, 'asked');
      const play = (line: string, answers: Readonly<Record<string, string>>) => {
        writeFileSync(asked, '');
        const env = { PATH: `${folder}:${process.env['PATH']}`, ASKED: asked, ...answers };
        const { status } = spawnSync('/bin/sh', ['-ec', line], { env });
        return { status, asked: readFileSync(asked, 'utf8').trim().split('\n') };
      };
      const hourly = shellOf(read('scripts/systemd/postern-hourly.service'));
      const both = ['postern probe --budget 1800', 'postern alert'];
      assert.deepEqual(play(hourly, {}), { status: 0, asked: both });
      // Without GitHub, alert says that it is not configured.
      assert.deepEqual(play(hourly, { ANSWER_alert: '2' }), { status: 0, asked: both });
      assert.equal(play(hourly, { ANSWER_alert: '3' }).status, 3);
      // An outage shows as a failed unit, after what is known was judged all the same.
      assert.deepEqual(play(hourly, { ANSWER_probe: '3' }), { status: 3, asked: both });
      const daily = shellOf(read('scripts/systemd/postern-daily.service'));
      const all = ['ingest', 'alert', 'advance', 'compact', 'build'].map((name) => `postern ${name}`);
      assert.deepEqual(play(daily, { ANSWER_ingest: '3', ANSWER_alert: '2' }), { status: 3, asked: all });
      // Neither does an outage of GitHub keep the site from being built.
      assert.deepEqual(play(daily, { ANSWER_alert: '3', ANSWER_advance: '3' }), { status: 3, asked: all });
      assert.deepEqual(play(daily, { ANSWER_alert: '2', ANSWER_advance: '2' }), { status: 0, asked: all });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
