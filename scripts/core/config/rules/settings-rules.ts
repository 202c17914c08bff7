import { excerpt } from '../../../standards/excerpt.ts';
import { parseInstant } from '../../clock.ts';
import type { Remark } from '../remark.ts';
import type { WrittenSettings } from '../schema/settings-schema.ts';
import { idleOverrides } from './policy-rules.ts';
import { reportingLints } from './reporting-rules.ts';

/** Rules about `_settings.yaml` itself. */
type SettingsRule = (written: Partial<WrittenSettings>) => readonly Remark[];

const settingsReporting: SettingsRule = ({ reporting }) => reportingLints(reporting?.rua ?? [], ['reporting', 'rua']);

const siteUnredacted: SettingsRule = ({ site }) => {
  if (site?.redact !== false || site.visibility === 'artifact') return [];
  const message =
    'The site is public and not redacted: it shows sender IPs, contact addresses and text that strangers wrote.';
  return [
    { rule: 'site-unredacted', path: ['site', 'redact'], message, hint: 'Remove redact, or set visibility: artifact.' },
  ];
};

/** A URI by its grammar may still be no URL, such as one with port 99999. */
const siteUrlReadable: SettingsRule = ({ site }) => {
  if (site?.url === undefined || URL.canParse(site.url)) return [];
  const message = `\`site.url\` is not a URL that a browser can open: \`${excerpt(site.url)}\`.`;
  return [{ rule: 'value-invalid', path: ['site', 'url'], message, hint: 'Check its host and port.' }];
};

const imapWithoutTls: SettingsRule = ({ mailbox }) => {
  const imap = mailbox?.imap;
  if (imap?.tls !== false || /^(?:localhost|127\.|\[?::1\]?$)/.test(imap.host)) return [];
  const message = `The password for ${excerpt(imap.host)} would be sent unprotected.`;
  return [{ rule: 'imap-without-tls', path: ['mailbox', 'imap', 'tls'], message, hint: 'Remove tls: false.' }];
};

/** A token endpoint is known only of the two large providers. */
const oauth2Complete: SettingsRule = ({ mailbox }) => {
  const oauth2 = mailbox?.imap?.oauth2;
  if (oauth2 === undefined || oauth2.provider !== 'other' || oauth2.token_url !== undefined) return [];
  const message = '`mailbox.imap.oauth2` with `provider: other` has no `token_url`.';
  return [{ rule: 'missing-key', path: ['mailbox', 'imap', 'oauth2'], message, hint: 'Add `token_url:`.' }];
};

const businessHours: SettingsRule = ({ alerts }) => {
  const hours = alerts?.business_hours;
  if (hours === undefined) return [];
  const remarks: Remark[] = [];
  if (hours.time_zone !== undefined && !isTimeZone(hours.time_zone)) {
    const message = `There is no time zone \`${excerpt(hours.time_zone)}\`.`;
    remarks.push({
      rule: 'business-hours',
      path: ['alerts', 'business_hours', 'time_zone'],
      message,
      hint: 'Write an IANA name such as Europe/Berlin.',
    });
  }
  const { from = '09:00', to = '17:00' } = hours;
  if (from >= to) {
    const message = `The working day would end (${to}) before it begins (${from}).`;
    remarks.push({
      rule: 'business-hours',
      path: ['alerts', 'business_hours', hours.to === undefined ? 'from' : 'to'],
      message,
      hint: null,
    });
  }
  return remarks;
};

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** JSON Schema’s date-time knows leap seconds, our clock does not. */
const exampleClockReadable: SettingsRule = ({ example_clock: clock }) => {
  if (clock === undefined || parseInstant(clock) !== null) return [];
  const message = `\`example_clock\` is no moment the clock can show: \`${excerpt(clock)}\`.`;
  return [{ rule: 'value-invalid', path: ['example_clock'], message, hint: 'Write it in UTC: 2026-11-21T06:00:00Z.' }];
};

export const SETTINGS_RULES: readonly SettingsRule[] = [
  settingsReporting,
  siteUnredacted,
  siteUrlReadable,
  imapWithoutTls,
  oauth2Complete,
  businessHours,
  exampleClockReadable,
  ({ overrides }) => idleOverrides(overrides),
];
