import type { Command } from '../command.ts';

export const DOCTOR_COMMAND: Command = {
  name: 'doctor',
  operands: '',
  summary: 'what is missing, and how to mend it',
  details:
    'Configuration, secrets by name, mailbox login, GitHub and the permissions of the App, who writes DNS, a validating ' +
    'resolver, outbound port 25, the visibility of the site, and the age of each task. Each is ok, bad or not known, with ' +
    'the fix. Changes nothing. Ends with 1 when something is bad.',
  options: [],
  arity: [0, 0],
  run: async ({ root, data, now, environment, progress }) => {
    const [{ doctor }, { doctorText }] = await Promise.all([
      import('../../tasks/doctor.ts'),
      import('../../core/status/doctor.ts'),
    ]);
    const checks = await doctor({ root, data, now, environment, progress });
    return {
      exit: checks.some(({ state }) => state === 'bad') ? 1 : 0,
      json: { at: now, checks },
      text: doctorText(checks),
    };
  },
};
