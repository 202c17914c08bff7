import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkpointText } from '#scripts/core/checkpoint.ts';
import { epochMs } from '#scripts/core/clock.ts';
import { ledgerLines } from '#scripts/core/policy/versions/ledger-lines.ts';
import { EXAMPLE_FOLDER } from '#scripts/tasks/take-example.ts';
import { DAYS, EXAMPLE_CLOCK, EXAMPLE_DOMAINS } from './domains.ts';
import { exampleIncidents } from './incident-records.ts';
import { EXAMPLE_LEDGERS } from './ledgers.ts';
import { type Mail, reportMail } from './mail.ts';
import { mbox } from './mbox.ts';
import { exampleObservations } from './observations.ts';
import { damageOf, madeHostile, oddMails } from './oddities.ts';
import { reportOn } from './report.ts';
import { dkimKeysFile, REPORTERS } from './reporters.ts';

const ROOT = join(import.meta.dirname, '../..');
const GENERATED = 'data/inbox/generated';

/** Everything that is generated, incidents aside: path relative to the root → bytes. */
export async function exampleFiles(mails: readonly Mail[]): Promise<ReadonlyMap<string, Buffer>> {
  const observations = await exampleObservations(EXAMPLE_CLOCK);
  const files = new Map<string, Buffer>([
    ['domains/_dkim-keys.txt', Buffer.from(dkimKeysFile())],
    [`${EXAMPLE_FOLDER}/observations.jsonl`, lines(observations.map((row) => JSON.stringify(row)))],
  ]);
  for (const [domain, events] of EXAMPLE_LEDGERS)
    files.set(`${EXAMPLE_FOLDER}/policies/${domain}.jsonl`, lines(ledgerLines(events)));
  const months = Map.groupBy(mails, ({ arrivesAt }) => new Date(arrivesAt).toISOString().slice(0, 7));
  for (const [month, arrived] of months) files.set(`${GENERATED}/${month}.mbox`, mbox(arrived));
  return files;
}

/** The mails of the story in the order of their arrival, up to {@link EXAMPLE_CLOCK}: the same whenever and wherever it runs. */
export async function exampleMails(): Promise<readonly Mail[]> {
  const mails = [...(await oddMails())];
  for (const day of DAYS) {
    for (const domain of EXAMPLE_DOMAINS) {
      for (const reporter of REPORTERS) {
        const report = reportOn(reporter, domain, day);
        if (report !== null) mails.push(await reportMail(madeHostile(report), damageOf(report)));
      }
    }
  }
  return mails
    .filter(({ arrivesAt }) => arrivesAt <= epochMs(EXAMPLE_CLOCK))
    .sort((left, right) => left.arrivesAt - right.arrivesAt || Buffer.compare(left.bytes, right.bytes));
}

/** Writes {@link exampleFiles} below `root`; months that are no longer part of the story go. */
async function writeExample(root: string): Promise<void> {
  const mails = await exampleMails();
  const files = new Map(await exampleFiles(mails));
  // Half a minute: two dozen reviews, of everything that had arrived by then.
  const incidents = checkpointText(await exampleIncidents(ROOT, mails));
  files.set(`${EXAMPLE_FOLDER}/checkpoint.json`, Buffer.from(incidents));
  await mkdir(join(root, GENERATED), { recursive: true });
  for (const name of await readdir(join(root, GENERATED))) {
    if (name.endsWith('.mbox') && !files.has(`${GENERATED}/${name}`)) await rm(join(root, GENERATED, name));
  }
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
    console.log(`${path}  ${bytes.length} bytes`);
  }
}

function lines(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\n`).join(''));
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  await writeExample(values.out ?? ROOT);
}
