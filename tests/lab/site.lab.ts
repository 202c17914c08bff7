import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from '#scripts/tasks/build.ts';
import { digestMonthly } from '#scripts/tasks/digest-monthly.ts';
import { type Serving, serve } from '#scripts/tasks/serve.ts';
import { SETTINGS_YAML, storeWorld } from '../site/stored-world.ts';
import { WORLD_NOW } from '../site/world.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
/** Set to a folder, every page is left there as a picture, for a person to look at. */
const PICTURES = process.env['POSTERN_PICTURES'];
const HOSTILE = `<script>document.title='run'</script>"'><img src=x onerror="document.title='run'">\u202Eelif.exe ${'long-name.'.repeat(40)}`;

/** Run in the page: is it no wider than the window; is something said twice; how often did something move after it was drawn. */
const FITS = 'document.documentElement.scrollWidth <= innerWidth';
/** What a small screen says in one line stands in no cells besides. */
const TWICE = `innerWidth > 700 ? 0 : [...document.querySelectorAll('.stack .wide')].filter((one) => one.getClientRects().length > 0).length`;
const MOVED = `new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().length)).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(0), 50);
})`;

const REPORT_PAGES = [
  '',
  'certificates/',
  'incidents/',
  'months/',
  'months/2026-10/',
  'playbook/',
  'playbook/certificate-expired/',
  'senders/',
  'senders/google.com/',
  'weeks/',
  'domains/',
  'about/',
  'explore/',
  '404.html',
  'overview/2/',
  'domains/d00000.example/',
  'domains/d00003.example/',
  'domains/d00016.example/',
];
const POLICY_PAGES = ['d00000.example/', 'd00003.example/', 'd00009.example/'];
const VIEWS = [
  [320, 'light'],
  [768, 'dark'],
  [1440, 'light'],
  [1440, 'dark'],
] as const;

describe('the built sites in a browser', { timeout: 600_000 }, () => {
  let folder: string;
  let browser: Browser;
  let site: Serving;
  let hostileSite: Serving;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-lab-site-'));
    site = await built('plain', { domains: 80 });
    hostileSite = await built('hostile', { domains: 2, texts: { name: HOSTILE, reason: HOSTILE } });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  });
  after(async () => {
    await browser.close();
    await Promise.all([site.close(), hostileSite.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function built(name: string, options: Omit<Parameters<typeof storeWorld>[1], 'settings'>): Promise<Serving> {
    const { root, data } = await storeWorld(join(folder, name), {
      ...options,
      observed: true,
      settings: `${SETTINGS_YAML}example_clock: ${WORLD_NOW}\n`,
    });
    const out = join(folder, `${name}-out`);
    const monthly = { period: null, now: WORLD_NOW, version: '1.2.3', dry_run: false, pdf: false, environment: {} };
    await digestMonthly({ root, data, out: join(folder, `${name}-months`), ...monthly, progress: () => {} });
    await build({ root, data, out, sites: ['policies', 'reports'], now: WORLD_NOW, progress: () => {} });
    return serve({ out, base: '/', port: 0 });
  }

  /** Opens a page, and fails on anything it complains of or asks of another host. */
  async function open(
    address: string,
    width: number,
    scheme: 'light' | 'dark',
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: scheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:') && new URL(request.url()).origin !== new URL(address).origin)
        complaints.push(request.url());
    });
    await page.goto(address);
    await look(page);
    assert.deepEqual(complaints, [], address);
    await page.close();
  }

  async function violations(page: Page): Promise<readonly string[]> {
    await page.evaluate(AXE);
    const results = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
    return results.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`),
    );
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name.replaceAll(/[^\w.-]+/g, '_')}.png`), fullPage: true });
  }

  test('axe finds nothing, at any width, light and dark; nothing is wider than the window; nothing moves', async () => {
    const addresses = [
      ...REPORT_PAGES.map((path) => `${site.reports}${path}`),
      ...POLICY_PAGES.map((path) => `${site.policies}${path}`),
      ...['', 'domains/d00000.example/', 'incidents/', 'senders/', 'weeks/', 'certificates/'].map(
        (path) => `${hostileSite.reports}${path}`,
      ),
    ];
    for (const address of addresses) {
      for (const [width, scheme] of VIEWS) {
        await open(address, width, scheme, async (page) => {
          const where = `${new URL(address).pathname} ${width} ${scheme}`;
          assert.deepEqual(await violations(page), [], where);
          assert.equal(await page.evaluate(MOVED), 0, `${where}: something moved`);
          assert.equal(await page.evaluate(FITS), true, `${where}: too wide`);
          assert.equal(await page.evaluate(TWICE), 0, `${where}: said twice`);
          await picture(page, `${new URL(address).port}${where}`);
        });
      }
    }
  });

  test('opened details are sound too', async () => {
    for (const address of [`${site.reports}domains/d00000.example/`, `${hostileSite.reports}domains/d00000.example/`]) {
      await open(address, 320, 'light', async (page) => {
        await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(FITS), true);
      });
    }
  });

  test('hostile text stays text: nothing runs, no element comes of it, and it cannot turn a line around', async () => {
    await open(`${hostileSite.reports}domains/d00000.example/`, 1440, 'light', async (page) => {
      assert.equal(await page.title(), 'd00000.example · Mail transport of Example Organisation');
      assert.equal(await page.locator('script, img, iframe, object').count(), 0);
      assert.doesNotMatch((await page.locator('body').textContent()) ?? '', /\u202E/);
      assert.match((await page.locator('body').textContent()) ?? '', /<script>document\.title/);
    });
  });

  test('with the keyboard: the skip link comes first, shows itself, and leads to the content', async () => {
    await open(site.reports, 1440, 'light', async (page) => {
      await page.keyboard.press('Tab');
      const skip = page.locator(':focus');
      assert.equal(await skip.textContent(), 'Skip to the content');
      assert.ok(((await skip.boundingBox())?.y ?? -1) >= 0);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      assert.equal(await page.locator(':focus').getAttribute('name'), 'find');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      assert.equal(await page.locator(':focus').textContent(), 'd00000.example');
      assert.notEqual(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none');
    });
  });

  test('the explorer asks the site’s own tables: filters, picture, table, CSV, and an address that says it all', async () => {
    const asked = `${site.reports}explore/#table=failures&domain=d00000.example&result_type=certificate-expired`;
    for (const [width, scheme] of VIEWS) {
      await open(asked, width, scheme, async (page) => {
        await page.locator('#explore-result tbody tr').first().waitFor();
        assert.match((await page.locator('#explore-status').textContent()) ?? '', /^\d+ rows, 2026-10 to 2026-11\.$/);
        const [domains, types] = ['domain', 'result type'].map((label) =>
          page.locator(`#explore-result td[data-label="${label}"]`).allTextContents(),
        );
        assert.deepEqual([...new Set(await domains)], ['d00000.example']);
        assert.deepEqual([...new Set(await types)], ['certificate-expired']);
        assert.equal(await page.locator('.explore-failed').count(), 5);
        assert.deepEqual(await violations(page), [], `${width} ${scheme}`);
        assert.equal(await page.evaluate(FITS), true, `${width}`);
        const downloading = page.waitForEvent('download');
        await page.locator('#explore-csv').click();
        const csv = readFileSync(await (await downloading).path(), 'utf8')
          .trimEnd()
          .split('\r\n');
        assert.equal(csv[0], 'day,domain,reporter,policy_type,result_type,mx,sessions');
        assert.equal(csv.length - 1, await page.locator('#explore-result tbody tr').count());
        await page.locator('[name=table]').selectOption('sessions');
        await page.locator('[name=result_type]').fill('');
        await page.locator('[name=policy_type]').selectOption('tlsa');
        await page.locator('button[type=submit]').click();
        await page.locator('#explore-result td[data-label="successful sessions"]').first().waitFor();
        assert.match(page.url(), /#(?=.*domain=d00000\.example)(?=.*policy_type=tlsa)/);
      });
    }
  });

  test('a domain is found by its name from any page with the form, and a part of it gives a list', async () => {
    for (const path of ['', 'domains/']) {
      await open(`${site.reports}${path}`, 1440, 'light', async (page) => {
        await page.locator('[name=find]').fill('D00007.example');
        await page.locator('.find button').click();
        await page.waitForURL('**/domains/d00007.example/');
        assert.equal(await page.locator('h1').textContent(), 'd00007.example');
      });
    }
    await open(`${site.reports}explore/?find=d0001`, 320, 'light', async (page) => {
      await page.locator('#explore-found li').first().waitFor();
      assert.equal(await page.locator('#explore-found li').count(), 10);
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(FITS), true);
    });
    await open(
      `${site.reports}explore/?find=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`,
      320,
      'light',
      async (page) => {
        await page.locator('#explore-found p').waitFor();
        assert.equal(await page.locator('#explore-found img, #explore-found li').count(), 0);
      },
    );
  });

  test('at 320 pixels a row is a few lines and keeps its mark; wide it is one', async () => {
    const heights: number[] = [];
    for (const width of [320, 1440]) {
      await open(site.reports, width, 'light', async (page) => {
        const row = page.locator('.fleet .row').last();
        const mark = await row.locator('.mark').boundingBox();
        assert.ok(mark !== null && mark.width >= 40, `${width}`);
        heights.push((await row.boundingBox())?.height ?? 0);
      });
    }
    const [narrow = 0, wide = 0] = heights;
    assert.ok(narrow > 2 * wide && wide < 60, `${heights}`);
  });

  test('the first page is light, and whole without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (!response.url().startsWith('data:')) bodies.push(response.body());
    });
    await page.goto(site.reports, { waitUntil: 'networkidle' });
    assert.equal(await page.locator('.fleet .row').count(), 50);
    const sizes = (await Promise.all(bodies)).map(({ length }) => length);
    assert.equal(sizes.length, 2, 'the page and its style sheet');
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(bytes < 100_000, `${bytes} bytes`);
    await context.close();
  });

  test('printed: dark paper is not, navigation is not, the mark is', async () => {
    const page = await browser.newPage({ colorScheme: 'dark' });
    await page.goto(`${site.reports}domains/d00000.example/`);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.equal(
      await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'),
      'rgb(252, 251, 248)',
    );
    assert.equal(await page.locator('.masthead nav').isVisible(), false);
    assert.equal(await page.locator('.agreement .bar').isVisible(), true);
    await picture(page, 'print');
    assert.ok((await page.pdf()).length > 10_000);
    await page.close();
  });
});
