import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';

const DOMAINS = 10_000;
const POSTERN = new URL('../../scripts/postern.mjs', import.meta.url).pathname;

/** 10,000 domain files: the whole `check` process against only reading and loading the same YAML. */
export async function benchCheck(): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), 'postern-bench-check-'));
  try {
    mkdirSync(join(root, 'domains'));
    writeFileSync(
      join(root, 'domains', '_settings.yaml'),
      'organisation: Bench\nreporting: { rua: [mailto:tls@reports.example] }\n',
    );
    for (let i = 0; i < DOMAINS; i++) {
      writeFileSync(
        join(root, 'domains', `d${i}.example.yaml`),
        `mode: testing\nmx: [mx1.d${i}.example, mx2.d${i}.example]\n`,
      );
    }
    const floor = timed(() => {
      for (const name of readdirSync(join(root, 'domains'))) load(readFileSync(join(root, 'domains', name), 'utf8'));
    });
    let output = '';
    const whole = timed(() => {
      const run = spawnSync(process.execPath, [POSTERN, 'check', '--root', root, '--json'], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      if (run.status !== 0) throw new Error(`check ended with ${run.status}: ${run.stderr}`);
      output = run.stdout;
    });
    const checked = (JSON.parse(output) as { domains: unknown[] }).domains.length;
    return [
      `read and load ${DOMAINS} files      ${floor.toFixed(2)} s`,
      `postern check, whole process   ${whole.toFixed(2)} s for ${checked} domains (at most 4 s)`,
      `ratio                          ${(whole / floor).toFixed(1)}`,
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
