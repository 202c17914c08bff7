/** A report as it travels (RFC 8460 §4.4), optional members as senders really leave them out. */
export interface WireReport {
  readonly 'organization-name': string;
  readonly 'date-range': { readonly 'start-datetime': string; readonly 'end-datetime': string };
  readonly 'contact-info': string;
  readonly 'report-id': string;
  readonly policies: readonly WirePolicy[];
}

export interface WirePolicy {
  readonly policy: {
    readonly 'policy-type': 'sts' | 'tlsa' | 'no-policy-found';
    readonly 'policy-string'?: readonly string[];
    readonly 'policy-domain'?: string;
    readonly 'mx-host'?: readonly string[];
  };
  readonly summary: {
    readonly 'total-successful-session-count': number;
    readonly 'total-failure-session-count': number;
  };
  readonly 'failure-details'?: readonly WireFailureDetail[];
}

export interface WireFailureDetail {
  readonly 'result-type': string;
  readonly 'sending-mta-ip'?: string;
  readonly 'receiving-mx-hostname'?: string;
  readonly 'receiving-mx-helo'?: string;
  readonly 'receiving-ip'?: string;
  readonly 'failed-session-count': number;
  readonly 'additional-information'?: string;
  readonly 'failure-reason-code'?: string;
}

/** The JSON text in a reporter's manner. */
export function renderReport(report: WireReport, manner: 'compact' | 'sorted' | 'indented'): string {
  if (manner === 'indented') return JSON.stringify(report, null, 2);
  return JSON.stringify(manner === 'sorted' ? withSortedKeys(report) : report);
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, withSortedKeys(member)]);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
