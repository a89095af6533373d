// Own formulas: each number goes with a bound on its rounding error, as in bounds/roundoff.py.
//
// Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.3.

const near = (() => {
  const UNIT = 2 ** -53;
  const OF_FUNCTIONS = 64 * UNIT;
  const MOVED = 4;
  const TINY = 2 ** -1022;
  const LAST_PLACE = 2 ** -1074;
  const ACCURACY = 1e-10;

  const underflow = (value) => (Math.abs(value) < TINY ? LAST_PLACE : 0);
  const of = (value, error = 0) => ({ value, error });

  function plus(p, q) {
    const value = p.value + q.value;
    return of(value, p.error + q.error + Math.abs(value) * UNIT);
  }

  function times(p, q) {
    const value = p.value * q.value;
    const error = Math.abs(p.value) * q.error + Math.abs(q.value) * p.error + p.error * q.error;
    return of(value, error + Math.abs(value) * UNIT + underflow(value));
  }

  const add = (...terms) => terms.reduce(plus);
  const multiply = (...factors) => factors.reduce(times);

  // A function's error is seen by moving its arguments by four of theirs.
  function call(f, ...given) {
    const values = given.map((argument) => argument.value);
    const value = f(...values);
    let error = Math.abs(value) * OF_FUNCTIONS + underflow(value);
    given.forEach((argument, place) => {
      if (argument.error === 0) return;
      const step = MOVED * argument.error;
      const moved = [-step, step].map((by) =>
        Math.abs(f(...values.with(place, argument.value + by)) - value),
      );
      error += Math.max(...moved);
    });
    return of(value, error);
  }

  function extreme(pick, ...parts) {
    const error = Math.max(...parts.map((part) => part.error));
    return of(parts.map((part) => part.value).reduce((p, q) => pick(p, q)), error);
  }

  // The last argument of a function that has no real value, or another one, at and below `least`.
  const above = (least, f) => (...given) => (given.at(-1) > least ? f(...given) : NaN);

  // Adds by `add`, which calls what it is given once for each term.
  function addUp(add, term) {
    let size = 0;
    let error = 0;
    const value = add((at) => {
      const next = term(at);
      size += Math.abs(next.value);
      error += next.error;
      return next.value;
    });
    return of(value, error + 2 * size * UNIT);
  }

  function sum(lower, upper, term) {
    const ends = [lower, upper].map((limit) => Math.round(limit.value));
    if (!ends.every(Number.isFinite)) return of(NaN, Infinity);
    return addUp((value) => runtime.sum(...ends, value), term);
  }

  function integral(grids, cell, term) {
    return times(addUp((value) => runtime.integral(grids, 1, value), term), of(cell));
  }

  const RELATIONS = {
    "<": (p, q) => p < q,
    "<=": (p, q) => p <= q,
    ">": (p, q) => p > q,
    ">=": (p, q) => p >= q,
    "==": (p, q) => p === q,
    "!=": (p, q) => p !== q,
  };

  // 1 or 0, or NaN where rounding may have decided.
  function holds(relation, p, q) {
    const error = p.error + q.error;
    const gap = Math.abs(p.value - q.value);
    if (Number.isNaN(gap) && p.value !== q.value) return NaN;
    if (!(gap > error) && error > 0) return NaN;
    return RELATIONS[relation](p.value, q.value) ? 1 : 0;
  }

  function choose(condition, whenTrue, otherwise) {
    if (Number.isNaN(condition)) return of(NaN, Infinity);
    return condition > 0 ? whenTrue() : otherwise();
  }

  // The value, or NaN where its digits are not sure.
  function sure({ value, error }) {
    const isSure = Number.isFinite(value) && error <= ACCURACY * Math.abs(value) + TINY;
    return isSure ? value : NaN;
  }

  return Object.freeze({
    above, add, call, choose, extreme, holds, integral, multiply, of, sum, sure,
  });
})();
