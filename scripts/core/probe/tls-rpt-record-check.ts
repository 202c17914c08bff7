import { parseTlsRptRecords } from '../../standards/tls-rpt-record.ts';
import { isDefinite, type Lookup } from './dns-lookup.ts';
import { fault, type Sighting, unanswered } from './sighting.ts';

/** `_smtp._tls` as a resolver or one server of the zone shows it (RFC 8460 §3), and whether it asks for reports to us. */
export function tlsRptRecordSightings(lookup: Lookup<'TXT'>): readonly Sighting[] {
  if (!isDefinite(lookup.status)) return [unanswered(lookup)];
  const record = parseTlsRptRecords(lookup.records);
  if (record.ok) return [];
  const [first] = record.faults;
  switch (first?.code) {
    case 'record-absent':
      return [fault('tlsrpt-missing', first.message)];
    case 'record-several':
      return [fault('tlsrpt-multiple', first.message)];
    default:
      return [
        fault('tlsrpt-invalid', first?.message ?? '', {
          faults: record.faults.map(({ code, message }) => ({ code, message })),
        }),
      ];
  }
}
