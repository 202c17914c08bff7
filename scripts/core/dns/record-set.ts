/** The records of one name and type, as they are to be. Names are lower case without the root dot. */
export interface RecordSet {
  readonly name: string;
  readonly type: 'TXT' | 'CNAME' | 'TLSA';
  /** Seconds. */
  readonly ttl: number;
  /** Record data in zone file form without quotes; one for TXT and CNAME. */
  readonly values: readonly string[];
}

/** A record set that Postern wants, and who sets it. */
export interface WantedRecords extends RecordSet {
  /** `us`: through the provider of `dns`; `person`: somebody with access to the zone. */
  readonly by: 'us' | 'person';
  /** What it is for, in a few words. */
  readonly purpose: string;
  /** Only this may be replaced: what the decision was made on. Left out: whatever stands there. */
  readonly seen?: readonly string[];
}

/** The lines to paste into a zone file (RFC 1035 §5.1), absolute names. */
export function zoneLines({ name, type, ttl, values }: RecordSet): readonly string[] {
  return values.map((value) => `${name}. ${ttl} IN ${type} ${dataOf(type, value)}`);
}

function dataOf(type: RecordSet['type'], value: string): string {
  if (type === 'TXT') return txtStrings(value);
  return type === 'CNAME' ? `${value}.` : value;
}

/** Character strings of at most 255 octets; senders join them without a space (RFC 8461 §3.1). */
function txtStrings(value: string): string {
  const strings = value.match(/[\s\S]{1,255}/g) ?? [''];
  return strings.map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`).join(' ');
}
