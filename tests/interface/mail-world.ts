import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '#scripts/cli/main.ts';
import type { Finding } from '#scripts/core/finding.ts';

/** What one reporter says of one domain and day. */
export interface Said {
  readonly domain?: string;
  readonly day: string;
  readonly reporter?: string;
  readonly successful?: number;
  /** Sessions by `result-type` or `result-type mx`. */
  readonly failures?: Readonly<Record<string, number>>;
  readonly policy_type?: 'sts' | 'tlsa' | 'no-policy-found';
}

export interface Ran<T> {
  readonly exit: number;
  readonly json: T;
  readonly err: string;
}

export interface Reviewed {
  readonly findings: readonly Finding[];
}

const SETTINGS = 'organisation: Example\nreporting: { rua: [mailto:tls@reports.example] }\n';

/** A repository that knows the program by its commands and files alone. */
export class MailWorld {
  readonly root = mkdtempSync(join(tmpdir(), 'postern-interface-'));
  environment: Readonly<Record<string, string>> = {};
  #files = 0;

  constructor(domains: Readonly<Record<string, string>>, settings = '') {
    this.write('domains/_settings.yaml', SETTINGS + settings);
    for (const [domain, text] of Object.entries(domains)) this.write(`domains/${domain}.yaml`, text);
  }

  write(path: string, text: string): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  async run<T>(now: string, ...argv: readonly string[]): Promise<Ran<T>> {
    let [out, err] = ['', ''];
    const stream = (take: (text: string) => void) =>
      ({ write: (text: string) => take(text), on: () => {}, isTTY: false }) as unknown as NodeJS.WriteStream;
    const exit = await main([...argv, '--json', '--root', this.root, '--now', now], this.environment, {
      out: stream((text) => {
        out += text;
      }),
      err: stream((text) => {
        err += text;
      }),
      clock: () => Date.parse(now),
      cwd: this.root,
    });
    return { exit, json: JSON.parse(out) as T, err };
  }

  review(now: string, ...domains: readonly string[]): Promise<Ran<Reviewed>> {
    return this.run(now, 'review', ...domains);
  }

  /** Report files handed over at `now`, and so received then. */
  async ingest(now: string, ...said: readonly Said[]): Promise<void> {
    const folder = `handed-${++this.#files}`;
    for (const [index, one] of said.entries())
      this.write(`${folder}/${index}.json`, JSON.stringify(reportOf(one, `${this.#files}-${index}`)));
    const { exit, json } = await this.run<{ reports: number; quarantined: unknown[] }>(
      now,
      'ingest',
      join(this.root, folder),
    );
    assert.deepEqual([exit, json.reports, json.quarantined], [0, said.length, []]);
  }

  /** Looks of a probe elsewhere: `domain kind subject code`, from a vantage, at a moment. */
  async observe(now: string, ...rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const lines = rows.map((row) =>
      JSON.stringify({ vantage: 'here', address: null, outcome: 'ok', code: 'ok', facts: {}, ...row }),
    );
    const file = this.write(`looks-${++this.#files}.jsonl`, lines.join('\n'));
    const { exit, err } = await this.run(now, 'probe', '--import', file);
    assert.equal(exit, 0, err);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function reportOf(said: Said, id: string): unknown {
  const { domain = 'example.com', day, reporter = 'google.com', successful = 1000, failures = {} } = said;
  const counts = Object.entries(failures);
  return {
    'organization-name': reporter,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': `tls@${reporter}`,
    'report-id': `${id}-${day}-${domain}`,
    policies: [
      {
        policy: { 'policy-type': said.policy_type ?? 'sts', 'policy-domain': domain },
        summary: {
          'total-successful-session-count': successful,
          'total-failure-session-count': counts.reduce((sum, [, count]) => sum + count, 0),
        },
        'failure-details': counts.map(([key, count]) => {
          const [type, mx = `mx1.${domain}`] = key.split(' ');
          return { 'result-type': type, 'receiving-mx-hostname': mx, 'failed-session-count': count };
        }),
      },
    ],
  };
}

/** The day so many days after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Every day from the one to the other of each reporter, without a failure. */
export function clean(from: string, days: number, reporters: readonly string[], domain = 'example.com'): Said[] {
  return Array.from({ length: days }, (_, index) => dayAfter(from, index)).flatMap((day) =>
    reporters.map((reporter) => ({ domain, day, reporter })),
  );
}
