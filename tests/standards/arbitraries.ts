import fc from 'fast-check';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import type { MxPattern } from '#scripts/standards/mx-pattern.ts';

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/).filter((text) => !text.startsWith('xn--'));
const topLabel = fc.stringMatching(/^[a-z][a-z0-9]{1,5}$/);

export const domainNames = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), topLabel)
  .map(([labels, top]) => [...labels, top].join('.') as DomainName);

export const mxPatterns = fc
  .tuple(fc.boolean(), domainNames)
  .map(([star, name]) => (star ? `*.${name}` : name) as MxPattern);

/** Names and values that both TXT records allow for fields they do not know. */
export const extensions = fc.uniqueArray(
  fc
    .tuple(fc.stringMatching(/^x[A-Za-z0-9_.-]{0,31}$/), fc.stringMatching(/^[!-:<>-~]{1,20}$/))
    .map(([key, value]) => ({ key, value })),
  { maxLength: 3, selector: ({ key }) => key },
);
