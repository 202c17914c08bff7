/** A seeded stream of chance: the same seed gives the same fleet and year on every machine. */
export class Chance {
  #state: number;

  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < seed.length; index++) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
    this.#state = hash >>> 0;
  }

  /** mulberry32: uniform in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform in the logarithm: as many small ones as large ones. */
  magnitude(low: number, high: number): number {
    return Math.exp(this.between(Math.log(low), Math.log(high)));
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  happens(probability: number): boolean {
    return this.uniform() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.uniform() * values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }

  binomial(trials: number, share: number): number {
    if (share <= 0 || trials <= 0) return 0;
    if (share >= 1) return trials;
    const mean = trials * share;
    if (trials > 60) {
      if (mean < 20) return Math.min(trials, this.poisson(mean));
      const spread = Math.sqrt(mean * (1 - share));
      return Math.min(trials, Math.max(0, Math.round(mean + spread * this.normal())));
    }
    let count = 0;
    for (let trial = 0; trial < trials; trial++) if (this.happens(share)) count++;
    return count;
  }

  /** A share that varies from day to day around `mean`: log-normal, never above 1. */
  wobble(mean: number, spread: number): number {
    return Math.min(1, mean * Math.exp(spread * this.normal() - (spread * spread) / 2));
  }
}
