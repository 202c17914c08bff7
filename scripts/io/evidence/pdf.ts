import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
];

/** A Chromium of this machine; GitHub's runners have one. Null: none. */
export function findChromium(): string | null {
  return PLACES.find((place) => existsSync(place)) ?? null;
}

/** Prints a page of ours as PDF, tagged and with an outline, without a network. */
export async function printPdf(options: {
  readonly browser: string;
  readonly page: string;
  readonly target: string;
}): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'postern-pdf-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.browser,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    offline: true,
    javaScriptEnabled: false,
  });
  try {
    const page = await context.newPage();
    await page.goto(pathToFileURL(options.page).href);
    mkdirSync(dirname(options.target), { recursive: true });
    const temporary = `${options.target}.${process.pid}.tmp`;
    await page.pdf({ path: temporary, format: 'A4', tagged: true, outline: true, printBackground: true });
    renameSync(temporary, options.target);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
