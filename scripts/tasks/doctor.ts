import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../core/clock.ts';
import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import type { Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';
import { plainText } from '../core/plain-text.ts';
import type { Resolver } from '../core/probe/dns-lookup.ts';
import { fleetCheck, fleetOwners, permissionChecks } from '../core/status/app-permissions.ts';
import * as doctorRules from '../core/status/doctor.ts';
import { bad, type Check, ok, unknown } from '../core/status/doctor.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import { readText } from '../io/files/write-text.ts';
import { getRepository, isBranchProtected } from '../io/github/repositories.ts';
import { addressesOf } from '../io/net/addresses.ts';
import { createDial } from '../io/net/dial.ts';
import { reportedDomains } from '../io/store/reported-domains.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { openGitHub } from './connect-github.ts';
import { checkMailbox } from './doctor/mailbox-check.ts';
import { selfTestCheck } from './doctor/self-test.ts';
import { openOutside } from './open-outside.ts';
import { observeValidation, VALIDATION_TEST } from './probe/observe-validation.ts';

export interface DoctorOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False: no self-test mail is sent. */
  readonly send: boolean;
  /** Seconds that the self-test mail may be on its way. */
  readonly wait: number;
  readonly progress: (text: string) => void;
}

/** MX hosts of large providers: when none of them answers on port 25, it is closed here. */
const CONTROL = ['gmail-smtp-in.l.google.com', 'outlook-com.olc.protection.outlook.com', 'mta5.am0.yahoodns.net'];
const DIAL_MS = 5_000;
/** Months of reports that tell which names receive mail. */
const REPORT_MONTHS = 2;

/** What is missing, and how to mend it. Tries things out and changes nothing, but for a self-test mail. Throws `root-missing` (exit 2). */
export async function doctor(options: DoctorOptions): Promise<readonly Check[]> {
  const { root, data, now, environment, progress } = options;
  const configuration = examine(readDomainFiles(root, isWanted), now);
  const { settings } = configuration;
  const first = doctorRules.configurationCheck(configuration);
  if (settings === null) return [first];
  progress('asking the network, the mailbox and GitHub');
  const [network, mailbox, github] = await Promise.all([
    networkChecks(root, settings, now),
    mailboxChecks(settings, options),
    githubChecks(root, data, settings, environment),
  ]);
  return [
    first,
    doctorRules.reportingCheck(settings, configuration),
    doctorRules.coverageCheck(configuration, await reportedDomains(data, REPORT_MONTHS)),
    ...mailbox,
    ...github,
    ...doctorRules.dnsWriteChecks(settings, environment),
    ...network,
    doctorRules.digestCheck(settings, environment),
    ...doctorRules.scheduleChecks(loadCheckpoint(data), now),
  ];
}

async function networkChecks(root: string, settings: Settings, now: Instant): Promise<readonly Check[]> {
  const { network } = settings;
  try {
    const outside = await openOutside(root, network, now);
    try {
      return await Promise.all([validationCheck(outside.resolver, network), egressCheck(outside.resolver, network)]);
    } finally {
      await outside.close();
    }
  } catch (error) {
    return [failed('resolver', error)];
  }
}

async function validationCheck(resolver: Resolver, { validation_test }: Settings['network']): Promise<Check> {
  const sighting = await observeValidation(resolver, validation_test ?? VALIDATION_TEST);
  if (sighting === null) return ok('resolver', `${resolver.address} validates DNSSEC, and its word can be trusted.`);
  const why = plainText(String(sighting.facts?.['detail'] ?? sighting.code), 200);
  const fix =
    'run unbound on loopback and set network.resolver: udp://127.0.0.1:53, or name a validating resolver by https';
  return sighting.outcome === 'bad'
    ? bad('resolver', `${why}; DANE cannot be judged from here.`, fix)
    : unknown('resolver', why, fix);
}

async function egressCheck(resolver: Resolver, network: Settings['network']): Promise<Check> {
  if (network.socks !== null)
    return unknown('port 25', 'Probes go through network.socks; npx postern probe shows whether it leads out.', null);
  const dial = createDial(network);
  const found = await Promise.all((network.control ?? CONTROL).map((host) => addressesOf(resolver, host)));
  const addresses = found.flatMap((some) => some.filter((address) => !address.includes(':')).slice(0, 1));
  if (addresses.length === 0)
    return unknown('port 25', 'No control host has an address from here.', 'mend the resolver, or set network.control');
  const tried = await Promise.all(addresses.map((address) => dial(address, network.smtp_port, DIAL_MS)));
  const open = tried.filter((one) => !('status' in one));
  for (const one of open) if (!('status' in one)) one.destroy();
  if (open.length > 0) return ok('port 25', `${open.length} of ${addresses.length} control hosts answer.`);
  const fix = 'hosted runners are closed: run npx postern probe on a machine of yours, or set network.socks';
  return bad('port 25', 'It does not lead out from here: MX hosts cannot be probed.', fix);
}

async function mailboxChecks(settings: Settings, options: DoctorOptions): Promise<readonly Check[]> {
  const { root, environment } = options;
  const { mailbox, network } = settings;
  if (mailbox === null) {
    const fix = 'write mailbox in domains/_settings.yaml';
    return [bad('mailbox', 'There is no mailbox: reports are read from nowhere.', fix)];
  }
  if ('folder' in mailbox)
    return [
      existsSync(join(root, mailbox.folder))
        ? ok('mailbox', `The folder ${mailbox.folder} is there.`)
        : bad('mailbox', `The folder ${mailbox.folder} does not exist.`, 'make it, or write mailbox.imap'),
    ];
  const { imap } = mailbox;
  try {
    const { inbox, folders } = await checkMailbox({ imap, network, root, environment, self_test: null });
    if (inbox === null) {
      const there = plainText(folders.slice(0, 10).join(', '), 300);
      const fix = `set mailbox.imap.inbox to one of ${there}`;
      return [bad('mailbox', `${imap.host} lets ${imap.user} in, and has no folder ${imap.inbox}.`, fix)];
    }
  } catch (error) {
    return [failed('mailbox', error)];
  }
  const reached = ok('mailbox', `Logged in to ${imap.host} as ${imap.user}; ${imap.inbox} is there.`);
  try {
    return [reached, await selfTestCheck(settings, imap, options)];
  } catch (error) {
    return [reached, failed('self-test', error)];
  }
}

async function githubChecks(
  root: string,
  data: string,
  settings: Settings,
  environment: DoctorOptions['environment'],
): Promise<readonly Check[]> {
  try {
    const github = await openGitHub(data, environment);
    const repository = await getRepository(github);
    const here =
      repository === null
        ? bad(
            'repository',
            'GITHUB_REPOSITORY is not there, or hidden from this token.',
            'install the App there, or use another token',
          )
        : ok(
            'repository',
            `${repository.private ? 'private' : 'public'}, pull requests go to ${repository.default_branch}.`,
          );
    return [
      here,
      ...permissionChecks(settings, github.permissions, github.repository.owner),
      ...(github.permissions === null ? [] : await fleetChecks(data, settings, github.repository.owner, environment)),
      doctorRules.siteCheck(settings, repository?.private ?? null),
      doctorRules.protectionCheck(
        repository === null ? null : await isBranchProtected(github, repository.default_branch),
        codeOwners(root),
      ),
    ];
  } catch (error) {
    return [failed('github', error), doctorRules.siteCheck(settings, null)];
  }
}

/** A fleet may stand at another account, where the App is installed with permissions of its own. */
async function fleetChecks(
  data: string,
  settings: Settings,
  account: string,
  environment: DoctorOptions['environment'],
): Promise<readonly Check[]> {
  return Promise.all(
    fleetOwners(settings, account).map(async (owner) => {
      try {
        const { permissions } = await openGitHub(data, environment, owner);
        return fleetCheck(permissions ?? {}, owner);
      } catch (error) {
        return failed(`github ${owner}`, error);
      }
    }),
  );
}

/** Where GitHub looks for it, in its order. */
function codeOwners(root: string): string | null {
  const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];
  return places.map((path) => readText(join(root, path))).find((text) => text !== null) ?? null;
}

/** Misuse is bad and says what to set; an outage is not known. */
function failed(name: string, error: unknown): Check {
  if (!(error instanceof PosternError)) throw error;
  const text = plainText(error.message, 300);
  const fix = error.hint ?? 'run again with --debug';
  return error.exit === 2 ? bad(name, text, fix) : unknown(name, text, fix);
}
