import { plainText } from '#scripts/core/plain-text.ts';

/**
 * How a page says text that others wrote. With `site.redact` addresses of machines and people are withheld wherever they
 * stand; free-text reasons are then left out altogether, which is up to those who show them.
 */
export interface Redaction {
  readonly on: boolean;
  /** One line of at most `max` characters, nothing invisible in it, and on a redacted site no address. */
  readonly text: (text: string, max: number) => string;
}

export const WITHHELD = '[withheld]';

/** Also the beginning of an address that was cut: `192.0.2…`. */
const IPV4 = /(?<![\d.])\d{1,3}(?:(?:\.\d{1,3}){3}(?![\d.]*\d)|(?:\.\d{0,3}){1,3}…)/g;
/** At least two colons and a hexadecimal digit, as in `2001:db8::25` or `::ffff:192.0.2.1`; a time such as 12:30 has one. */
const IPV6 =
  /(?<![\w:.])(?=[\da-f:.]*[\da-f])(?:[\da-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}…|[\da-f]{1,4})?(?![\w:])/gi;
const MAILBOX = /[^\s<>"'(),;:@[\]]+@[^\s<>"'(),;:@[\]]+/g;

export function redaction(on: boolean): Redaction {
  return { on, text: on ? (text, max) => plainText(withoutAddresses(text), max) : plainText };
}

function withoutAddresses(text: string): string {
  return text.replace(MAILBOX, WITHHELD).replace(IPV6, WITHHELD).replace(IPV4, WITHHELD);
}
