import { readJson } from './json-text.ts';
import { type JsonObject, type JsonValue, setOwn } from './json-value.ts';
import { readRange, takeContact, takeRequired, unwrap } from './tls-rpt-head.ts';
import { countDetails, readPolicyEntry } from './tls-rpt-policy-entry.ts';
import { takeObjects } from './tls-rpt-quirks.ts';
import type { PolicyType, ResultType } from './tls-rpt-results.ts';
import { isAmbiguous, isObject, openObject, type ReportNotes, repair, warn } from './tls-rpt-wire.ts';

export type { JsonObject } from './json-value.ts';

/** One TLS report as we understand it (RFC 8460 §4.4). Null = the reporter did not say. All text is hostile. */
export interface TlsReport {
  readonly organization_name: string | null;
  readonly contact_info: string | null;
  /** Unique only within one reporter. */
  readonly report_id: string | null;
  /** RFC 3339 in UTC with whole seconds, `2026-11-21T00:00:00Z`. */
  readonly start: string;
  /** Not before `start`. */
  readonly end: string;
  readonly policies: readonly TlsReportPolicy[];
  /**
   * Every key we do not know and every value we could not take, at its place in the wire form; null when none. Here and
   * in the parts below, `key#1` is an earlier value of a repeated key, `{"#number": …}` a number beyond 2^53, and
   * `#value` what stood where an object should.
   */
  readonly extra: JsonObject | null;
}

/** One element of `policies`: one policy applied to one policy domain. Never add sessions across policy types (§4). */
export interface TlsReportPolicy {
  readonly policy_type: PolicyType | 'other';
  /** What was written where policy_type is `other`; null when it is not, or nothing was. */
  readonly policy_type_raw: string | null;
  /** Lower-case A-labels when it is a name, else the text as it is. */
  readonly policy_domain: string | null;
  readonly policy_domain_from: 'report' | 'header' | 'filename' | null;
  readonly policy_string: readonly string[] | null;
  readonly mx_host: readonly string[] | null;
  /** Null = unknown, never 0. */
  readonly successful_sessions: number | null;
  readonly failed_sessions: number | null;
  /** True when the total was unusable and failed_sessions is the sum of the details that say how many: a lower bound. */
  readonly failed_derived: boolean;
  /** Failure types overlap (§4): they need not add up to failed_sessions. */
  readonly failure_details: readonly FailureDetail[];
  readonly extra: JsonObject | null;
}

export interface FailureDetail {
  readonly result_type: ResultType | 'other';
  readonly result_type_raw: string | null;
  readonly failed_sessions: number | null;
  readonly sending_mta_ip: string | null;
  readonly receiving_ip: string | null;
  readonly receiving_mx_hostname: string | null;
  readonly receiving_mx_helo: string | null;
  readonly additional_information: string | null;
  readonly failure_reason_code: string | null;
  readonly extra: JsonObject | null;
}

export type TlsReportReading =
  | {
      readonly ok: true;
      readonly report: TlsReport;
      /** Named repairs and doubts, sorted, each once: `id` or `id:detail`. */
      readonly warnings: readonly string[];
      /** The raw form satisfies RFC 8460 §4.4 to the letter. A measure of the reporter, not of the report. */
      readonly strict: boolean;
    }
  | {
      readonly ok: false;
      /**
       * `not-json` `too-large` `too-deep` `too-many-values` `not-a-report` `missing:date-range` `date`
       * `range-reversed` `policies` `too-many-policies` `too-many-details`
       */
      readonly reason: string;
      readonly message: string;
    };

/** Where a missing policy-domain is taken from: the `TLS-Report-Domain` header (§5.3) or the file name (§5.1). */
export interface TlsReportContext {
  readonly policyDomain?: { readonly value: string; readonly from: 'header' | 'filename' } | undefined;
  /** Repairs that were made before there was this one JSON: `id` or `id:detail`. */
  readonly repairs?: readonly string[] | undefined;
}

/** What is read at most; a report of a large provider is far below. */
export const TLS_REPORT_LIMITS = {
  bytes: 50 * 2 ** 20,
  depth: 32,
  values: 1_200_000,
  policies: 10_000,
  details: 100_000,
};

const ROOT_KEYS = new Set(['organization-name', 'date-range', 'contact-info', 'report-id', 'policies']);

/**
 * The decompressed JSON of one TLS report (RFC 8460 §4.4). Tolerant: whatever can be understood without guessing is,
 * each repair leaves a warning, and nothing that was sent is dropped. A repair never makes a failure a success.
 */
export function parseTlsReport(json: Uint8Array, context: TlsReportContext = {}): TlsReportReading {
  const text = readJson(json, TLS_REPORT_LIMITS);
  if (!text.ok) return text;
  const notes: ReportNotes = { warnings: new Set(), strict: !text.bom && !text.replaced, floatKeys: text.floatKeys };
  if (text.utf16) warn(notes, 'utf-16');
  else if (text.bom) warn(notes, 'bom');
  if (text.replaced) warn(notes, 'utf-8');
  for (const key of text.repeatedKeys) warn(notes, 'dup-key', key);
  for (const made of context.repairs ?? []) repair(notes, made);

  const root = unwrap(text.value, notes);
  if (!isObject(root)) return refuse('not-a-report', 'The JSON is not one object, as a report is (RFC 8460 §4.4).');
  const object = openObject(root, ROOT_KEYS, notes);
  const range = readRange(object);
  if ('reason' in range) return refuse(range.reason, range.message);

  const { policies } = root;
  if (policies === undefined || isAmbiguous(object, 'policies')) {
    return refuse('policies', 'The report needs exactly one `policies` (RFC 8460 §4.4).');
  }
  const entries = takeObjects(object, 'policies');
  if (entries.length === 0) {
    if (object.extra && Object.hasOwn(object.extra, 'policies')) {
      return refuse('policies', '`policies` is not an array of objects (RFC 8460 §4.4).');
    }
    repair(notes, 'no-policies');
  }
  if (entries.length > TLS_REPORT_LIMITS.policies) {
    return refuse('too-many-policies', `${entries.length} policies; at most ${TLS_REPORT_LIMITS.policies} are read.`);
  }
  const details = entries.reduce((sum, entry) => sum + countDetails(entry), 0);
  if (details > TLS_REPORT_LIMITS.details) {
    return refuse('too-many-details', `${details} failure details; at most ${TLS_REPORT_LIMITS.details} are read.`);
  }
  const report: TlsReport = {
    organization_name: takeRequired(object, 'organization-name', 'organization-name'),
    contact_info: takeContact(object),
    report_id: takeRequired(object, 'report-id', 'id'),
    start: range.start,
    end: range.end,
    policies: entries.map((entry) => readPolicyEntry(entry, context, notes)),
    extra: object.extra,
  };
  return { ok: true, report, warnings: [...notes.warnings].sort(), strict: notes.strict };
}

/**
 * The wire form of a report (RFC 8460 §4.4), compact JSON. What `extra` holds stands at its place again, so a report
 * that was read renders to one that reads the same (with the same context).
 */
export function renderTlsReport(report: TlsReport): string {
  const wire = compact({
    'organization-name': report.organization_name,
    'date-range': { 'start-datetime': report.start, 'end-datetime': report.end },
    'contact-info': report.contact_info,
    'report-id': report.report_id,
    policies: report.policies.map(wirePolicy),
  });
  return JSON.stringify(overlay(wire, report.extra));
}

function wirePolicy(entry: TlsReportPolicy): JsonObject {
  const policy = compact({
    'policy-type': entry.policy_type === 'other' ? entry.policy_type_raw : entry.policy_type,
    'policy-string': entry.policy_string,
    'policy-domain': entry.policy_domain_from === 'report' ? entry.policy_domain : null,
    'mx-host': entry.mx_host,
  });
  const summary = compact({
    'total-successful-session-count': entry.successful_sessions,
    'total-failure-session-count': entry.failed_derived ? null : entry.failed_sessions,
  });
  const details = entry.failure_details.map(wireDetail);
  return overlay(compact({ policy, summary, 'failure-details': details.length > 0 ? details : null }), entry.extra);
}

function wireDetail(detail: FailureDetail): JsonObject {
  const wire = compact({
    'result-type': detail.result_type === 'other' ? detail.result_type_raw : detail.result_type,
    'sending-mta-ip': detail.sending_mta_ip,
    'receiving-ip': detail.receiving_ip,
    'receiving-mx-hostname': detail.receiving_mx_hostname,
    'receiving-mx-helo': detail.receiving_mx_helo,
    'failed-session-count': detail.failed_sessions,
    'additional-information': detail.additional_information,
    'failure-reason-code': detail.failure_reason_code,
  });
  return overlay(wire, detail.extra);
}

/** Without what the reporter did not say. */
function compact(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** `extra` laid over the wire form: objects are merged, anything else takes its place. */
function overlay(wire: JsonObject, extra: JsonObject | null): JsonObject {
  if (extra === null) return wire;
  const merged: Record<string, JsonValue> = { ...wire };
  for (const [key, value] of Object.entries(extra)) {
    const below = Object.hasOwn(wire, key) ? wire[key] : undefined;
    setOwn(merged, key, isObject(below) && isObject(value) ? overlay(below, value) : value);
  }
  return merged;
}

function refuse(reason: string, message: string): TlsReportReading {
  return { ok: false, reason, message };
}
