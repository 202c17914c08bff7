import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { mergeFile } from '#scripts/core/data-branch/merge-file.ts';

suite('two runs that began from the same data', () => {
  test('a file that one of them changed, added or deleted', () => {
    const table = [
      ['changed by us', 'a', 'b', 'a', 'b'],
      ['changed by them', 'a', 'a', 'b', 'b'],
      ['added by us', null, 'a', null, 'a'],
      ['deleted by us', 'a', null, 'a', null],
      ['deleted by them', 'a', 'a', null, null],
      ['both the same', 'a', 'b', 'b', 'b'],
      ['both, and nothing knows how to join them: what was pushed first stands', 'a', 'b', 'c', 'c'],
    ] as const;
    for (const [what, base, ours, theirs, merged] of table)
      assert.equal(mergeFile('months/2026-10/figures.json', { base, ours, theirs }), merged, what);
  });

  test('a ledger keeps the lines of both, each once', () => {
    const merge = (base: string, ours: string, theirs: string) =>
      mergeFile('policies/example.com.jsonl', { base, ours, theirs });
    assert.equal(merge('1\n', '1\n2\n', '1\n3\n'), '1\n3\n2\n');
    assert.equal(merge('1\n', '1\n2\n', '1\n2\n3\n'), '1\n2\n3\n');
    assert.equal(merge('1\n', '1\n2\n', '1\nhalf'), '1\nhalf\n2\n');
  });

  test('no line of either side is lost, whatever they added', () => {
    const word = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (base, ours, theirs) => {
        const text = (all: readonly string[]) => all.map((one) => `${one}\n`).join('');
        const merged = mergeFile('a.jsonl', {
          base: text(base),
          ours: text([...base, ...ours]),
          theirs: text([...base, ...theirs]),
        });
        const lines = (merged ?? '').split('\n');
        for (const one of [...base, ...ours, ...theirs]) assert.ok(lines.includes(one));
      }),
    );
  });

  test('of the checkpoint each section comes from whoever changed it, and of a task the later run counts', () => {
    const run = (at: string) => ({ last_attempt: at, last_success: at });
    const text = (value: object) => JSON.stringify(value);
    const merged = mergeFile('checkpoint.json', {
      base: text({ mailbox: 1, alerts: 1, tasks: { ingest: run('01'), probe: run('01') } }),
      ours: text({ mailbox: 2, alerts: 1, tasks: { ingest: run('02'), probe: run('03') } }),
      theirs: text({ mailbox: 1, alerts: 5, tasks: { ingest: run('01'), probe: run('02'), alert: run('02') } }),
    });
    assert.deepEqual(JSON.parse(merged ?? ''), {
      alerts: 5,
      mailbox: 2,
      tasks: { alert: run('02'), ingest: run('02'), probe: run('03') },
    });
  });

  test('of the lost hosts each shard keeps its own', () => {
    const text = (lost_hosts: object | undefined) => JSON.stringify({ lost_hosts, tasks: {} });
    const merge = (base: object | undefined, ours: object | undefined, theirs: object | undefined) =>
      JSON.parse(mergeFile('checkpoint.json', { base: text(base), ours: text(ours), theirs: text(theirs) }) ?? '')
        .lost_hosts;
    assert.deepEqual(merge(undefined, { 'a.example': '01' }, { 'b.example': '01' }), {
      'a.example': '01',
      'b.example': '01',
    });
    assert.deepEqual(merge({ 'a.example': '01' }, undefined, { 'a.example': '01', 'b.example': '02' }), {
      'b.example': '02',
    });
    assert.equal(merge({ 'a.example': '01' }, undefined, { 'a.example': '01' }), undefined);
  });
});
