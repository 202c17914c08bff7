import { addDays, type Day } from '#scripts/core/clock.ts';
import type { ExampleDomain } from './domains.ts';
import { policyEntries } from './policy-entries.ts';
import { seededRandom } from './random.ts';
import { arrivalOf, type Reporter, type ReportNames } from './reporters.ts';
import { sessionsOn } from './traffic.ts';
import type { WireReport } from './wire.ts';

/** One reporter's report on one domain's day, not yet a mail. */
export interface ExampleReport {
  readonly reporter: Reporter;
  readonly domain: string;
  readonly day: Day;
  readonly names: ReportNames;
  readonly wire: WireReport;
  /** Milliseconds since the epoch. */
  readonly arrivesAt: number;
}

/** The report, or null when the reporter had no session with the domain that day. */
export function reportOn(reporter: Reporter, domain: ExampleDomain, day: Day): ExampleReport | null {
  const sessions = sessionsOn(reporter, domain, day);
  if (sessions === 0) return null;
  const random = seededRandom('report', reporter.domain, domain.domain, day);
  const names = reporter.identify(domain.domain, day, random);
  return {
    reporter,
    domain: domain.domain,
    day,
    names,
    arrivesAt: arrivalOf(reporter, day, random),
    wire: {
      'organization-name': reporter.organization,
      'date-range': {
        'start-datetime': `${day}T00:00:00Z`,
        'end-datetime': reporter.rangeEnd === 'midnight' ? `${addDays(day, 1)}T00:00:00Z` : `${day}T23:59:59Z`,
      },
      'contact-info': reporter.contact,
      'report-id': names.reportId,
      policies: policyEntries(reporter, domain, day, sessions),
    },
  };
}
