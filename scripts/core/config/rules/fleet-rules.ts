import type { DomainName } from '../../../standards/domain-name.ts';
import type { DomainDraft } from '../draft.ts';
import type { Remark } from '../remark.ts';
import { addressInside, mailboxDomain } from './reporting-rules.ts';
import type { SettingsSubject } from './subject.ts';

/** RFC 2606 and RFC 6761: names at which nobody receives mail. */
const EXAMPLE_NAME = /(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$/;

/** What the settings and all domains together say about the settings file. */
export function settingsRemarks(
  written: SettingsSubject['written'],
  drafts: readonly DomainDraft[],
): readonly Remark[] {
  return [...sharedAddressInside(written, drafts), ...exampleClock(written, drafts)];
}

function sharedAddressInside(written: SettingsSubject['written'], drafts: readonly DomainDraft[]): readonly Remark[] {
  const uris = written.reporting?.rua ?? [];
  if (uris.length === 0) return [];
  const reportingHere = new Set<DomainName>();
  for (const { domain, validated } of drafts) {
    const own = validated?.accepted?.rua !== undefined || validated?.refused.has('rua') === true;
    if (domain !== null && !own) reportingHere.add(domain);
  }
  return uris.flatMap((uri, index) => {
    const domain = mailboxDomain(uri);
    return domain !== null && reportingHere.has(domain) ? [addressInside(domain, ['reporting', 'rua', index])] : [];
  });
}

function exampleClock(
  { example_clock: clock }: SettingsSubject['written'],
  drafts: readonly DomainDraft[],
): readonly Remark[] {
  const real = drafts.find(({ domain }) => domain !== null && !EXAMPLE_NAME.test(domain))?.domain;
  if (clock === undefined || real === undefined || real === null) return [];
  const message = `\`example_clock\` is set, but ${real} is no example: reports would be shown as of ${clock}.`;
  return [
    { rule: 'example-clock', path: ['example_clock'], message, hint: 'Remove example_clock, and the example domains.' },
  ];
}

/** A Pages site answers for one custom domain, so one repository's Pages can be one policy host only. */
export function pagesHereRemarks(
  drafts: readonly DomainDraft[],
  settings: SettingsSubject | null,
): readonly (readonly [DomainDraft, Remark])[] {
  const hosting = settings?.written.hosting ?? {};
  const here = drafts.filter(({ domain, validated }) => {
    const name = validated?.accepted?.hosting;
    return (
      domain !== null && name !== undefined && Object.hasOwn(hosting, name) && hosting[name]?.kind === 'pages-here'
    );
  });
  const [first, second] = here;
  if (first === undefined || second === undefined) return [];
  return here.map((draft) => {
    const other = draft === first ? second : first;
    const message = `${other.domain} is hosted on this repository’s Pages too, which can serve one policy host only.`;
    return [
      draft,
      {
        rule: 'pages-here-shared',
        path: ['hosting'],
        message,
        hint: 'Use a hosting of kind pages-fleet, bundle or worker for all but one.',
      },
    ];
  });
}
