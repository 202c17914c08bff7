import type { WantedRecords } from './record-set.ts';
import { type ExportFile, nameInZone, type ZoneRecords } from './zone-records.ts';

/** DNSControl: a `dnsconfig.js`. `NO_PURGE` leaves every record alone that it does not name. */
export function dnscontrolFiles(zones: readonly ZoneRecords[]): readonly ExportFile[] {
  const head = [
    '// Put the name of your entry in creds.json in the place of "yours".',
    'var REG_NONE = NewRegistrar("none");',
    'var DNS = NewDnsProvider("yours");',
  ];
  const blocks = zones.map(({ zone, records }) => {
    const lines = records.flatMap((record) => record.values.map((value) => `  ${call(record, value, zone)},`));
    return ['', `D(${JSON.stringify(zone)}, REG_NONE, DnsProvider(DNS), NO_PURGE,`, ...lines, ');'].join('\n');
  });
  return [{ path: 'dnsconfig.js', text: `${[...head, ...blocks].join('\n')}\n` }];
}

function call({ name, type, ttl }: WantedRecords, value: string, zone: string): string {
  const label = JSON.stringify(nameInZone(name, zone));
  if (type === 'CNAME') return `CNAME(${label}, ${JSON.stringify(`${value}.`)}, TTL(${ttl}))`;
  if (type === 'TXT') return `TXT(${label}, ${JSON.stringify(value)}, TTL(${ttl}))`;
  const [usage, selector, matching, data = ''] = value.split(' ');
  return `TLSA(${label}, ${usage}, ${selector}, ${matching}, ${JSON.stringify(data)}, TTL(${ttl}))`;
}
