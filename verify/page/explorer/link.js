// The address fragment that restores everything; only numbers and known names are taken from it.

const LINK_START = "#explore?";
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const LONGEST_LINK = 4000;

function linkOf(state) {
  const parts = new URLSearchParams();
  parts.set("bounds", state.chosen.join(" "));
  for (const key of ["x", "from", "to"]) parts.set(key, state[key]);
  for (const key of ["xlog", "ylog", "measured"]) parts.set(key, state[key] ? 1 : 0);
  if (state.loops.length) parts.set("loops", state.loops.join(" "));
  for (const key of Object.keys(CHOICES)) parts.set(key, state.choices[key]);
  for (const word of shownWords(state)) parts.set(word, state.values[word]);
  for (const word of shownLaws(state)) parts.set(`${word}.decay`, state.choices.decays[word]);
  return LINK_START + parts.toString();
}

// Each reads a text; null where it is not what it should be.
const finite = (text) => (NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : null);
const oneOf = (names) => (text) => (names.includes(text) ? text : null);
const flag = (text) => (["0", "1"].includes(text) ? text === "1" : null);
const option = (key) => oneOf(CHOICES[key][1].map(([value]) => value));
const loopNumber = (text) => (option("loop")(text) === null ? null : Number(text));

function drawableNames(text) {
  const names = [...new Set(text.split(" "))].filter((name) => isDrawable(bounds.get(name)));
  return names.length || text === "" ? names.slice(0, MOST_CHOSEN) : null;
}

function loopPlaces(text) {
  const places = [...new Set(text.split(" ").map(Number))];
  const isThere = (i) => Number.isInteger(i) && i >= 0 && i < DATA.measured.length;
  return text !== "" && places.every(isThere) ? places.slice(0, MOST_MEASURED) : null;
}

const inState = (read, name) => ({ read, name, part: (state) => state });
const inChoices = (read, name) => ({ read, name, part: (state) => state.choices });

// How each key is read, and which part of the state it sets.
const LINK_KEYS = new Map([
  ["bounds", inState(drawableNames, "chosen")],
  ["loops", inState(loopPlaces, "loops")],
  ["x", inState(oneOf([...words.keys()].filter(isNumber)), "x")],
  ...["from", "to"].map((key) => [key, inState(finite, key)]),
  ...["xlog", "ylog", "measured"].map((key) => [key, inState(flag, key)]),
  ...["cycle", "sizes", "errors"].map((key) => [key, inChoices(option(key), key)]),
  ["loop", inChoices(loopNumber, "loop")],
]);
for (const name of words.keys()) {
  LINK_KEYS.set(name, { read: finite, name, part: (state) => state.values });
  LINK_KEYS.set(`${name}.decay`, { read: finite, name, part: (state) => state.choices.decays });
}

// Changes `state` to what a fragment says; returns the parts of it that were ignored.
function followLink(fragment, state) {
  if (fragment.length > LONGEST_LINK) return [`a fragment of more than ${LONGEST_LINK} characters`];
  const ignored = [];
  for (const [key, text] of new URLSearchParams(fragment.slice(LINK_START.length))) {
    const known = LINK_KEYS.get(key);
    const value = known === undefined ? null : known.read(text);
    if (value === null) ignored.push(key);
    else known.part(state)[known.name] = value;
  }
  return ignored;
}
