import type { MonthFigures } from './figures.ts';
import type { Manifest } from './manifest.ts';

/** README.txt of a bundle: what it is, how to check it without trusting us, and what it does not say. */
export function auditorReadme({
  organisation,
  figures,
  manifest,
}: {
  readonly organisation: string;
  readonly figures: Pick<MonthFigures, 'period' | 'from' | 'to' | 'domains'>;
  readonly manifest: Pick<Manifest, 'frozen_at' | 'tool' | 'commit' | 'previous'>;
}): string {
  const { frozen_at, tool, commit, previous } = manifest;
  return `Mail transport security: evidence for ${figures.period}
${'='.repeat(47)}

Organisation   ${organisation}
Period         ${figures.from} to ${figures.to}, UTC days, both included
Domains        ${figures.domains.length}
Frozen at      ${frozen_at}
Made by        Postern ${tool.version}
Configuration  ${commit === null ? 'commit not known: not in a git repository' : `commit ${commit}`}
Month before   ${previous === null ? 'none: the chain begins here' : `${previous.period}, manifest ${previous.sha256}`}

Checking it
-----------
Offline, on any machine with Node 20 or later and a checkout of Postern:

    npx postern verify evidence-${figures.period}.zip

It hashes every file, follows the manifests back to the first month, and derives figures.json again from the rows in data/.
Without Postern: sha256sum of each file against manifest.json; the SHA-256 of chain/<month>.json against "previous" of the
month after it. To see that the chain was not written anew, compare a manifest's hash with one you received earlier, or with
the release or attestation it was published under: a date in git is chosen by whoever commits.

What is in it
-------------
figures.json        the headline figures
report.html         the same, for reading
control-map.csv     which file supports which requirement of SOC 2, ISO/IEC 27001:2022, BSI TR-03108
lists/*.csv         whole populations, to draw samples from:
  days              every domain and day; empty cells: nothing was reported, which is not "no failure"
  failures          every reporter, day and category with failed sessions, and the hashes of the reports
  reporters         who reported on how many days
  versions          every policy version, when it was made, seen served, announced, withdrawn
  changes           every commit that touched the configuration, with its pull request and approvals
  incidents         every incident open in the period, with times and targets
  certificates      every certificate seen on an MX or policy host
  checks            everything the probes saw, folded where it did not change
  completeness      expected and actual, day by day, of reports and probes
data/               the rows the figures come from (Parquet), and the ledgers of policy versions

What it does not say
--------------------
It supports an assessment of your own controls; it is not one. Sessions are counted, not messages, and only those of senders
that send reports. Policy types are never added: one session may stand under several. Only reports with a valid, aligned DKIM
signature count, or files that the operator handed over. Lists in CSV begin text that a spreadsheet would calculate with an
apostrophe.
`;
}
