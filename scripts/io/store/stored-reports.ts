import { DigestMap, digestWords, pairDigest } from './digest-map.ts';

/** How strongly a copy is held: a believed one cannot be made stronger. */
const UNBELIEVED = 1;
const BELIEVED = 2;

/** The same as plain data, to be sent to another thread: the slots of its maps. */
export interface StoredIndex {
  readonly sources: Uint32Array;
  readonly keys: Uint32Array;
  readonly copies: Uint32Array;
}

/** What is stored already, held in memory: which sources are done, and which reports are held how strongly. */
export class StoredReports {
  /** Sources with nothing left to do, and how many of their reports are stored, plus one. */
  readonly #sources: DigestMap;
  readonly #keys: DigestMap;
  readonly #copies: DigestMap;
  /** Where digests are taken apart. */
  readonly #key = new Uint32Array(4);
  readonly #copy = new Uint32Array(4);

  constructor(index?: StoredIndex) {
    this.#sources = DigestMap.of(index?.sources);
    this.#keys = DigestMap.of(index?.keys);
    this.#copies = DigestMap.of(index?.copies);
  }

  get index(): StoredIndex {
    return { sources: this.#sources.slots, keys: this.#keys.slots, copies: this.#copies.slots };
  }

  /** How many reports of this source are stored, when there is nothing left to do with it; else null. */
  reportsOf(sourceSha256: string): number | null {
    if (this.#sources.isEmpty) return null;
    const held = this.#sources.get(digestWords(sourceSha256));
    return held === 0 ? null : held - 1;
  }

  /** Notes a source that need not be read again, and how many of its reports are stored. */
  addSource(sourceSha256: string, reports: number): void {
    this.#sources.set(digestWords(sourceSha256), reports + 1);
  }

  /**
   * Whether a report is to be stored; if so it is noted as held, so that the same run does not store it twice.
   * duplicate: the same bytes are stored, as strong or stronger · conflict: other bytes are believed under this identity,
   * and these would be, too · new: neither, so that a believed copy of what is stored unbelieved is new
   */
  claim(reportKey: string, reportSha256: string, believed: boolean): 'new' | 'duplicate' | 'conflict' {
    const key = digestWords(reportKey, this.#key);
    const copy = pairDigest(digestWords(reportSha256, this.#copy), key);
    const strength = believed ? BELIEVED : UNBELIEVED;
    if (this.#copies.raise(copy, strength) >= strength) return 'duplicate';
    const held = this.#keys.raise(key, strength);
    return believed && held === BELIEVED ? 'conflict' : 'new';
  }
}
