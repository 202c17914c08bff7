import { PosternError } from '../../core/failure.ts';
import type { Command, Invocation } from '../command.ts';

/** Mail that is not held up takes a few seconds. */
const WAIT_SECONDS = 60;

export const DOCTOR_COMMAND: Command = {
  name: 'doctor',
  operands: '',
  summary: 'what is missing, and how to mend it',
  details:
    'Configuration, secrets by name, mailbox login, GitHub and the permissions of the App, who writes DNS, a validating ' +
    'resolver, outbound port 25, the visibility of the site, and the age of each task. Each is ok, bad or not known, with ' +
    'the fix. Where digest.smtp and mailbox.imap are set, a self-test mail is sent to the first address of reporting.rua and ' +
    'looked for in the mailbox; ingest files it. With --dry-run none is sent. Changes nothing else. Ends with 1 when ' +
    'something is bad.',
  options: [
    { name: 'wait', value: 'SECONDS', summary: `how long the self-test mail may take (default ${WAIT_SECONDS})` },
  ],
  arity: [0, 0],
  run: async ({ root, data, now, dry_run, options, environment, progress }) => {
    const wait = waitOf(options);
    const [{ doctor }, { doctorText }] = await Promise.all([
      import('../../tasks/doctor.ts'),
      import('../../core/status/doctor.ts'),
    ]);
    const checks = await doctor({ root, data, now, environment, send: !dry_run, wait, progress });
    return {
      exit: checks.some(({ state }) => state === 'bad') ? 1 : 0,
      json: { at: now, checks },
      text: doctorText(checks),
    };
  },
};

function waitOf({ wait }: Invocation['options']): number {
  if (wait === undefined) return WAIT_SECONDS;
  const seconds = Number(wait);
  if (typeof wait === 'string' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new PosternError('usage', `--wait ${String(wait)} is not a number of seconds`, {
    hint: 'write for example --wait 300',
    exit: 2,
  });
}
