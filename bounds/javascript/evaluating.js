// Values of bounds from parameters by name: checked, completed by defaults, computed.

function isInRange(entry, value) {
  if (!Number.isFinite(value) || (entry.integer && !Number.isInteger(value))) return false;
  const { minimum, maximum, openMinimum, openMaximum } = entry;
  if (minimum !== null && (openMinimum ? value <= minimum : value < minimum)) return false;
  return maximum === null || (openMaximum ? value < maximum : value <= maximum);
}

function refusal(word, value, title) {
  return new ParameterError(
    `${word} = ${value}: must be ${words.get(word).allowed}, required by '${title}'`,
  );
}

function checked(word, given, title) {
  const entry = words.get(word);
  const values = typeof given === "number" ? [given] : given;
  if (entry === undefined) return given;
  for (const value of values) {
    if (!isInRange(entry, value)) throw refusal(word, value, title);
  }
  return given;
}

// The value of the bound `name`; `params` holds a number or an array for each word it takes.
function evaluate(name, params) {
  const formula = formulas.get(name);
  if (formula === undefined) throw new ParameterError(`no bound is called '${name}'`);
  const given = {};
  for (const word of formula.takes) {
    const value = params[word] ?? words.get(word)?.default ?? undefined;
    if (value === undefined) {
      throw new ParameterError(`${word}: missing, needed by '${formula.title}'`);
    }
    given[word] = checked(word, value, formula.title);
  }
  for (const relation of formula.relations) {
    if (relation.holds(given) !== 1) {
      throw new ParameterError(`must be such that ${relation.text}, required by '${formula.title}'`);
    }
  }
  const value = formula.value(given);
  if (Number.isNaN(value)) {
    throw new ParameterError(
      `'${formula.title}' has no value here: a function is outside its range, or digits run out`,
    );
  }
  return value;
}
