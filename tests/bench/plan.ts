import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldLedger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { mintVersion } from '#scripts/core/policy/versions/mint.ts';
import { appendLedger } from '#scripts/tasks/ledger.ts';
import { domainName, instant, pattern } from '../core/analysis/world.ts';

const DOMAINS = 10_000;
const CHANGED = 50;
const POSTERN = new URL('../../scripts/postern.mjs', import.meta.url).pathname;

/** 10,000 published domains, 50 of them changed since the commit: the whole `plan` process, without network. */
export async function benchPlan(): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), 'postern-bench-plan-'));
  try {
    mkdirSync(join(root, 'domains'));
    writeFileSync(
      join(root, 'domains', '_settings.yaml'),
      'organisation: Bench\nreporting: { rua: [mailto:tls@reports.example] }\n',
    );
    for (let i = 0; i < DOMAINS; i++) {
      writeDomain(root, i, '');
      appendLedger(join(root, 'data'), domainName(`d${i}.example`), publishedOf(i));
    }
    const git = (...argv: readonly string[]) =>
      execFileSync('git', ['-C', root, '-c', 'user.name=b', '-c', 'user.email=b@example.com', ...argv], {
        stdio: 'ignore',
      });
    git('init', '-q');
    git('add', 'domains');
    git('commit', '-qm', 'bench');
    for (let i = 0; i < CHANGED; i++) writeDomain(root, i, ', mx3.example');
    const lines: string[] = [];
    for (const [what, more] of [
      ['against what was published', []],
      ['and another commit', ['--against', 'HEAD']],
    ] as const) {
      const start = performance.now();
      const run = spawnSync(
        '/usr/bin/env',
        [
          'bash',
          '-c',
          'exec "$@"',
          'plan',
          process.execPath,
          POSTERN,
          'plan',
          '--root',
          root,
          '--offline',
          '--json',
          ...more,
        ],
        {
          encoding: 'utf8',
          maxBuffer: 1 << 28,
          env: { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${PEAK}` },
        },
      );
      const seconds = (performance.now() - start) / 1000;
      if (run.status !== 0) throw new Error(`plan ended with ${run.status}: ${run.stderr}`);
      const { domains } = JSON.parse(run.stdout) as { domains: readonly { version: unknown }[] };
      const changed = domains.filter(({ version }) => version !== null).length;
      if (changed !== CHANGED) throw new Error(`${changed} changes instead of ${CHANGED}`);
      const [, peak = '?', cpu = '?'] = /peak (\d+) cpu ([\d.]+)/.exec(run.stderr) ?? [];
      lines.push(
        `plan of ${domains.length} with ${changed} changed, ${what.padEnd(28)} ${seconds.toFixed(2)} s (at most 3 s; ${cpu} s of processor), ${peak} MB (at most 400 MB)`,
      );
    }
    return lines;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Tells the most memory the process ever held, and its processor time: on a busy machine the clock says little. */
const PEAK = encodeURIComponent(
  `process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('peak '+Math.round(process.resourceUsage().maxRSS/1024)+' cpu '+((user+system)/1e6).toFixed(2)+String.fromCharCode(10))})`,
);

function writeDomain(root: string, i: number, more: string): void {
  writeFileSync(
    join(root, 'domains', `d${i}.example.yaml`),
    `mode: testing\nmx: [mx1.d${i}.example, mx2.d${i}.example${more}]\n`,
  );
}

function publishedOf(i: number): readonly LedgerEvent[] {
  const mx = [`mx1.d${i}.example`, `mx2.d${i}.example`].map(pattern);
  const now = instant('2026-11-01T00:00:00Z');
  const policy = { version: 'STSv1', mode: 'testing', mx, max_age: 86_400, extensions: [] } as const;
  const minted = mintVersion(foldLedger([]), policy, { now, commit: null });
  if (minted === null) throw new Error('nothing was minted');
  const { id, sha256 } = minted;
  return [minted, { at: now, event: 'served', id, sha256 }, { at: now, event: 'announced', id, sha256 }];
}
