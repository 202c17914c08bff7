import type { Command } from '../command.ts';

export const ALERT_COMMAND: Command = {
  name: 'alert',
  operands: '',
  summary: 'reviews, and brings GitHub Issues in line with the findings',
  details:
    'Opens, refreshes, escalates and closes the issues of findings in GITHUB_REPOSITORY, with GITHUB_TOKEN or a GitHub App ' +
    '(POSTERN_APP_ID, POSTERN_APP_KEY). What people write, label and decide on an issue stays: see docs/alerts.md. With ' +
    '--dry-run it reads GitHub and prints what it would do. When all is in line, POSTERN_HEARTBEAT_URL is asked for, if set. ' +
    'Ends with 2 when GitHub is not configured and with 3 when it could not finish; the next run goes on from there.',
  options: [],
  arity: [0, 0],
  run: async ({ root, data, now, environment, dry_run, progress }) => {
    const [{ alert }, { alertText }] = await Promise.all([
      import('../../tasks/alert.ts'),
      import('../../core/incidents/alert-text.ts'),
    ]);
    const result = await alert({ root, data, now, environment, dryRun: dry_run, progress });
    return {
      exit: result.failed.length === 0 ? 0 : 3,
      json: { ...result, actions: dry_run ? result.actions : [] },
      text: alertText(result, dry_run),
    };
  },
};
