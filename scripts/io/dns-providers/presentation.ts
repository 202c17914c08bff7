import type { RecordSetKey } from './provider.ts';

/** Record data as provider APIs write it, which is the form of zone files (RFC 1035 §5.1). */

/** `"a" "b"`: character strings of at most 255 bytes. */
export function toPresentation(type: RecordSetKey['type'], value: string): string {
  if (type === 'CNAME') return `${value}.`;
  if (type === 'TLSA') return value;
  return txtStrings(value)
    .map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`)
    .join(' ');
}

export function fromPresentation(type: RecordSetKey['type'], text: string): string {
  if (type === 'CNAME') return text.replace(/\.$/, '').toLowerCase();
  if (type === 'TLSA') return text.replace(/\s+/g, ' ').toLowerCase();
  const strings = text.match(/"(?:[^"\\]|\\.)*"/gs);
  return (strings ?? [text]).map(unquoted).join('');
}

/** Our texts are ASCII: a character is a byte. */
export function txtStrings(value: string): readonly string[] {
  return value.match(/[\s\S]{1,255}/g) ?? [''];
}

/** The name as a zone's API wants it: relative, `@` for the zone itself. Null when it is not in the zone. */
export function relativeName(name: string, zone: string): string | null {
  if (name === zone) return '@';
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : null;
}

function unquoted(part: string): string {
  const inner = part.startsWith('"') ? part.slice(1, -1) : part;
  return inner.replace(/\\(\d{3})|\\(.)/gs, (_, code: string | undefined, escaped: string | undefined) =>
    code === undefined ? (escaped ?? '') : String.fromCharCode(Number(code)),
  );
}
