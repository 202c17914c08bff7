/** Words of a digest that are kept: 128 bits of a SHA-256, so that two never meet by chance. */
const WORDS = 4;
const SLOT = WORDS + 1;
/** Whoever grows beyond the first thousand mostly grows far. The number of slots stays a power of two. */
const GROWTH = 4;

/**
 * A map from SHA-256 digests to small positive numbers that takes about 40 bytes an entry, a third of what a Map of
 * strings takes: what is stored already must be known while new mail is read, also when that is millions of reports.
 */
export class DigestMap {
  #slots: Uint32Array = new Uint32Array(1024 * SLOT);
  #size = 0;

  /** A map with what another one held when its `slots` were taken; without them, an empty one. */
  static of(slots?: Uint32Array): DigestMap {
    const map = new DigestMap();
    if (slots === undefined) return map;
    map.#slots = slots;
    for (let at = WORDS; at < slots.length; at += SLOT) if (slots[at] !== 0) map.#size += 1;
    return map;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Everything that is in it, in a form that can be sent to another thread. */
  get slots(): Uint32Array {
    return this.#slots;
  }

  /** 0 when the digest is not there. */
  get(words: Uint32Array): number {
    return this.#slots[this.#find(words) + WORDS] ?? 0;
  }

  set(words: Uint32Array, value: number): void {
    this.#put(words, value, false);
  }

  /** Sets the value unless a greater one is there; returns what was there, 0 when nothing was. */
  raise(words: Uint32Array, value: number): number {
    return this.#put(words, value, true);
  }

  #put(words: Uint32Array, value: number, onlyUp: boolean): number {
    if (this.#size * 2 * SLOT >= this.#slots.length) this.#grow();
    const slots = this.#slots;
    const at = this.#find(words);
    const before = slots[at + WORDS] ?? 0;
    if (onlyUp && before >= value) return before;
    if (before === 0) {
      this.#size += 1;
      for (let word = 0; word < WORDS; word += 1) slots[at + word] = words[word] ?? 0;
    }
    slots[at + WORDS] = value;
    return before;
  }

  /** The slot of the digest, or the free slot where it would stand. */
  #find(words: Uint32Array): number {
    const slots = this.#slots;
    const last = slots.length / SLOT - 1;
    for (let slot = (words[0] ?? 0) & last; ; slot = (slot + 1) & last) {
      const at = slot * SLOT;
      if (slots[at + WORDS] === 0) return at;
      if (
        slots[at] === words[0] &&
        slots[at + 1] === words[1] &&
        slots[at + 2] === words[2] &&
        slots[at + 3] === words[3]
      ) {
        return at;
      }
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * GROWTH);
    const words = new Uint32Array(WORDS);
    for (let at = 0; at < old.length; at += SLOT) {
      if (old[at + WORDS] === 0) continue;
      for (let word = 0; word < WORDS; word += 1) words[word] = old[at + word] ?? 0;
      const to = this.#find(words);
      for (let cell = 0; cell < SLOT; cell += 1) this.#slots[to + cell] = old[at + cell] ?? 0;
    }
  }
}

/** The kept words of a digest in hex; `words` is where to, for whoever asks again and again. */
export function digestWords(hex: string, words: Uint32Array = new Uint32Array(WORDS)): Uint32Array {
  for (let word = 0; word < WORDS; word += 1) {
    let value = 0;
    for (let at = word * 8; at < word * 8 + 8; at += 1) {
      const code = hex.charCodeAt(at);
      value = (value << 4) | (code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57);
    }
    words[word] = value;
  }
  return words;
}

/** Makes of `words` one digest for it and another that belong together. */
export function pairDigest(words: Uint32Array, other: Uint32Array): Uint32Array {
  for (let word = 0; word < WORDS; word += 1) words[word] = (words[word] ?? 0) ^ (other[word] ?? 0);
  return words;
}
