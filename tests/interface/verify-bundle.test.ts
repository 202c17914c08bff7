import assert from 'node:assert/strict';
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, suite, test } from 'node:test';
import { ZipFile } from 'yazl';
import { unpackZip } from '#scripts/io/evidence/zip.ts';
import { folderOf, MINIMAL, postern } from './command-line.ts';

const REPORT = JSON.stringify({
  'organization-name': 'Sender Ltd',
  'date-range': { 'start-datetime': '2026-10-05T00:00:00Z', 'end-datetime': '2026-10-05T23:59:59Z' },
  'contact-info': 'tls@sender.example',
  'report-id': 'one',
  policies: [
    {
      policy: { 'policy-type': 'sts', 'policy-string': ['version: STSv1'], 'policy-domain': 'example.com' },
      summary: { 'total-successful-session-count': 90, 'total-failure-session-count': 10 },
      'failure-details': [{ 'result-type': 'certificate-expired', 'failed-session-count': 10 }],
    },
  ],
});

type Members = readonly (readonly [path: string, bytes: Buffer])[];

suite('postern verify', () => {
  let root: string;
  let bundle: string;
  let members: Members;
  before(async () => {
    root = folderOf({ ...MINIMAL, 'report.json': REPORT });
    await postern(['ingest', join(root, 'report.json'), '--root', root, '--now', '2026-10-06T06:00:00Z']);
    const month = ['digest', 'monthly', '--no-pdf', '--period', '2026-10', '--root', root, '--json'];
    const { exit, out } = await postern([...month, '--now', '2026-11-04T06:00:00Z']);
    assert.equal(exit, 0);
    const { manifest, files } = JSON.parse(out);
    assert.equal(manifest, 'data/months/2026-10/manifest.json');
    bundle = join(
      root,
      files.find((path: string) => path.endsWith('.zip')),
    );
    const folder = join(root, 'unpacked');
    mkdirSync(folder);
    await unpackZip(bundle, folder, { first: 'manifest.json', refusal: () => null });
    const listed: readonly { path: string }[] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).files;
    members = [...listed.map(({ path }) => path), 'manifest.json'].map((path) => [
      path,
      readFileSync(join(folder, path)),
    ]);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  async function packed(content: Members): Promise<string> {
    const target = join(root, 'tried.zip');
    const zip = new ZipFile();
    for (const [path, bytes] of content) zip.addBuffer(bytes, path);
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(target));
    return target;
  }

  const changed = (name: string): Members =>
    members.map(([path, bytes]) => [
      path,
      path === name ? Buffer.concat([bytes.subarray(1), Buffer.from('x')]) : bytes,
    ]);

  /** What was done to it, its exit, and the file that is named. */
  const CASES: readonly (readonly [what: string, make: () => Promise<string> | string, exit: number, named: RegExp])[] =
    [
      ['as it was written', () => bundle, 0, /^$/],
      ['a frozen month', () => join(root, 'data', 'months', '2026-10'), 0, /^$/],
      ['packed again, in another order', () => packed([...members].reverse()), 0, /^$/],
      ['a changed byte', () => packed(changed('lists/days.csv')), 1, /^lists\/days\.csv: Its SHA-256/],
      [
        'a file too few',
        () => packed(members.filter(([path]) => path !== 'README.txt')),
        1,
        /^README\.txt: It is missing/,
      ],
      [
        'a file too many',
        () => packed([...members, ['more.txt', Buffer.from('x')]]),
        1,
        /^more\.txt: The manifest does not/,
      ],
      [
        'a file that swells',
        () => packed([...members, ['zero', Buffer.alloc(2 ** 25)]]),
        1,
        /^zero: It would unpack to/,
      ],
      ['no manifest', () => packed(members.slice(0, -1)), 1, /^manifest\.json: It is missing/],
      ['nothing in it', () => packed([]), 1, /^manifest\.json: It is missing/],
      ['cut off', () => written(readFileSync(bundle).subarray(0, 2000)), 1, /^tried\.zip: It cannot be read as a zip/],
      ['empty', () => written(Buffer.alloc(0)), 1, /^tried\.zip: It cannot be read as a zip/],
      ['a name that leads out', () => written(leadingOut()), 1, /^tried\.zip: .*\.\.\/ort\.html/],
    ];

  function written(bytes: Buffer): string {
    writeFileSync(join(root, 'tried.zip'), bytes);
    return join(root, 'tried.zip');
  }

  /** The writer refuses such a name, so it is changed behind its back. */
  function leadingOut(): Buffer {
    return Buffer.from(readFileSync(bundle).toString('latin1').replaceAll('report.html', '../ort.html'), 'latin1');
  }

  for (const [what, make, exit, named] of CASES) {
    test(`${what}: ${exit}`, async () => {
      const answer = await postern(['verify', await make(), '--json']);
      assert.deepEqual([answer.exit, answer.err], [exit, ''], answer.out);
      const { ok, checked, mismatches } = JSON.parse(answer.out);
      assert.equal(ok, exit === 0);
      assert.equal(typeof checked, 'number');
      const [first] = mismatches;
      assert.match(first === undefined ? '' : `${first.file}: ${first.message}`, named);
    });
  }

  test('nothing at the path: 2', async () => {
    const { exit, err } = await postern(['verify', join(root, 'absent.zip')]);
    assert.equal(exit, 2);
    assert.match(err, /^postern: bundle-missing: there is nothing at .*absent\.zip\n {2}hint: /);
  });
});
