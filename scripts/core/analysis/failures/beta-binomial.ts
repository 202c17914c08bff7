/** Counts beyond this are scaled down to it: what is left of chance in so many sessions is not what a verdict hangs on. */
const MOST_TRIALS = 5_000;
/** Terms that small no longer change the sum. */
const NEGLIGIBLE = 1e-9;

/**
 * How likely `failures` or more among `trials` are, when the probability of a failure is not one number but varies from
 * day to day around `mean` (0 < mean < 1) with the intra-day correlation `dispersion` (0 < dispersion < 1): the upper
 * tail of the beta-binomial distribution. With a dispersion near 0 it is the binomial one.
 */
export function upperTail(failures: number, trials: number, mean: number, dispersion: number): number {
  if (failures <= 0) return 1;
  const scale = Math.min(1, MOST_TRIALS / trials);
  const n = Math.max(1, Math.round(trials * scale));
  const first = Math.min(n, Math.max(1, Math.floor(failures * scale)));
  const precision = 1 / dispersion - 1;
  const alpha = mean * precision;
  const beta = (1 - mean) * precision;
  const likelihood = (k: number): number =>
    Math.exp(logChoose(n, k) + logBeta(k + alpha, n - k + beta) - logBeta(alpha, beta));
  // From below the mean the sum would begin with what is too small to be a number: the rest is exact.
  if (first < n * mean) {
    let below = likelihood(first - 1);
    let rest = below;
    for (let k = first - 1; k > 0 && below > rest * NEGLIGIBLE; k--) {
      below *= (k * (n - k + beta)) / ((n - k + 1) * (k - 1 + alpha));
      rest += below;
    }
    return Math.max(0, 1 - rest);
  }
  let term = likelihood(first);
  let sum = term;
  for (let k = first; k < n && term > sum * NEGLIGIBLE; k++) {
    term *= ((n - k) * (k + alpha)) / ((k + 1) * (n - k - 1 + beta));
    sum += term;
  }
  return Math.min(1, sum);
}

/** Steps in which the shares of a day are gone through, in standard deviations, and how far. */
const STEP = 0.25;
const LOWEST = -2;
const HIGHEST = 9;
/** Within one share the failures are binomial. */
const NO_DISPERSION = 1e-5;

/**
 * The same upper tail when the share of a day is `mean` times a log-normal factor of mean 1 and standard deviation `spread`
 * of its logarithm: some days of a restless sender are many times worse than its usual ones, which no beta distribution
 * with the same variance allows for.
 */
export function upperTailOfBursts(failures: number, trials: number, mean: number, spread: number): number {
  let sum = 0;
  let weights = 0;
  for (let z = LOWEST; z <= HIGHEST; z += STEP) {
    const weight = Math.exp((-z * z) / 2);
    const share = Math.min(0.999, mean * Math.exp(spread * z - (spread * spread) / 2));
    sum += weight * upperTail(failures, trials, share, NO_DISPERSION);
    weights += weight;
  }
  return sum / weights;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Of whole numbers up to MOST_TRIALS, each worked out once. */
function logFactorial(n: number): number {
  const known = FACTORIALS[n] ?? Number.NaN;
  if (!Number.isNaN(known)) return known;
  const value = logGamma(n + 1);
  FACTORIALS[n] = value;
  return value;
}

const FACTORIALS = new Float64Array(MOST_TRIALS + 1).fill(Number.NaN);

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/** Stirling's series after lifting small arguments: exact to about 1e-10 for x > 0. */
export function logGamma(x: number): number {
  let lifted = x;
  let product = 1;
  while (lifted < 8) {
    product *= lifted;
    lifted += 1;
  }
  const inverse = 1 / (lifted * lifted);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / lifted;
  return (lifted - 0.5) * Math.log(lifted) - lifted + HALF_LOG_TAU + series - (product === 1 ? 0 : Math.log(product));
}
