import type { Parsed } from './parsed.ts';

/** A host or mail domain name in lower-case A-labels without the root dot, `mx1.example.com`. */
export type DomainName = string & { readonly __domainName: never };

// standards helper: to be written
export declare function parseDomainName(text: string): Parsed<DomainName>;
