import { parseHostName } from './domain-name.ts';
import { isIpAddress } from './ip-address.ts';
import type { JsonObject } from './json-value.ts';
import { takeAliased, takeObjects, takeStrings } from './tls-rpt-quirks.ts';
import type { FailureDetail, TlsReportContext, TlsReportPolicy } from './tls-rpt-report.ts';
import { isPolicyType, isResultType } from './tls-rpt-results.ts';
import {
  closeInner,
  isAmbiguous,
  keep,
  openInner,
  openObject,
  type ReportNotes,
  repair,
  takeCount,
  takeText,
  type WireObject,
  warn,
} from './tls-rpt-wire.ts';

const ENTRY_KEYS = new Set(['policy', 'summary', 'failure-details', 'failure_details']);
const POLICY_KEYS = new Set(['policy-type', 'policy-string', 'policy-domain', 'mx-host', 'mx-host-pattern']);
const SUMMARY_KEYS = new Set(['total-successful-session-count', 'total-failure-session-count']);
const DETAIL_KEYS = new Set([
  'result-type',
  'failed-session-count',
  'sending-mta-ip',
  'receiving-ip',
  'receiving-mx-hostname',
  'receiving-mx-helo',
  'additional-information',
  'additional-info-uri',
  'failure-reason-code',
]);
/** RFC 8460 §4.4 `policy-domain`: an A-label name, in any case, underscores as in real zones. */
const POLICY_DOMAIN = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** One element of `policies` (RFC 8460 §4.4). */
export function readPolicyEntry(raw: JsonObject, context: TlsReportContext, notes: ReportNotes): TlsReportPolicy {
  const entry = openObject(raw, ENTRY_KEYS, notes);

  const policy = openInner(entry, 'policy', POLICY_KEYS);
  const [policy_type, policy_type_raw] = takeRegistered(policy, 'policy-type', isPolicyType);
  const policy_string = takeStrings(policy, 'policy-string');
  const mx_host = takeAliased(policy, 'mx-host', 'mx-host-pattern', takeStrings);
  const [policy_domain, policy_domain_from] = takePolicyDomain(policy, context);
  closeInner(entry, 'policy', policy);

  const failure_details = takeAliased(entry, 'failure-details', 'failure_details', (object, key) =>
    takeObjects(object, key).map((detail) => readFailureDetail(detail, notes)),
  );
  const totals = readSummary(entry);
  const sum = addUp(failure_details);
  const failed_derived = totals.failed === null && sum.known;
  if (failed_derived) warn(notes, 'fail-derived');
  // Types overlap and reporters cut details short (§4), so this is a doubt, not a fault. Both figures are kept.
  else if (totals.failed !== null && sum.complete && sum.sessions !== totals.failed) warn(notes, 'sum-differs');

  return {
    policy_type,
    policy_type_raw,
    policy_domain,
    policy_domain_from,
    policy_string,
    mx_host,
    successful_sessions: totals.successful,
    failed_sessions: failed_derived ? sum.sessions : totals.failed,
    failed_derived,
    failure_details,
    extra: entry.extra,
  };
}

/** How many failure details an entry holds, before any of them is read. */
export function countDetails(raw: JsonObject): number {
  const { 'failure-details': own, failure_details: alias } = raw;
  return Math.max(...[own, alias].map((list) => (Array.isArray(list) ? list.length : 0)));
}

function readFailureDetail(raw: JsonObject, notes: ReportNotes): FailureDetail {
  const detail = openObject(raw, DETAIL_KEYS, notes);
  const [result_type, result_type_raw] = takeRegistered(detail, 'result-type', isResultType);
  return {
    result_type,
    result_type_raw,
    failed_sessions: takeCount(detail, 'failed-session-count'),
    sending_mta_ip: takeIp(detail, 'sending-mta-ip'),
    receiving_ip: takeIp(detail, 'receiving-ip'),
    receiving_mx_hostname: takeText(detail, 'receiving-mx-hostname'),
    receiving_mx_helo: takeText(detail, 'receiving-mx-helo'),
    additional_information: takeAliased(detail, 'additional-information', 'additional-info-uri', takeText),
    failure_reason_code: takeText(detail, 'failure-reason-code'),
    extra: detail.extra,
  };
}

/** A registry value, or `other` with what was written. Look-alikes are not mapped: they would hide a reporter's fault. */
function takeRegistered<T extends string>(
  object: WireObject,
  key: string,
  isRegistered: (text: string) => text is T,
): readonly [T | 'other', string | null] {
  const text = takeText(object, key);
  if (text === null) {
    if (!object.extra || !Object.hasOwn(object.extra, key)) repair(object.notes, 'missing', key);
    return ['other', null];
  }
  if (isRegistered(text)) return [text, null];
  repair(object.notes, key, text);
  return ['other', text];
}

/** §4.4, else the `TLS-Report-Domain` header or the file name (Postfix leaves it out for no-policy-found). */
function takePolicyDomain(
  policy: WireObject,
  context: TlsReportContext,
): readonly [string | null, TlsReportPolicy['policy_domain_from']] {
  const text = takeText(policy, 'policy-domain');
  if (text !== null) {
    const name = parseHostName(text);
    if (name !== text && !POLICY_DOMAIN.test(text)) policy.notes.strict = false;
    if (name === null) warn(policy.notes, 'not-a-name', 'policy-domain');
    else if (name !== text && name !== text.toLowerCase()) {
      warn(policy.notes, 'name-form', 'policy-domain');
      keep(policy, 'policy-domain', text);
    }
    return [name ?? text, 'report'];
  }
  repair(policy.notes, 'missing', 'policy-domain');
  const other = context.policyDomain;
  return other && other.value !== '' ? [parseHostName(other.value) ?? other.value, other.from] : [null, null];
}

/** The two totals. Of two summaries in one entry none is believed: the second could hide the first one's failures. */
function readSummary(entry: WireObject): { readonly successful: number | null; readonly failed: number | null } {
  const summary = openInner(entry, 'summary', SUMMARY_KEYS);
  const successful = takeCount(summary, 'total-successful-session-count');
  const failed = takeCount(summary, 'total-failure-session-count');
  if (isAmbiguous(entry, 'summary')) {
    const { summary: last } = entry.raw;
    keep(entry, 'summary', last ?? null);
    return { successful: null, failed: null };
  }
  closeInner(entry, 'summary', summary);
  return { successful, failed };
}

/** `known`: at least one detail says how many. `complete`: all do, or there are none. */
function addUp(details: readonly FailureDetail[]): { sessions: number; known: boolean; complete: boolean } {
  const counts = details.map((detail) => detail.failed_sessions).filter((count) => count !== null);
  const sessions = counts.reduce((sum, count) => sum + count, 0);
  const exact = Number.isSafeInteger(sessions);
  return { sessions, known: exact && counts.length > 0, complete: exact && counts.length === details.length };
}

function takeIp(detail: WireObject, key: string): string | null {
  const text = takeText(detail, key);
  if (text === null) {
    if (detail.raw[key] !== undefined) detail.notes.strict = false;
  } else if (!isIpAddress(text)) repair(detail.notes, 'not-an-ip', key);
  return text;
}
