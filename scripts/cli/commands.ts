import { join, resolve } from 'node:path';
import { siteBase } from '../core/config/site-base.ts';
import { PosternError } from '../core/failure.ts';
import { isUrgent } from '../core/finding.ts';
import { buildText, checkText, ingestText } from '../core/result-text.ts';
import type { Serving } from '../tasks/serve.ts';
import type { Command, Invocation, Outcome } from './command.ts';
import { completionScript, SHELLS } from './completion.ts';
import { untilStopped } from './until-stopped.ts';

const OUT = { name: 'out', value: 'DIR', summary: 'where the built sites stand (default: <root>/dist)' } as const;
const PORT = {
  name: 'port',
  value: 'N',
  summary: 'the first port to try, 0 for any free one (default: 4321)',
} as const;
const UNLIMITED = Number.POSITIVE_INFINITY;

/**
 * Every command. Each `run` only loads its task, calls it and words the result: a task is loaded when it is needed, so that
 * `--help` does not wait for a database.
 */
export const COMMANDS: readonly Command[] = [
  {
    name: 'start',
    operands: '',
    summary: 'check, ingest, review, build, and serve the result on localhost',
    details:
      'What npm start does. Reads the configured mailbox folder, builds both sites into --out and serves them until it is ' +
      'stopped. While the settings carry example_clock, the example is shown as of that moment, unless --now says otherwise. ' +
      'Ends with 2 before ingesting anything when the configuration has errors.',
    options: [OUT, PORT],
    arity: [0, 0],
    run: async (invocation) => {
      const { start } = await import('../tasks/start.ts');
      const result = await start({ ...invocation, out: outOf(invocation), port: portOf(invocation) });
      const { serving, ...json } = result;
      if (serving === null) {
        const errors = result.check.problems.some((problem) => problem.severity === 'error');
        return { exit: errors ? 2 : 0, json, text: '', problems: result.check.problems };
      }
      const { reports, policies } = serving;
      return { ...served(serving), json: { ...json, reports, policies }, problems: result.check.problems };
    },
  },
  {
    name: 'check',
    operands: '[domain…]',
    summary: 'validates all configuration, offline',
    details:
      'Reads domains/_settings.yaml and every domain file, and tells all problems at once: file, line, column, rule, and what ' +
      'to do. Changes nothing and asks no network. Ends with 2 when there is an error, with 0 when there are only warnings.',
    options: [],
    arity: [0, UNLIMITED],
    run: async ({ root, operands, now }) => {
      const { check } = await import('../tasks/check.ts');
      const result = await check({ root, domains: operands, now });
      const errors = result.problems.some((problem) => problem.severity === 'error');
      return { exit: errors ? 2 : 0, json: result, text: checkText(result), problems: result.problems };
    },
  },
  {
    name: 'ingest',
    operands: '[path…]',
    summary: 'reads new TLS reports from the configured mailbox, or from files and folders',
    details:
      'Takes .eml, .json, .json.gz, .zip, mbox, Maildir and folders of them; what a file is, its content decides. Every report ' +
      'is stored once under data/reports; what cannot be read is kept under data/quarantine with the reason and stops nothing. ' +
      'Mail is believed only with a valid, aligned DKIM signature; report files given by hand are taken at their word. ' +
      'With --dry-run everything is read and nothing is written.',
    options: [],
    arity: [0, UNLIMITED],
    run: async ({ root, data, operands, now, dry_run, progress }) => {
      const { ingest } = await import('../tasks/ingest.ts');
      const paths = operands.map((path) => resolve(path));
      const result = await ingest({ root, data, paths, now, dryRun: dry_run, progress });
      return { exit: 0, json: result, text: ingestText(result, dry_run) };
    },
  },
  {
    name: 'review',
    operands: '[domain…]',
    summary: 'findings from configuration and reports, rollout state, freshness of each source',
    details:
      'A function of what was received at or before --now. Changes nothing. Ends with 1 when a finding of severity 1 or 2 is open.',
    options: [],
    arity: [0, UNLIMITED],
    run: async ({ root, data, operands, now }) => {
      const [{ review }, { reviewText }] = await Promise.all([
        import('../tasks/review.ts'),
        import('../core/analysis/review-text.ts'),
      ]);
      const result = await review({ root, data, now, domains: operands });

      return { exit: result.findings.some(isUrgent) ? 1 : 0, json: result, text: reviewText(result) };
    },
  },
  {
    name: 'build',
    operands: '[policies|reports]',
    summary: 'both sites, or the one named, into dist/',
    details:
      'dist/policies/<domain>/ is a complete document root for each policy host; dist/reports/ is the reports site. Refuses with ' +
      '2 when the configuration has errors; a failed build leaves the last one in place. With --dry-run the sites are built ' +
      'to a temporary folder and thrown away.',
    options: [OUT],
    arity: [0, 1],
    run: async (invocation) => {
      const { root, data, operands, now, dry_run, progress } = invocation;
      const sites = (['policies', 'reports'] as const).filter((site) => operands.length === 0 || operands[0] === site);
      if (sites.length === 0) {
        throw new PosternError('usage', `there is no site ${JSON.stringify(operands[0])}`, {
          hint: 'npx postern build policies, or npx postern build reports',
          exit: 2,
        });
      }
      const { build } = await import('../tasks/build.ts');
      const result = await build({ root, data, out: outOf(invocation), sites, now, dryRun: dry_run, progress });

      return { exit: 0, json: result, text: buildText(result, dry_run) };
    },
  },
  {
    name: 'serve',
    operands: '',
    summary: 'both built sites on localhost',
    details:
      'Serves what build made, on this machine only, until it is stopped. A policy host also answers at its own name with ' +
      '.localhost behind it: http://mta-sts.example.com.localhost:4322/.well-known/mta-sts.txt.',
    options: [OUT, PORT],
    arity: [0, 0],
    run: async (invocation) => {
      const [{ serve }, { loadConfiguration }] = await Promise.all([
        import('../tasks/serve.ts'),
        import('../tasks/load-configuration.ts'),
      ]);
      const { settings } = await loadConfiguration(invocation.root);
      return served(await serve({ out: outOf(invocation), base: siteBase(settings), port: portOf(invocation) }));
    },
  },
  {
    name: 'explain',
    operands: '<rule|result-type>',
    summary: 'the playbook entry: what it means, how to confirm it, what to do',
    details:
      'Takes a result type of RFC 8460 §4.3 or a rule id as findings show it. docs/playbook.md holds all of them.',
    options: [],
    arity: [1, 1],
    run: async ({ operands }) => {
      const { explain, explanationText } = await import('../tasks/explain.ts');
      const entry = explain(operands[0] ?? '');
      return { exit: 0, json: entry, text: explanationText(entry) };
    },
  },
  {
    name: 'completion',
    operands: `<${SHELLS.join('|')}>`,
    summary: 'a completion script for a shell, on stdout',
    details:
      'For bash: source <(npx postern completion bash). It completes the word postern, so put that on your PATH or alias it.',
    options: [],
    arity: [1, 1],
    run: async ({ operands }) => {
      const shell = SHELLS.find((candidate) => candidate === operands[0]);
      if (shell === undefined) {
        const hint = `one of ${SHELLS.join(', ')}`;
        throw new PosternError('usage', `no completion for ${JSON.stringify(operands[0])}`, { hint, exit: 2 });
      }
      const script = completionScript(shell, COMMANDS);
      return { exit: 0, json: { shell, script }, text: script };
    },
  },
];

function served(serving: Serving): Outcome {
  const { reports, policies } = serving;
  return {
    exit: 0,
    json: { reports, policies },
    text: `reports   ${reports}\npolicies  ${policies}\nCtrl-C stops.`,
    hold: () => untilStopped(serving.close),
  };
}

function outOf({ options, root }: Invocation): string {
  const out = options['out'];
  return typeof out === 'string' ? resolve(out) : join(root, 'dist');
}

function portOf({ options }: Invocation): number {
  const text = options['port'];
  if (typeof text !== 'string') return 4321;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new PosternError('usage', `--port ${JSON.stringify(text)} is not a port`, {
    hint: 'a number from 0 to 65535',
    exit: 2,
  });
}
