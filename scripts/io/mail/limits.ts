/** What is read at most of anything that strangers send (RFC 8460 §5.2 reporters themselves mostly stop at 10 MB). */
export const MESSAGE_BYTES = 25 * 2 ** 20;
/** One gzip or zip, as received. */
export const COMPRESSED_BYTES = 10 * 2 ** 20;
/** All reports of one mail or file together, as JSON. */
export const DECOMPRESSED_BYTES = 50 * 2 ** 20;
/** How far something may grow beyond the first megabyte: JSON of the most repetitive report grows thirtyfold. */
export const RATIO = 200;
export const RATIO_FREE_BYTES = 2 ** 20;
export const ZIP_ENTRIES = 1000;
/** A mail in a mail in a mail: RFC 8460 §5.3 knows none, people forward. */
export const NESTING = 3;
export const HEADER_BYTES = 256 * 2 ** 10;
export const HEADER_LINES = 5000;
/** MIME parts of one mail. */
export const PARTS = 1000;

/** Why something cannot be read: a stable id, and a sentence for a person. */
export interface ReadFault {
  readonly reason: string;
  readonly message: string;
}

/** 26214400 → `25 MB`. */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
