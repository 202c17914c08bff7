import { PosternError } from '../../core/failure.ts';
import { DNS_KINDS, type FirstAnswers, HOSTING_KINDS } from '../../core/init/first-settings.ts';
import type { ChecklistResult } from '../../tasks/checklist.ts';
import type { InitResult } from '../../tasks/init.ts';
import { askPerson } from '../ask-person.ts';
import type { Command, Invocation } from '../command.ts';

const QUESTIONS = [
  { name: 'organisation', value: 'NAME', summary: 'who runs the domains' },
  {
    name: 'report-address',
    value: 'MAIL',
    summary: 'the mailbox that gets TLS reports, outside the protected domains',
  },
  { name: 'imap', value: 'HOST', summary: 'the IMAP server of that mailbox' },
  { name: 'imap-user', value: 'USER', summary: 'its user name (default: the report address)' },
  { name: 'hosting', value: HOSTING_KINDS.join('|'), summary: 'where policy hosts stand; docs/hosting.md compares' },
  { name: 'dns', value: DNS_KINDS.join('|'), summary: 'who writes DNS records' },
  { name: 'domain', value: 'DOMAIN', summary: 'the first domain' },
] as const;

export const INIT_COMMAND: Command = {
  name: 'init',
  operands: '',
  summary: 'makes the template yours: settings, first domain, examples away, a checklist',
  details:
    'Asks on a terminal for what no option says; an empty answer leaves it for later. Writes domains/_settings.yaml, removes the ' +
    'examples, looks the first domain up as add does. What is yours already is kept, so it can be run again. With a GitHub ' +
    'token, and with --checklist alone, it opens one issue with what is left to do, and ticks what doctor finds done; the ' +
    'daily workflow does that too. docs/guides/ten-minutes.md goes through it.',
  options: [
    ...QUESTIONS,
    { name: 'zone', value: 'ZONE', summary: 'the zone at that DNS provider (default: found by name)' },
    { name: 'mx', value: 'HOST,…', summary: 'MX hosts of the domain instead of those in DNS' },
    { name: 'owner', value: 'NAME', summary: 'the GitHub account for pages-fleet (default: this repository’s)' },
    { name: 'checklist', summary: 'only bring the checklist issue up to date' },
  ],
  arity: [0, 0],
  run: async (invocation) => {
    const { root, data, now, environment, options, dry_run: dryRun, progress } = invocation;
    const made = options['checklist'] === true ? null : await makeOwn(invocation);
    const { keepChecklist } = await import('../../tasks/checklist.ts');
    const list = await keepChecklist({ root, data, now, dryRun, environment, progress });
    return {
      exit: 0,
      json: { init: made, checklist: list },
      text: [...(made === null ? [] : initLines(made, dryRun)), ...checklistLines(list)].join('\n'),
    };
  },
};

async function makeOwn({ root, now, options, environment, dry_run: dryRun }: Invocation): Promise<InitResult> {
  const { init, isTemplate } = await import('../../tasks/init.ts');
  const fresh = isTemplate(root);
  const given = Object.fromEntries(
    QUESTIONS.flatMap(({ name }) => (typeof options[name] === 'string' ? [[name, options[name]]] : [])),
  );
  const answers = fresh ? await askPerson(QUESTIONS, given) : given;
  if (fresh && !answers['organisation'])
    throw new PosternError('usage', 'who runs the domains?', {
      hint: 'npx postern init --organisation "Example Ltd", or run it on a terminal and it asks',
      exit: 2,
    });
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null);
  return init({
    root,
    now,
    dryRun,
    answers: answersOf(answers, text('zone'), text('owner') ?? environment['GITHUB_REPOSITORY']?.split('/')[0] ?? null),
    domain: answers['domain'] || null,
    mx: text('mx')?.split(',') ?? [],
  });
}

function answersOf(given: Readonly<Record<string, string>>, zone: string | null, owner: string | null): FirstAnswers {
  const address = given['report-address'] || null;
  const host = given['imap'] || null;
  const hosting = oneOf('hosting', given['hosting'], HOSTING_KINDS);
  if (hosting === 'pages-fleet' && owner === null)
    throw new PosternError('usage', 'which GitHub account gets the repositories?', { hint: '--owner NAME', exit: 2 });
  return {
    organisation: given['organisation'] ?? '',
    report_address: address,
    imap: host === null ? null : { host, user: given['imap-user'] || (address ?? '') },
    hosting,
    owner,
    dns: oneOf('dns', given['dns'], DNS_KINDS),
    zone,
  };
}

function oneOf<T extends string>(name: string, text: string | undefined, known: readonly T[]): T | null {
  if (text === undefined || text === '') return null;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new PosternError('usage', `--${name} ${JSON.stringify(text.slice(0, 80))} is not known`, {
    hint: `one of ${known.join(', ')}`,
    exit: 2,
  });
}

function initLines({ removed, settings, domain, warnings }: InitResult, dryRun: boolean): readonly string[] {
  const did = dryRun ? 'would be ' : '';
  return [
    settings === 'kept' ? 'The settings are yours already: kept.' : `domains/_settings.yaml: ${did}written.`,
    ...removed.map((path) => `${path}: ${did}removed.`),
    ...(domain === null ? [] : [`${domain}: written.`]),
    ...warnings.map((warning) => `warning: ${warning}`),
    'Next: npx postern check, commit, push; then npx postern doctor.',
    '',
  ];
}

function checklistLines({ items, issue, done }: ChecklistResult): readonly string[] {
  if (items.length === 0) return ['The checklist is over.'];
  return [
    issue === null ? 'Checklist:' : `Checklist, issue #${issue}: ${done}.`,
    ...items.map(
      ({ done: ticked, text, note }) => `  [${ticked ? 'x' : ' '}] ${text}${note === null ? '' : `\n      ${note}`}`,
    ),
  ];
}
