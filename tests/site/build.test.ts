import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decompress } from 'fzstd';
import { parquetReadObjects } from 'hyparquet';
import type { Instant } from '#scripts/core/clock.ts';
import { PosternError } from '#scripts/core/failure.ts';
import { PLAYBOOK_RULES } from '#scripts/core/findings/playbook.ts';
import type { SiteName } from '#scripts/core/site/site-part.ts';
import { type BuildResult, build } from '#scripts/tasks/build.ts';
import { digestMonthly } from '#scripts/tasks/digest-monthly.ts';
import { joinSites } from '#scripts/tasks/join-sites.ts';
import { SETTINGS_YAML, type StoredWorld, storeWorld, writeText } from './stored-world.ts';
import { WORLD_NOW } from './world.ts';

const DOMAINS = 18;
const BOTH: readonly SiteName[] = ['policies', 'reports'];
const REDACTED_YAML = `organisation: Example Organisation
reporting: {rua: ['mailto:tls-reports@organisation.example']}
site: {title: 'Title "<script>alert(1)</script>', url: 'https://pages.example/team/postern', redact: true}
example_clock: 2026-11-21T06:00:00Z
`;
/** What a sender may try, and what a redacted site must not show. */
const NAME = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> \u202Egro.liame 192.0.2.99 someone@contact.example`;
const REASON = `FREE-TEXT <script>alert(2)</script> ${'x'.repeat(500)}`;

/** Pages that every site has. */
const PAGES = [
  '404.html',
  ...[
    '',
    'about/',
    'certificates/',
    'domains/',
    'explore/',
    'incidents/',
    'months/',
    'playbook/',
    'senders/',
    'weeks/',
  ].map((path) => `${path}index.html`),
];
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'";

let folder: string;
let plain: StoredWorld;
let first: BuildResult;

function buildTo(out: string, { root, data }: StoredWorld = plain, sites = BOTH, dryRun = false) {
  return build({ root, data, out: join(folder, out), sites, now: WORLD_NOW, dryRun, progress: () => {} });
}

/** Every file below a folder with its bytes, by path. */
function files(path: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(join(folder, path), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const names = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(names.map((name) => [relative(join(folder, path), name), readFileSync(name)]));
}

function page(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

/** Every value in a Parquet file: what stands in it compressed would hide from a search through its bytes. */
async function parquetText(bytes: Buffer): Promise<string> {
  const file = new Uint8Array(bytes).buffer;
  const compressors = { ZSTD: (packed: Uint8Array, length: number) => decompress(packed, new Uint8Array(length)) };
  const rows = await parquetReadObjects({ file, compressors });
  assert.ok(rows.length > 0);
  return rows.map((row) => Object.values(row).map(String).join(' ')).join('\n');
}

describe('both sites, built from files', () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-site-'));
    plain = await storeWorld(join(folder, 'plain'), { domains: DOMAINS });
    const texts = { name: NAME, reason: REASON };
    const hostile = await storeWorld(join(folder, 'redacted'), { domains: 2, settings: REDACTED_YAML, texts });
    const shown = await storeWorld(join(folder, 'shown'), { domains: 2, texts });
    // At the same time, for different roots: they must not disturb each other.
    [first] = await Promise.all([buildTo('first'), buildTo('redacted-out', hostile), buildTo('shown-out', shown)]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('each policy host is a complete document root: the exact policy, a page, its name, and nothing else', () => {
    for (const [domain, policy] of [
      [
        'd00000.example',
        'version: STSv1\r\nmode: enforce\r\nmx: mx1.d00000.example\r\nmx: mx2.d00000.example\r\nmax_age: 604800\r\n',
      ],
      [
        'd00009.example',
        'version: STSv1\r\nmode: none\r\nmx: mx1.d00009.example\r\nmx: mx2.d00009.example\r\nmax_age: 86400\r\n',
      ],
    ] as const) {
      const root = files(`first/policies/${domain}`);
      assert.deepEqual([...root.keys()], ['.nojekyll', '.well-known/mta-sts.txt', 'CNAME', 'index.html']);
      assert.equal(root.get('.well-known/mta-sts.txt')?.toString('latin1'), policy);
      assert.equal(root.get('CNAME')?.toString(), `mta-sts.${domain}\n`);
      assert.equal(root.get('.nojekyll')?.length, 0);
    }
    assert.equal(readdirSync(join(folder, 'first', 'policies')).length, DOMAINS);
  });

  test('the page of a policy host stands alone: its style is let in by hash, it runs nothing and fetches nothing', () => {
    const html = page('first/policies/d00000.example/index.html');
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    assert.ok(html.includes(`style-src 'sha256-${hash}';`));
    assert.match(html, /default-src 'none'/);
    assert.doesNotMatch(html, /<script|<link rel="stylesheet"|<img|style="|url\((?!#)/);
    assert.ok(html.length < 8_000, `${html.length} bytes`);
    assert.match(html, /mx1\.d00000\.example[\s\S]*mx2\.d00000\.example[\s\S]*7 days[\s\S]*rfc8461/);
  });

  test('parts that are joined are to the byte what is built at once, and nothing else is joined', async () => {
    const { root, data } = plain;
    const out = join(folder, 'joined');
    const joinThem = () => joinSites({ root, out, sites: BOTH, dryRun: false });
    const part = (index: number, now = WORLD_NOW) =>
      build({ root, data, out, sites: BOTH, shard: { index, count: 2 }, now, progress: () => {} });
    const refused = (code: string, why: RegExp) => (error: unknown) =>
      error instanceof PosternError && error.code === code && error.exit === 2 && why.test(error.message);
    await assert.rejects(joinThem, refused('parts-missing', /no part of a site/));
    assert.deepEqual((await part(2)).deploy, false);
    await assert.rejects(joinThem, refused('parts-differ', /of 2 parts 1 is missing/));
    await part(1, '2026-11-21T05:59:59Z' as Instant);
    await assert.rejects(joinThem, refused('parts-differ', /another time/));
    await part(1);
    const page = join(out, 'parts', 'reports-2-of-2', 'about', 'index.html');
    writeText(page, 'from elsewhere');
    await assert.rejects(joinThem, refused('parts-differ', /about\/index\.html is not the same in all/));
    assert.deepEqual(readdirSync(out), ['parts']);
    rmSync(join(page, '..'), { recursive: true });
    const { out: _, ...whole } = first;
    const { out: place, ...joined } = await joinThem();
    assert.equal(place, out);
    assert.deepEqual(joined, whole);
    assert.deepEqual(files('joined'), files('first'));
    await assert.rejects(joinThem, refused('parts-missing', /no part/));
  });

  test('the counts are those of the files', () => {
    const all = [...files('first').keys()];
    assert.equal(first.files, all.length);
    assert.equal(first.pages, all.filter((name) => name.endsWith('.html')).length);
    assert.equal(first.out, join(folder, 'first'));
    const [own, hosts] = [files('first/reports'), files('first/policies')];
    assert.equal(hosts.size, 4 * DOMAINS);
    const pages = [...own.keys()].filter((name) => name.endsWith('.html'));
    for (const expected of PAGES) assert.ok(pages.includes(expected), expected);
    assert.equal(pages.filter((name) => /^domains\/[^/]+\/index\.html$/.test(name)).length, DOMAINS);
    // Beside the pages: the style sheet, the explorer's one script, its tables, their list and that of the domains.
    const others = [...own.keys()].filter((name) => !name.endsWith('.html'));
    assert.equal(others.filter((name) => /^assets\/site\.[0-9a-f]{12}\.css$/.test(name)).length, 1);
    assert.equal(others.filter((name) => /^assets\/[\w.-]+\.js$/.test(name)).length, 1);
    assert.deepEqual(
      others.filter((name) => name.startsWith('data/')),
      [
        ...['failures', 'sessions'].flatMap((table) =>
          ['2026-08', '2026-09', '2026-10', '2026-11'].map((month) => `data/${table}-${month}.parquet`),
        ),
        'data/domains.json',
        'data/index.json',
      ].sort(),
    );
    assert.equal(others.length, 1 + 1 + 8 + 2);
  });

  test('two builds of the same data are the same to the byte, wherever they go', async () => {
    const again = await buildTo('second #1 %20 ü');
    assert.equal(again.files, first.files);
    assert.deepEqual(files('second #1 %20 ü'), files('first'));
  });

  test('every page of the reports site is strict, small enough, and links only to what is there', () => {
    const site = files('first/reports');
    const pages = [...site].filter(([name]) => name.endsWith('.html'));
    for (const [name, bytes] of pages) {
      const html = bytes.toString();
      // Only the explorer has a script, its own, and may read what lies on this site.
      const explorer = name === 'explore/index.html';
      // Where one looks for a name, a form leads to the explorer; nowhere else does one lead anywhere.
      const search = ['index.html', 'domains/index.html', '404.html'].includes(name);
      const policy = `${search ? POLICY.replace("form-action 'none'", "form-action 'self'") : POLICY}${explorer ? "; script-src 'self'; connect-src 'self'" : ''}`;
      assert.ok(html.includes(`<meta http-equiv="Content-Security-Policy" content="${policy}">`), name);
      assert.doesNotMatch(html, /style="|<iframe|\son[a-z]+="|javascript:/, name);
      const scripts = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
      if (explorer) assert.match(scripts.join(), /^<script type="module" src="\/assets\/[\w.-]+\.js">$/);
      else {
        const forms = [...html.matchAll(/<form[^>]*>/g)].map(([tag]) => tag);
        const found = search ? ['<form class="find" role="search" action="/explore/">'] : [];
        assert.deepEqual([scripts, forms], [[], found], name);
      }
      for (const [, address] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
        if (
          address === undefined ||
          /^(?:https:\/\/(?:www\.rfc-editor\.org|mta-sts\.d\d+\.example)\/|data:|#)/.test(address)
        )
          continue;
        assert.ok(address.startsWith('/'), `${name}: ${address}`);
        const [path = '', place] = address.slice(1).split('#');
        const file = site.get(path === '' || path.endsWith('/') ? `${path}index.html` : path);
        assert.ok(file !== undefined, `${name}: ${address}`);
        if (place !== undefined && path !== 'explore/')
          assert.ok(file.includes(` id="${place}"`), `${name}: nothing stands at ${address}`);
      }
      assert.ok(bytes.length < 60_000, `${name}: ${bytes.length} bytes`);
    }
    const style = [...site].find(([name]) => name.endsWith('.css'));
    assert.doesNotMatch(style?.[1].toString() ?? '', /url\(|@import/);
    assert.ok((site.get('index.html')?.length ?? 0) + (style?.[1].length ?? 0) < 100_000);
  });

  test('the overview and the domain pages say what the review says', () => {
    const overview = page('first/reports/index.html');
    assert.match(
      overview,
      /<h1>18 domains: two need someone now, nothing is known of one and the other 15 have nothing open\. Reports reach to 20 November 2026\.<\/h1>/,
    );
    assert.match(overview, /aria-label="MX disagree, Policy agrees, DNS not known, Reports disagree"/);
    const domain = page('first/reports/domains/d00000.example/index.html');
    for (const expected of [
      'certificate-expired',
      'mx2.d00000.example',
      'google.com',
      '<svg class="trend"',
      'max_age: 604800',
      'report_sha256',
    ]) {
      assert.ok(domain.includes(expected), expected);
    }
    assert.match(page('first/reports/domains/d00016.example/index.html'), /what senders see is not known/);
  });

  test('hostile text from reports and settings is inert on every page', () => {
    for (const site of ['redacted-out/reports', 'shown-out/reports']) {
      for (const [name, bytes] of files(site)) {
        const html = bytes.toString();
        if (!name.endsWith('.html')) continue;
        const own =
          name === 'explore/index.html' ? html.replace(/<script type="module" src="[^"]*"><\/script>/, '') : html;
        assert.doesNotMatch(own, /<script|<img|\u202E|<[^>]*\sonerror/, name);
      }
    }
    assert.match(page('redacted-out/reports/index.html'), /<title>Title &quot;&lt;script&gt;|<title>Title "&lt;script/);
    const shown = page('shown-out/reports/domains/d00000.example/index.html');
    assert.match(shown, /FREE-TEXT &lt;script&gt;alert\(2\)&lt;\/script&gt; x{50,}[^<]*…/);
    assert.match(shown, /&lt;U\+202E&gt;gro\.liame/);
  });

  test('redacted: no sender address, contact address or free text anywhere in the output', async () => {
    for (const [name, bytes] of files('redacted-out')) {
      const text = name.endsWith('.parquet') ? await parquetText(bytes) : bytes.toString('latin1');
      assert.doesNotMatch(text, /FREE-TEXT|192\.0\.2\.|198\.51\.100\.|@contact\.example/, name);
    }
    assert.match(page('redacted-out/reports/about/index.html'), /This site is redacted/);
    assert.match(page('shown-out/reports/domains/d00000.example/index.html'), /192\.0\.2\.99/);
  });

  test('the path of site.url is the base of every link, and the example says that it is one', () => {
    const html = page('redacted-out/reports/index.html');
    assert.match(html, /href="\/team\/postern\/domains\/d00000\.example\/"/);
    assert.match(html, /href="\/team\/postern\/assets\/[^"]+\.css"/);
    assert.doesNotMatch(html, /href="\/(?!team\/postern\/)/);
    assert.match(html, /Example data, shown as of 21 November 2026, 06:00 UTC/);
    assert.doesNotMatch(page('first/reports/index.html'), /Example data/);
  });

  test('what did not change is not written again', async () => {
    const out = join(folder, 'again');
    await buildTo('again');
    const before = new Map([...files('again').keys()].map((name) => [name, statSync(join(out, name))]));
    writeFileSync(join(out, 'reports', 'about', 'index.html'), 'changed by hand');
    await buildTo('again');
    assert.deepEqual(files('again'), files('first'));
    for (const [name, { ino, mtimeMs }] of before) {
      const { ino: now, mtimeMs: time } = statSync(join(out, name));
      const same = now === ino && time === mtimeMs;
      assert.equal(same, name !== join('reports', 'about', 'index.html'), name);
    }
  });

  test('a closed month says the same whenever it is built, and nobody by name on a redacted site', async () => {
    const { root, data } = await storeWorld(join(folder, 'frozen'), {
      domains: 12,
      settings: SETTINGS_YAML.replace('redact: false', 'redact: true'),
      observed: true,
    });
    const moment = { root, data, out: join(folder, 'evidence'), period: null, now: WORLD_NOW };
    const options = { version: '1.2.3', dry_run: false, pdf: false, environment: {}, progress: () => {} };
    await digestMonthly({ ...moment, ...options });
    const buildAt = (out: string, now: Instant) =>
      build({ root, data, out: join(folder, out), sites: ['reports'], now, progress: () => {} });
    await buildAt('november', WORLD_NOW);
    for (const [name, bytes] of files('november')) {
      const text = name.endsWith('.parquet') ? await parquetText(bytes) : bytes.toString('latin1');
      assert.doesNotMatch(
        text,
        /203\.0\.113\.|2001:db8|someone-on-call|tls-reports@organisation|@contact\.example|198\.51\.100\./,
        name,
      );
    }
    const domain = page('november/reports/domains/d00000.example/index.html');
    for (const expected of [
      'Policy in force',
      'in force',
      'Certificate of the MX host expired',
      '3 1 1 ',
      'Timeline (3 entries)',
    ])
      assert.ok(domain.includes(expected), expected);
    // The rows behind the month are gone by then, and its page does not need them.
    rmSync(join(data, 'reports'), { recursive: true });
    rmSync(join(data, 'observations'), { recursive: true });
    await buildAt('march', '2027-03-09T06:00:00Z' as Instant);
    const october = 'reports/months/2026-10/index.html';
    assert.equal(page(`march/${october}`), page(`november/${october}`));
    assert.match(
      page(`march/${october}`),
      /href="\/explore\/#domain=d00000\.example&[^;]+;from=2026-10-01&[^;]+;to=2026-10-31">d00000\.example</,
    );
    assert.match(page(`march/${october}`), /Frozen 21 November 2026, 06:00 UTC[\s\S]*Postern 1\.2\.3/);
  });

  test('a domain that is gone leaves nothing behind, and the site that was not asked for stays', async () => {
    const root = join(folder, 'shrinking');
    writeText(join(root, 'domains', '_settings.yaml'), SETTINGS_YAML);
    for (const name of ['a', 'xn--bcher-kva'])
      writeText(join(root, 'domains', `${name}.example.yaml`), `mode: testing\nmx: [mx.${name}.example]\n`);
    writeText(join(folder, 'shrinking-out', 'reports', 'index.html'), 'of another day');
    const hosts = async () => {
      await buildTo('shrinking-out', { root, data: join(root, 'data') }, ['policies']);
      return readdirSync(join(folder, 'shrinking-out', 'policies'));
    };
    const body = 'version: STSv1\r\nmode: testing\r\nmx: old.a.example\r\nmax_age: 86400\r\n';
    const facts = { mode: 'testing', max_age: 86_400, mx: ['old.a.example'], triggers: ['scope'], commit: null };
    const sha256 = createHash('sha256').update(body).digest('hex');
    const minted = { at: '2026-11-01T06:00:00Z', event: 'minted', id: '20261101060000', sha256, body, ...facts };
    writeText(join(root, 'data', 'policies', 'a.example.jsonl'), `${JSON.stringify(minted)}\n`);
    assert.deepEqual(await hosts(), ['a.example', 'xn--bcher-kva.example']);
    // The host serves what publish let through, not what a file asks for meanwhile.
    assert.equal(page('shrinking-out/policies/a.example/.well-known/mta-sts.txt'), body);
    // Addresses keep the A-label; a person reads the name.
    assert.match(
      page('shrinking-out/policies/xn--bcher-kva.example/index.html'),
      /<title>Mail policy of bücher\.example<\/title>/,
    );
    rmSync(join(root, 'domains', 'xn--bcher-kva.example.yaml'));
    assert.deepEqual(await hosts(), ['a.example']);
    assert.equal(page('shrinking-out/reports/index.html'), 'of another day');
  });

  test('a failed build leaves the last one in place, and nothing of itself', async () => {
    const before = files('first');
    const data = join(folder, 'broken-data');
    writeText(join(data, 'reports'), 'a file where a folder should be');
    await assert.rejects(buildTo('first', { root: plain.root, data }), (error: unknown) => {
      assert.ok(error instanceof PosternError);
      assert.deepEqual([error.code, error.exit], ['site-build-failed', 3]);
      assert.match(error.message, /^The reports site could not be built: /);
      return true;
    });
    assert.deepEqual(files('first'), before);
    assert.deepEqual(readdirSync(join(folder, 'first')).sort(), ['policies', 'reports']);
  });

  test('errors in the configuration: nothing is built, and the first one is named', async () => {
    const root = join(folder, 'wrong');
    writeText(join(root, 'domains', '_settings.yaml'), SETTINGS_YAML);
    writeText(join(root, 'domains', 'example.com.yaml'), 'mode: enforced\nmx: [mx.example.com]\n');
    await assert.rejects(buildTo('wrong-out', { root, data: join(root, 'data') }), (error: unknown) => {
      assert.ok(error instanceof PosternError);
      assert.deepEqual([error.code, error.exit, error.hint], ['configuration-invalid', 2, 'Run npx postern check.']);
      assert.match(error.message, /domains\/example\.com\.yaml/);
      return true;
    });
    assert.throws(() => readdirSync(join(folder, 'wrong-out')));
  });

  test('a dry run builds and keeps nothing, and no build writes into the repository', async () => {
    const { pages } = await buildTo('dry', plain, ['policies'], true);
    assert.equal(pages, DOMAINS);
    assert.throws(() => readdirSync(join(folder, 'dry')));
    assert.deepEqual(readdirSync(plain.root).sort(), ['data', 'domains']);
  });

  test('without a domain there is a site that says so', async () => {
    const root = join(folder, 'empty');
    writeText(join(root, 'domains', '_settings.yaml'), 'organisation: Nobody yet\n');
    const { pages } = await build({
      root,
      data: join(root, 'data'),
      out: join(folder, 'empty-out'),
      sites: BOTH,
      now: WORLD_NOW,
      progress: () => {},
    });
    assert.equal(pages, PAGES.length + PLAYBOOK_RULES.length);
    assert.match(page('empty-out/reports/index.html'), /<h1>No domain is configured yet\.<\/h1>/);
    assert.deepEqual(readdirSync(join(folder, 'empty-out', 'policies')), []);
  });
});
