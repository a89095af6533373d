// Functions that the printed expressions call, to near double precision.
//
// References: Abramowitz and Stegun (A&S), Handbook of Mathematical Functions, 1964; NIST Digital
// Library of Mathematical Functions (DLMF); Corless et al., On the Lambert W function, 1996.

class ParameterError extends Error {}

const runtime = (() => {
  const EULER = 0.5772156649015329;
  const NEAR_ONE = 0.25;
  const SERIES_FROM = 10;
  const MOST_TERMS = 1e7;
  const FRACTION_FROM = 2;
  const FRACTION_TERMS = 80;
  const MOST_ITERATIONS = 100;
  const SPLIT = 2 ** 27 + 1;
  const QUOTIENT_FROM = 16;
  const LOGARITHM_TERMS = 16;

  // B_2, B_4, ..., B_24.
  const BERNOULLI = [
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
    854513 / 138,
    -236364091 / 2730,
  ];

  // As in C and NumPy, and unlike Math.pow, 1 to the power of anything is 1.
  function power(base, exponent) {
    if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
    return Math.pow(base, exponent);
  }

  // By 1 - base where that is small: no error grows with the exponent.
  function powerNearOne(base, complement, exponent) {
    if (complement < NEAR_ONE) return Math.exp(exponent * Math.log1p(-complement));
    return power(base, exponent);
  }

  function oneMinusExp(x) {
    return -Math.expm1(-x);
  }

  function geometricDepth(share, generations) {
    if (!(share > 0)) return generations;
    if (share >= 1) return Math.min(generations, 1); // a share in [0, 1] may be rounded past one
    return -Math.expm1(generations * Math.log1p(-share)) / share;
  }

  // A float, and what of the exact value rounding to it has left over.
  const exactly = (value, rest = 0) => [value, rest];

  // Knuth, TAOCP 2, 4.2.2.
  function twofoldPlus([p, ofP], [q, ofQ]) {
    const total = p + q;
    const part = total - p;
    return [total, p - (total - part) + (q - part) + (ofP + ofQ)];
  }

  function halves(value) {
    const large = SPLIT * value;
    const high = large - (large - value);
    return [high, value - high];
  }

  // Dekker (1971); nothing is left over where it overflows.
  function twofoldTimes([p, ofP], [q, ofQ]) {
    const product = p * q;
    const [pHigh, pLow] = halves(p);
    const [qHigh, qLow] = halves(q);
    const lost = pHigh * qHigh - product + pHigh * qLow + pLow * qHigh + pLow * qLow;
    const rest = lost + (p * ofQ + q * ofP);
    return [product, Number.isFinite(rest) ? rest : 0];
  }

  function twofoldInverse(p) {
    const value = 1 / p[0];
    const [product, lost] = twofoldTimes([value, 0], p);
    return [value, Number.isFinite(value) ? (1 - product - lost) * value : 0];
  }

  function twofoldPower(base, rest, count) {
    return power(base, count) * Math.exp(base > 0 ? (count * rest) / base : 0);
  }

  // The sum of q^(step i) over i < count, q = base + rest.
  function geometricSum(base, rest, step, count) {
    if (!(count > 0)) return Number.isNaN(count) ? NaN : 0;
    const gap = 1 - base - rest;
    const share = base > 0 ? rest / base : 0;
    const log = step * (Math.abs(gap) < 0.5 ? Math.log1p(-gap) : Math.log(base) + share);
    if (log === 0) return count;
    const grown = () => twofoldPower(base, rest, step * count) - 1;
    return (log * count > 1 ? grown() : Math.expm1(log * count)) / Math.expm1(log);
  }

  function at(word, sequence, k) {
    if (typeof sequence === "number") return sequence;
    if (k > sequence.length) {
      throw new ParameterError(
        `${word}: has ${sequence.length} entries, generation ${k} needs ${k}`,
      );
    }
    return sequence[k - 1];
  }

  // Compensated (Neumaier 1974), so that its error does not grow with the number of terms.
  function accumulate(count, term) {
    let total = 0;
    let lost = 0;
    for (let i = 0; i < count; i += 1) {
      const value = term(i);
      const next = total + value;
      lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
      total = next;
    }
    return Number.isFinite(total) ? total + lost : total;
  }

  function sum(lower, upper, term) {
    const first = Math.ceil(lower);
    const count = Math.max(0, Math.floor(upper) - first + 1);
    if (count > MOST_TERMS) {
      throw new ParameterError(
        `generation = ${upper}: the sum would have more terms than the ${MOST_TERMS} of this page`,
      );
    }
    return accumulate(count, (i) => term(first + i));
  }

  // Midpoint sum over the cells of a grid, as the grids of the bounds are made for.
  function integral(grids, cell, term) {
    const count = grids[0].length;
    if (grids.some((grid) => grid.length !== count)) {
      throw new ParameterError("the functions of x are given on grids of different lengths");
    }
    return accumulate(count, term) * cell;
  }

  // log x - psi(x) for large x, A&S 6.3.18.
  function logMinusDigammaSeries(x) {
    let total = 0;
    for (let i = BERNOULLI.length - 1; i >= 0; i -= 1) {
      total = (total + BERNOULLI[i] / (2 * i + 2)) / (x * x);
    }
    return 1 / (2 * x) + total;
  }

  function digamma(x) {
    if (x <= 0 && Number.isInteger(x)) return NaN;
    if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x); // A&S 6.3.7
    let shift = 0;
    for (; x < SERIES_FROM; x += 1) shift += 1 / x; // A&S 6.3.5
    return Math.log(x) - logMinusDigammaSeries(x) - shift;
  }

  function logMinusDigamma(y, x) {
    const gap = x < SERIES_FROM ? Math.log(x) - digamma(x) : logMinusDigammaSeries(x);
    return gap + Math.log1p((y - x) / x);
  }

  // Hurwitz zeta for s > 1, a > 0 by Euler-Maclaurin summation, DLMF 25.11.5.
  function zeta(s, a = 1) {
    if (s === 1) return Infinity;
    if (!(s > 1) || a < 0) return NaN;
    if (a === 0) return Infinity;
    const from = SERIES_FROM + s;
    let total = 0;
    for (; a < from; a += 1) {
      const term = Math.pow(a, -s);
      total += term;
      if (term < Number.EPSILON * Number.EPSILON * total) return total;
    }
    return total + zetaTail(s, a);
  }

  function zetaTail(s, a) {
    let factor = s / a; // s (s+1) ... (s+2i-2) / (2i)! without the Bernoulli number, times a^(1-2i)
    let correction = 0;
    for (let i = 1; i <= BERNOULLI.length; i += 1) {
      factor /= i === 1 ? 2 : (2 * i - 1) * (2 * i);
      correction += BERNOULLI[i - 1] * factor;
      factor *= ((s + 2 * i - 1) * (s + 2 * i)) / (a * a);
    }
    return Math.pow(a, -s) * (a / (s - 1) + 0.5 + correction);
  }

  // (zeta(i) - 1) (-1)^i / i for i = 2, 3, ...: log Gamma(2 + z) - (1 - EULER) z, A&S 6.1.33.
  const LOG_GAMMA_SERIES = Array.from({ length: 32 }, (_, i) => {
    const sign = i % 2 === 0 ? 1 : -1;
    return (sign * zeta(i + 2, 2)) / (i + 2);
  });

  function logGammaNearTwo(z) {
    let total = 0;
    for (let i = LOG_GAMMA_SERIES.length - 1; i >= 0; i -= 1) {
      total = total * z + LOG_GAMMA_SERIES[i];
    }
    return z * (1 - EULER + z * total);
  }

  // What Stirling's formula misses of log Gamma, A&S 6.1.40.
  function stirlingSeries(x) {
    let total = 0;
    for (let i = BERNOULLI.length - 1; i >= 0; i -= 1) {
      total = total / (x * x) + BERNOULLI[i] / ((2 * i + 1) * (2 * i + 2));
    }
    return total / x;
  }

  // log(1 - y) + y for 0 <= y <= 1/16
  function log1pRest(y) {
    let total = 0;
    for (let i = LOGARITHM_TERMS; i > 1; i -= 1) total = total * y + 1 / i;
    return -total * y * y;
  }

  // Gamma(x - d) / Gamma(x) for 0 <= d <= 1, x >= 2: x^-d times what Stirling's formula leaves.
  function gammaQuotient(x, d) {
    let above = exactly(1);
    let below = exactly(1);
    let large = x;
    for (; large < QUOTIENT_FROM; large += 1) {
      above = twofoldTimes(above, exactly(large));
      below = twofoldTimes(below, twofoldPlus(exactly(large), exactly(-d)));
    }
    const lifted = (above[0] / below[0]) * (1 + above[1] / above[0] - below[1] / below[0]);
    const y = d / large;
    const change = stirlingSeries(large - d) - stirlingSeries(large);
    const exponent = (d + 0.5) * y + (large - d - 0.5) * log1pRest(y) + change;
    return power(large, -d) * Math.exp(exponent) * lifted;
  }

  // log |Gamma(x)|
  function logGamma(x) {
    if (x === Infinity) return Infinity;
    if (x <= 0) {
      if (Number.isInteger(x)) return Infinity;
      return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x); // A&S 6.1.17
    }
    if (x >= SERIES_FROM) {
      return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirlingSeries(x);
    }
    if (x < 0.5) return logGammaNearTwo(x) - Math.log(x) - Math.log1p(x);
    if (x < 1.5) return logGammaNearTwo(x - 1) - Math.log1p(x - 1);
    let product = 1;
    for (; x > 2.5; x -= 1) product *= x - 1;
    return Math.log(product) + logGammaNearTwo(x - 2);
  }

  function gamma(x) {
    if (x === 0) return 1 / x;
    if (x < 0) {
      if (Number.isInteger(x)) return NaN;
      return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
    }
    if (x >= SERIES_FROM && !(Number.isInteger(x) && x < 24)) {
      const root = Math.pow(x, x / 2 - 0.25); // its square could overflow too early
      return Math.sqrt(2 * Math.PI) * root * Math.exp(-x) * root * Math.exp(stirlingSeries(x));
    }
    let product = 1;
    for (; x > 2; x -= 1) product *= x - 1;
    return x === 1 || x === 2 ? product : product * Math.exp(logGamma(x));
  }

  function factorial(x) {
    return x < 0 ? 0 : gamma(x + 1);
  }

  // A&S 6.4.10
  function polygamma(order, x) {
    if (order === 0) return digamma(x);
    return (order % 2 === 0 ? -1 : 1) * factorial(order) * zeta(order + 1, x);
  }

  const HEAD = 32;
  // B_2i / (2i)!
  const EULER_MACLAURIN = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160];

  // The sum of k^-s over first < k <= last, DLMF 2.10.1.
  function powerSum(first, last, s) {
    const r = 1 - s;
    const log = Math.log(last / first);
    const area = (r === 0 ? log : Math.expm1(r * log) / r) * Math.pow(first, r);
    let total = area + (Math.pow(last, -s) - Math.pow(first, -s)) / 2;
    let rising = s;
    let order = s + 1;
    for (const factor of EULER_MACLAURIN) {
      total -= factor * rising * (Math.pow(last, -order) - Math.pow(first, -order));
      rising *= order * (order + 1);
      order += 2;
    }
    return total;
  }

  // Of integer counts >= 0 and orders >= 0.
  function harmonic(count, order = 1) {
    if (count === 0) return 0;
    if (order === 1) return digamma(count + 1) + EULER;
    const head = accumulate(Math.min(count, HEAD), (i) => Math.pow(i + 1, -order));
    return count > HEAD ? head + powerSum(HEAD, count, order) : head;
  }

  // exp(-x^2): the square is rounded, which matters where it is large.
  function expMinusSquare(x) {
    const head = Math.fround(x);
    return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
  }

  // A&S 7.1.6: all terms have one sign.
  function erfSeries(x) {
    let term = x;
    let total = x;
    for (let i = 1; Math.abs(term) > Number.EPSILON * 0.1 * Math.abs(total); i += 1) {
      term *= (2 * x * x) / (2 * i + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * expMinusSquare(x) * total;
  }

  // Continued fraction, A&S 7.1.14, for x >= 2.
  function erfcFraction(x) {
    if (x === Infinity) return 0;
    let tail = x;
    for (let i = FRACTION_TERMS; i >= 1; i -= 1) tail = x + i / 2 / tail;
    return expMinusSquare(x) / (Math.sqrt(Math.PI) * tail);
  }

  function erf(x) {
    if (x < 0) return -erf(-x);
    return x < FRACTION_FROM ? erfSeries(x) : 1 - erfcFraction(x);
  }

  function erfc(x) {
    if (x < FRACTION_FROM) return 1 - erf(x);
    return erfcFraction(x);
  }

  // Corless et al. (1996), (4.22) around the branch point, (4.18) far from it.
  function lambertWStart(x, branch) {
    const p = Math.sqrt(Math.max(0, 2 * (Math.E * x + 1))) * (branch === 0 ? 1 : -1);
    if (p * p < 1 || (branch === 0 && x < 1)) return -1 + p - (p * p) / 3 + (11 * p ** 3) / 72;
    const far = Math.log(branch === 0 ? x : -x);
    return far - Math.log(Math.abs(far) || 1);
  }

  // Halley's iteration, Corless et al. (1996), (5.9).
  function lambertW(x, branch = 0) {
    if (!(x >= -1 / Math.E) || (branch !== 0 && x >= 0)) return NaN;
    if (x === 0) return 0;
    if (x === Infinity) return Infinity;
    if (x === -1 / Math.E) return -1;
    let w = lambertWStart(x, branch);
    for (let i = 0; i < MOST_ITERATIONS; i += 1) {
      const e = Math.exp(w);
      const miss = w * e - x;
      const step = miss / (e * (w + 1) - ((w + 2) * miss) / (2 * w + 2));
      w -= step;
      if (!(Math.abs(step) > Number.EPSILON * Math.abs(w))) break;
    }
    return w;
  }

  return Object.freeze({
    BERNOULLI,
    accumulate,
    at,
    digamma,
    erf,
    erfc,
    exactly,
    factorial,
    gamma,
    gammaQuotient,
    geometricDepth,
    geometricSum,
    harmonic,
    integral,
    lambertW,
    logGamma,
    logMinusDigamma,
    oneMinusExp,
    polygamma,
    power,
    powerNearOne,
    sum,
    twofoldInverse,
    twofoldPlus,
    twofoldPower,
    twofoldTimes,
    zeta,
  });
})();
