import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PosternError } from '../../core/failure.ts';

/** Where astro.config.mjs stands: the checkout, whatever repository is built. */
const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILD = ['build', '--root', CHECKOUT, '--silent'];
/**
 * Two builds share the processors: four threads that help to collect new garbage, and wait for each other, take a tenth of all
 * the work. How long other garbage lies is a matter of memory: a page of the policies needs next to none.
 */
const COLLECTING = ['--no-parallel-scavenge', '--v8-pool-size=2', '--expose-gc'];
const LYING: Readonly<Record<AstroBuild['site'], readonly string[]>> = {
  policies: ['--max-semi-space-size=4', '--heap-growing-percent=20'],
  reports: ['--max-semi-space-size=16', '--heap-growing-percent=100'],
};
/** Some thirty modules are bundled: a pool of threads takes more memory than it saves time, and what the bundler frees goes back. */
const BUNDLER = { ROLLDOWN_WORKER_THREADS: '1', RAYON_NUM_THREADS: '1', MIMALLOC_PURGE_DELAY: '0' };
/** Of what Astro says before it fails, this much is kept. */
const MAX_COMPLAINT = 64 * 1024;

export interface AstroBuild {
  readonly site: 'policies' | 'reports';
  /** A folder of this build alone. The pages go to `<work>/<site>`; caches stay beside them and nowhere else. */
  readonly work: string;
  /** The site as it stands: a page that is the same there is not written again. */
  readonly before: string;
  /** What the pages read: see astro.config.mjs and the data.ts of each site. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with the number of files written so far. */
  readonly progress: (files: number) => void;
}

/**
 * Runs Astro for one site in a process of its own, so that two builds share neither environment nor memory.
 * @throws PosternError `site-build-failed` (exit 3)
 */
export function buildWithAstro({ site, work, before, environment, progress }: AstroBuild): Promise<void> {
  const astro = fileURLToPath(new URL('bin/astro.mjs', import.meta.resolve('astro/package.json')));
  const child = spawn(process.execPath, [...COLLECTING, ...LYING[site], astro, ...BUILD], {
    // Astro keeps its half-made pages in the folder it is started from, if they are to end there.
    cwd: work,
    env: {
      ...process.env,
      ...environment,
      SITE: site,
      POSTERN_OUT: join(work, site),
      POSTERN_BEFORE: before,
      POSTERN_CACHE: join(work, `cache-${site}`),
      // What the caller's shell prefers must not change a byte of the pages, nor colour a complaint.
      NODE_ENV: 'production',
      TZ: 'UTC',
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      ASTRO_TELEMETRY_DISABLED: '1',
      ...BUNDLER,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, MAX_COMPLAINT);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const files = Number(text.trim().split('\n').at(-1));
    if (Number.isInteger(files)) progress(files);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(failure(site, cause.message, cause)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failure(site, firstLine(complaint) ?? `Astro ended with ${code ?? signal}`, new Error(complaint)));
    });
  });
}

function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim();
}

function failure(site: string, reason: string, cause: Error): PosternError {
  return new PosternError('site-build-failed', `The ${site} site could not be built: ${reason}`, {
    hint: 'The last build is still in place. --debug shows all that Astro said.',
    exit: 3,
    cause,
  });
}
