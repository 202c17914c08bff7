import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { sha256Of } from '#scripts/io/evidence/month-folders.ts';
import { unpackZip, writeZip } from '#scripts/io/evidence/zip.ts';
import { verify } from '#scripts/tasks/verify.ts';
import { instant, MonthWorld } from './month-world.ts';

const NOW = '2026-11-04T06:00:00Z';
const quiet = () => {};

suite('a frozen month and its evidence', () => {
  let folder: string;
  let world: MonthWorld;
  let bundle: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-month-'));
    world = await filled(join(folder, 'world'));
    await world.digest(NOW);
    bundle = join(world.out, 'evidence-2026-10.zip');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function filled(root: string): Promise<MonthWorld> {
    const made = new MonthWorld(root);
    await made.report('2026-09-30', { successful: 5 }, '2026-10-01T06:00:00Z');
    await made.report('2026-10-01', { successful: 90, failed: 10 }, '2026-10-02T06:00:00Z');
    await made.report('2026-10-31', { successful: 50 }, '2026-11-01T06:00:00Z');
    await made.report('2026-11-01', { successful: 7 }, '2026-11-02T06:00:00Z');
    const body = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n';
    const version = { id: '20261010000000', sha256: sha256Of(body) };
    made.ledger([
      {
        at: instant('2026-10-10T00:00:00Z'),
        event: 'minted',
        ...version,
        body,
        mode: 'enforce',
        max_age: 604_800,
        mx: ['mx1.example.com'],
        triggers: ['mode'],
        commit: null,
      },
      { at: instant('2026-10-10T00:05:00Z'), event: 'served', ...version },
      { at: instant('2026-10-10T00:10:00Z'), event: 'announced', ...version },
    ]);
    await made.observe(
      ['2026-10-05T01:00:00Z', '2026-10-05T02:00:00Z', '2026-10-06T01:00:00Z'].map((at) => ({
        at: instant(at),
        vantage: 'office',
        domain: 'example.com',
        kind: 'mx' as const,
        subject: 'mx1.example.com',
        address: '192.0.2.1',
        outcome: 'ok' as const,
        code: 'ok',
        facts: {},
      })),
    );
    return made;
  }

  const figures = (month: string) =>
    JSON.parse(readFileSync(join(world.data, 'months', month, 'figures.json'), 'utf8'));
  const list = (name: string) => readFileSync(join(world.data, 'months', '2026-10', 'lists', name), 'utf8');

  test('every month that is over is frozen, oldest first, and the open one is not', () => {
    assert.deepEqual(readdirSync(join(world.data, 'months')), ['2026-09', '2026-10']);
    const manifest = JSON.parse(readFileSync(join(world.data, 'months', '2026-10', 'manifest.json'), 'utf8'));
    const before = readFileSync(join(world.data, 'months', '2026-09', 'manifest.json'));
    assert.deepEqual(manifest.previous, { period: '2026-09', sha256: sha256Of(before) });
    assert.deepEqual([manifest.frozen_at, manifest.tool.version, manifest.commit], [NOW, '1.2.3', null]);
  });

  test('the figures are those of the month alone, and days nobody reported on are not known', () => {
    const [domain] = figures('2026-10').domains;
    assert.deepEqual(domain.sessions, [{ policy_type: 'sts', successful: 140, failed: 10, unknown_entries: 0 }]);
    assert.deepEqual(domain.failures, [
      { policy_type: 'sts', result_type: 'certificate-expired', sessions: 10, reporters: 1 },
    ]);
    assert.equal(domain.days_with_data, 2);
    // Announced on 10 October: 22 days of the month.
    assert.deepEqual(domain.mode_days, { enforce: 22, testing: 0, none: 0, unknown: 9 });
  });

  test('the lists hold whole populations', () => {
    const days = list('days.csv').trim().split('\r\n');
    assert.equal(days.length, 1 + 31);
    assert.equal(days[1], 'example.com,2026-10-01,sts,90,10,0,1');
    assert.equal(days[2], 'example.com,2026-10-02,,,,,');
    assert.match(
      list('versions.csv'),
      /example\.com,20261010000000,[0-9a-f]{64},enforce,604800,mx1\.example\.com,mode,/,
    );
    assert.match(list('completeness.csv'), /2026-10-05,probe from office,24,2,0,/);
    assert.match(list('completeness.csv'), /2026-10-07,probe from office,24,0,0,/);
    assert.match(list('checks.csv'), /example\.com,mx,mx1\.example\.com,192\.0\.2\.1,office,ok,ok,/);
  });

  test('what senders write is harmless in a spreadsheet and on a page', () => {
    assert.match(list('reporters.csv'), /,"'=HYPERLINK\(""https:\/\/evil\.example""\)",/);
    const page = readFileSync(join(world.data, 'months', '2026-10', 'report.html'), 'utf8');
    assert.match(page, /Example &lt;Ltd&gt;/);
    assert.doesNotMatch(page, /<Ltd>|<script/);
  });

  test('verify: the bundle, the folder, and a copy on another machine hold', async () => {
    for (const place of [bundle, join(world.data, 'months', '2026-10')]) {
      const result = await verify(place, quiet);
      assert.deepEqual(result.mismatches, []);
      assert.deepEqual([result.ok, result.period], [true, '2026-10']);
      assert.ok(result.checked > 12);
    }
  });

  test('the same data make the same bundle, to the byte', async () => {
    const other = await filled(join(folder, 'other'));
    await other.digest(NOW);
    const name = 'evidence-2026-10.zip';
    assert.equal(sha256Of(readFileSync(join(other.out, name))), sha256Of(readFileSync(bundle)));
  });

  test('a changed byte is named, whichever file it is in', async () => {
    const unpacked = join(folder, 'unpacked');
    assert.deepEqual(await unpackZip(bundle, unpacked, { first: 'manifest.json', refusal: () => null }), {
      ok: true,
      refused: [],
    });
    const members = readdirSync(unpacked, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => ({ path: relative(unpacked, path), bytes: readFileSync(path) }));
    assert.ok(members.length > 12);
    const target = join(folder, 'changed.zip');
    for (const changed of members) {
      if (changed.bytes.length === 0) continue;
      await writeZip(
        target,
        members.map(({ path, bytes }) => ({ path, from: path === changed.path ? flipped(bytes) : bytes })),
      );
      const result = await verify(target, quiet);
      assert.equal(result.ok, false, changed.path);
      // A manifest that can still be read names the files that no longer fit it; the chain names the month.
      if (changed.path !== 'manifest.json')
        assert.ok(
          result.mismatches.some(({ file }) => file === changed.path),
          `${changed.path}: ${JSON.stringify(result.mismatches)}`,
        );
    }
  });

  test('figures that were made nicer, with a manifest to fit, do not follow from the rows', async () => {
    const forged = join(folder, 'forged');
    cpSync(join(world.data, 'months', '2026-10'), forged, { recursive: true });
    const nicer = readFileSync(join(forged, 'figures.json'), 'utf8').replaceAll('"failed": 10', '"failed": 0');
    writeFileSync(join(forged, 'figures.json'), nicer);
    const manifest = JSON.parse(readFileSync(join(forged, 'manifest.json'), 'utf8'));
    for (const file of manifest.files) if (file.path === 'figures.json') file.sha256 = sha256Of(nicer);
    writeFileSync(join(forged, 'manifest.json'), JSON.stringify(manifest));
    const { mismatches } = await verify(forged, quiet);
    assert.ok(
      mismatches.some(({ message }) =>
        message.startsWith('domains[example.com].sessions[sts].failed is 0; from the rows it is 10'),
      ),
      JSON.stringify(mismatches),
    );
  });

  const LISTS: readonly (readonly [list: string, from: RegExp, to: string, message: RegExp])[] = [
    [
      'days.csv',
      /,sts,(\d+),10,/,
      ',sts,$1,0,',
      /^row \d+: failed_sessions is "0"; from the rows of data\/ it is "10"\.$/,
    ],
    ['reporters.csv', /\r\n[^\r]*\r\n$/, '\r\n', /^It has 0 rows; from the rows of data\/ there are 1\.$/],
    ['versions.csv', /,enforce,/, ',testing,', /^row 1: mode is "testing"; from the rows of data\/ it is "enforce"\.$/],
    ['checks.csv', /,ok,ok,/, ',bad,tls,', /^row \d+ does not follow from the rows of data\/: "example\.com,/],
  ];
  for (const [name, from, to, message] of LISTS)
    test(`lists/${name} made nicer, with a manifest to fit, does not follow from the rows`, async () => {
      const forged = join(folder, `forged-${name}`);
      cpSync(join(world.data, 'months', '2026-10'), forged, { recursive: true });
      const path = `lists/${name}`;
      const nicer = readFileSync(join(forged, path), 'utf8').replace(from, to);
      assert.notEqual(nicer, readFileSync(join(forged, path), 'utf8'));
      writeFileSync(join(forged, path), nicer);
      const manifest = JSON.parse(readFileSync(join(forged, 'manifest.json'), 'utf8'));
      for (const file of manifest.files) if (file.path === path) file.sha256 = sha256Of(nicer);
      writeFileSync(join(forged, 'manifest.json'), JSON.stringify(manifest));
      const { ok, mismatches } = await verify(forged, quiet);
      assert.equal(ok, false);
      // The copy has no month before it beside it; that is told, too.
      const wrong = mismatches.filter(({ file }) => !file.startsWith('chain/'));
      assert.deepEqual([wrong.length, wrong[0]?.file], [1, path], JSON.stringify(mismatches));
      assert.match(wrong[0]?.message ?? '', message);
    });

  test('a file too many, and one too few', async () => {
    const odd = join(folder, 'odd');
    cpSync(join(world.data, 'months', '2026-10'), odd, { recursive: true });
    writeFileSync(join(odd, 'lists', 'more.csv'), 'a\r\n');
    rmSync(join(odd, 'lists', 'days.csv'));
    const { mismatches } = await verify(odd, quiet);
    assert.deepEqual(
      mismatches.filter(({ file }) => file.startsWith('lists/')),
      [
        { file: 'lists/days.csv', message: 'It is missing.' },
        { file: 'lists/more.csv', message: 'The manifest does not list it.' },
      ],
    );
  });

  test('a name that leads out of the folder is never written', async () => {
    const evil = join(folder, 'evil.zip');
    await writeZip(evil, [{ path: 'aa/out.txt', from: Buffer.from('x') }]);
    // The writer refuses such names, so the bytes are changed behind its back: same length, in both places.
    const bytes = readFileSync(evil).toString('latin1').replaceAll('aa/out.txt', '../out.txt');
    writeFileSync(evil, Buffer.from(bytes, 'latin1'));
    const { ok, mismatches } = await verify(evil, quiet);
    assert.equal(ok, false);
    assert.match(mismatches[0]?.message ?? '', /invalid relative path: \.\.\/out\.txt/);
    assert.equal(existsSync(join(folder, 'out.txt')), false);
  });

  test('what is no bundle is said to be none', async () => {
    const nothing = join(folder, 'nothing.zip');
    writeFileSync(nothing, 'not a zip');
    const { ok, mismatches } = await verify(nothing, quiet);
    assert.equal(ok, false);
    assert.match(JSON.stringify(mismatches), /nothing\.zip.*cannot be read as a zip archive/);
    await assert.rejects(verify(join(folder, 'absent.zip'), quiet), { code: 'bundle-missing', exit: 2 });
  });

  test('again: nothing is due, and no byte of a frozen month changes', async () => {
    const before = snapshot(join(world.data, 'months'));
    const result = await world.digest('2026-11-05T06:00:00Z');
    assert.deepEqual([result.frozen, result.restated], [[], []]);
    assert.deepEqual(snapshot(join(world.data, 'months')), before);
  });

  test('a late report restates the month beside it, once, and the frozen month still says the same', async () => {
    const frozen = figures('2026-10');
    await world.report('2026-10-02', { successful: 1, failed: 2 }, '2026-11-06T06:00:00Z');
    const result = await world.digest('2026-11-07T06:00:00Z');
    assert.deepEqual(result.restated, ['2026-10']);
    const path = join(world.data, 'months', '2026-10', 'restatements', '2026-11-07.json');
    const restated = JSON.parse(readFileSync(path, 'utf8'));
    assert.deepEqual(
      restated.differences.filter(
        ({ path: where }: { path: string }) => where === 'domains[example.com].days_with_data',
      ),
      [{ path: 'domains[example.com].days_with_data', stated: '2', derived: '3' }],
    );
    assert.deepEqual(figures('2026-10'), frozen);
    assert.equal((await verify(join(world.data, 'months', '2026-10'), quiet)).ok, true);
    assert.deepEqual((await world.digest('2026-11-08T06:00:00Z')).restated, []);
  });

  test('rows that retention deleted, and a file that is damaged, restate nothing', async () => {
    const kept = await filled(join(folder, 'kept'));
    await kept.digest(NOW);
    const settings = join(kept.root, 'domains', '_settings.yaml');
    writeFileSync(settings, 'organisation: Example\nretention: {detail_days: 31}\n');
    const reports = join(kept.data, 'reports', 'month=2026-10');
    const [part = ''] = readdirSync(reports);
    rmSync(join(reports, part));
    assert.deepEqual((await kept.digest('2026-11-20T06:00:00Z')).restated, []);

    const hurt = await filled(join(folder, 'hurt'));
    await hurt.digest(NOW);
    const broken = join(hurt.data, 'reports', 'month=2026-10');
    for (const name of readdirSync(broken)) writeFileSync(join(broken, name), 'not Parquet');
    assert.deepEqual((await hurt.digest('2026-11-05T06:00:00Z')).restated, []);
    assert.equal((await verify(join(hurt.data, 'months', '2026-10'), quiet)).ok, true);
  });

  test('a month that is open, that does not exist, or that lies before a frozen one', async () => {
    await assert.rejects(world.digest('2026-11-30T06:00:00Z', '2026-11'), { code: 'month-open', exit: 2 });
    await assert.rejects(world.digest(NOW, '2026-13'), { code: 'month-unknown', exit: 2 });
    await assert.rejects(world.digest(NOW, '2026-08'), { code: 'month-order', exit: 2 });
  });
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

/** Every file below a folder with its bytes and time. */
function snapshot(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${sha256Of(readFileSync(path))} ${statSync(path).mtimeMs}`;
    })
    .sort();
}
