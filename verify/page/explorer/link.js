// The address fragment that restores everything; only numbers and known names are taken from it.

const LINK_START = "#explore?";
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const LONGEST_LINK = 4000;

function linkOf(state) {
  const parts = new URLSearchParams();
  parts.set("bounds", state.chosen.join(" "));
  for (const key of ["x", "from", "to"]) parts.set(key, state[key]);
  for (const key of ["xlog", "ylog", "measured"]) parts.set(key, state[key] ? 1 : 0);
  for (const key of ["cycle", "loop", "sizes", "errors"]) parts.set(key, state.choices[key]);
  for (const word of shownWords(state)) parts.set(word, state.values[word]);
  for (const word of shownLaws(state)) parts.set(`${word}.decay`, state.choices.decays[word]);
  return LINK_START + parts.toString();
}

const finite = (text) => (NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : null);
const oneOf = (names) => (text) => (names.includes(text) ? text : null);
const flag = (text) => (["0", "1"].includes(text) ? text === "1" : null);

const LINK_KEYS = new Map([
  [
    "x",
    [
      oneOf([...words.keys()].filter(isNumber)),
      (state, value) => {
        state.x = value;
      },
    ],
  ],
  [
    "from",
    [
      finite,
      (state, value) => {
        state.from = value;
      },
    ],
  ],
  [
    "to",
    [
      finite,
      (state, value) => {
        state.to = value;
      },
    ],
  ],
  [
    "xlog",
    [
      flag,
      (state, value) => {
        state.xlog = value;
      },
    ],
  ],
  [
    "ylog",
    [
      flag,
      (state, value) => {
        state.ylog = value;
      },
    ],
  ],
  [
    "measured",
    [
      flag,
      (state, value) => {
        state.measured = value;
      },
    ],
  ],
  [
    "cycle",
    [
      oneOf([...cycles.keys()]),
      (state, value) => {
        state.choices.cycle = value;
      },
    ],
  ],
  [
    "sizes",
    [
      oneOf(["cycle", "law"]),
      (state, value) => {
        state.choices.sizes = value;
      },
    ],
  ],
  [
    "errors",
    [
      oneOf(["cycle", "law"]),
      (state, value) => {
        state.choices.errors = value;
      },
    ],
  ],
  [
    "loop",
    [
      (text) => (oneOf(DATA.loops.map((_, i) => String(i)))(text) === null ? null : Number(text)),
      (state, value) => {
        state.choices.loop = value;
      },
    ],
  ],
]);
for (const word of words.keys()) {
  LINK_KEYS.set(word, [
    finite,
    (state, value) => {
      state.values[word] = value;
    },
  ]);
  LINK_KEYS.set(`${word}.decay`, [
    finite,
    (state, value) => {
      state.choices.decays[word] = value;
    },
  ]);
}
LINK_KEYS.set("bounds", [
  (text) => {
    const names = [...new Set(text.split(" "))].filter((name) => isDrawable(bounds.get(name)));
    return names.length ? names.slice(0, MOST_CHOSEN) : null;
  },
  (state, value) => {
    state.chosen = value;
  },
]);

// Changes `state` to what a fragment says; returns the parts of it that were ignored.
function followLink(fragment, state) {
  if (fragment.length > LONGEST_LINK) return ["a fragment of more than 4000 characters"];
  const ignored = [];
  for (const [key, text] of new URLSearchParams(fragment.slice(LINK_START.length))) {
    const [read, set] = LINK_KEYS.get(key) ?? [() => null];
    const value = read(text);
    if (value === null) ignored.push(key);
    else set(state, value);
  }
  return ignored;
}
