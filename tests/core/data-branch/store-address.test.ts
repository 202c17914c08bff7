import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isKept, isPathInside, sendingOrder } from '#scripts/core/data-branch/kept.ts';
import { parseStoreAddress } from '#scripts/core/data-branch/store-address.ts';
import { PosternError } from '#scripts/core/failure.ts';

suite('the address of an object store', () => {
  for (const [text, address] of [
    ['s3://acme-mail', ['https://s3.us-east-1.amazonaws.com', 'us-east-1', 'acme-mail', '']],
    [
      's3://acme/postern/a?region=eu-central-1',
      ['https://s3.eu-central-1.amazonaws.com', 'eu-central-1', 'acme', 'postern/a/'],
    ],
    ['s3://acme/p/?endpoint=https://fsn1.example.net/&region=fsn1', ['https://fsn1.example.net', 'fsn1', 'acme', 'p/']],
    ['s3://acme?endpoint=http%3A%2F%2F127.0.0.1%3A9000', ['http://127.0.0.1:9000', 'us-east-1', 'acme', '']],
  ] as const)
    test(text, () => {
      const { endpoint, region, bucket, prefix } = parseStoreAddress(text);
      assert.deepEqual([endpoint, region, bucket, prefix], address);
    });

  for (const text of [
    '',
    'acme',
    'https://acme.example',
    's3://',
    's3://A',
    's3://acme/../other',
    's3://acme/a b',
    's3://acme?endpoint=http://store.example',
    's3://acme?endpoint=https://store.example/path',
    's3://acme?endpoint=https://user:pass@store.example',
    's3://acme?region=US EAST',
    's3://acme?key=secret',
  ])
    test(`${JSON.stringify(text)} is none`, () => {
      assert.throws(
        () => parseStoreAddress(text),
        (error) => error instanceof PosternError && error.code === 'data-store-address' && error.exit === 2,
      );
    });
});

suite('files of data/', () => {
  test('what is kept', () => {
    for (const path of [
      'checkpoint.json',
      'policies/a.example.jsonl',
      'reports/month=2026-11/a.parquet',
      'months/2026-10/lists/days.csv',
    ])
      assert.equal(isKept(path), true, path);
    for (const path of [
      'README.md',
      'inbox/a.eml',
      '.writing',
      '.writing-1',
      'months/.staging-2026-10/a',
      'checkpoint.json.7.tmp',
    ])
      assert.equal(isKept(path), false, path);
  });

  test('a name from outside leads nowhere else', () => {
    for (const path of [
      '../x',
      'a/../../x',
      '/etc/passwd',
      'a//b',
      'a\\b',
      '.git/config',
      'a/.git/hooks/x',
      'a\u0000',
      'é',
      '',
      'a/',
      `${'a/'.repeat(600)}b`,
    ])
      assert.equal(isPathInside(path), false, JSON.stringify(path));
    assert.equal(isPathInside('reports/month=2026-11/a.parquet'), true);
  });

  test('the checkpoint is sent last, the ledgers after the rows', () => {
    const sent = ['checkpoint.json', 'policies/a.jsonl', 'reports/a.parquet'].sort(
      (a, b) => sendingOrder(a) - sendingOrder(b),
    );
    assert.deepEqual(sent, ['reports/a.parquet', 'policies/a.jsonl', 'checkpoint.json']);
  });
});
