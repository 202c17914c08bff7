import { parseDomainName } from '../../standards/domain-name.ts';
import { isIpAddress } from '../../standards/ip-address.ts';
import { parseInstant } from '../clock.ts';
import { OBSERVATION_KINDS, type Observation, type ObservationKind, type Outcome } from './observation.ts';

/**
 * One line of a file of observations made elsewhere: an object with the columns of data/README.md. Says what is wrong with any
 * other. Names become lower-case A-labels without the root dot, as ours are, or nobody would find them.
 */
export function parseObservation(line: string): Observation | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { fault: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'is no JSON object' };
  const row = value as Readonly<Record<string, unknown>>;
  const text = (name: string): string | null => (typeof row[name] === 'string' && row[name] !== '' ? row[name] : null);
  const at = parseInstant(text('at') ?? '');
  if (at === null) return { fault: '`at` is no RFC 3339 date-time' };
  const [vantage, subject, code, kind, outcome] = [
    text('vantage'),
    text('subject'),
    text('code'),
    text('kind'),
    text('outcome'),
  ];
  if (vantage === null || subject === null || code === null) return { fault: 'lacks `vantage`, `subject` or `code`' };
  if (!OBSERVATION_KINDS.some((one) => one === kind))
    return { fault: `\`kind\` is none of ${OBSERVATION_KINDS.join(', ')}` };
  if (outcome !== 'ok' && outcome !== 'bad' && outcome !== 'unknown')
    return { fault: '`outcome` is not ok, bad or unknown' };
  if ((outcome === 'ok') !== (code === 'ok')) return { fault: '`outcome` ok and `code` ok go together' };
  const written = text('domain');
  if (written === null && kind !== 'vantage') return { fault: 'lacks `domain`' };
  const domain = written === null ? null : parseDomainName(written);
  if (domain?.ok === false) return { fault: '`domain` is no domain name' };
  const address = text('address');
  if (address !== null && !isIpAddress(address)) return { fault: '`address` is no bare IP address' };
  const facts = factsOf(row['facts']);
  if (facts === null) return { fault: '`facts` is no JSON object' };
  return {
    at,
    vantage,
    domain: domain?.value ?? null,
    kind: kind as ObservationKind,
    subject: kind === 'vantage' ? subject : subject.toLowerCase().replace(/\.$/, ''),
    address,
    outcome: outcome as Outcome,
    code,
    facts,
  };
}

/** An object, or the text of one as the Parquet files hold it. */
function factsOf(value: unknown): Observation['facts'] | null {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Observation['facts'];
  if (typeof value !== 'string') return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Observation['facts'])
      : null;
  } catch {
    return null;
  }
}
