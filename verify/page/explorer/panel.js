// The parameters of the chosen bounds: choices where sequences come from, sliders for numbers.

const CHOICES = {
  cycle: ["Data cycle", [...cycles].map(([word, { name }]) => [word, name])],
  sizes: [
    "Training sizes",
    [
      ["cycle", "those of the data cycle"],
      ["law", "n k^growth"],
    ],
  ],
  errors: [
    "One-step errors",
    [
      ["cycle", "the rate C n_k^-gamma"],
      ["law", "a level times k^-decay"],
    ],
  ],
  loop: ["Kernel-density loop", DATA.loops.map(({ title }, i) => [String(i), title])],
};

function choicesFor(state) {
  const chosen = chosenOf(state);
  const needed = new Set(chosen.flatMap((bound) => cycleWordsOf(bound, state.choices)));
  return [
    needed.size > 0 && "cycle",
    needed.size > needed.has("influence") && "sizes",
    chosen.some((bound) => bound.takes.has("one_step_error") && !bound.loop) && "errors",
    chosen.some((bound) => bound.loop) && "loop",
  ].filter(Boolean);
}

// `onChoice(key, value)` and `onNumber(values, word, value)` hear of changes; controls are made once
// and kept, so that one that has the focus keeps it.
class Panel {
  constructor(onChoice, onNumber) {
    Object.assign(this, { onChoice, onNumber, controls: new Map() });
    this.choices = make("div", { class: "choices" });
    this.sliders = make("div", { class: "sliders" });
    const title = make("h3", {}, "Parameters");
    this.element = make("div", { class: "settings" }, title, this.choices, this.sliders);
  }

  kept(id, made) {
    if (!this.controls.has(id)) this.controls.set(id, made());
    return this.controls.get(id);
  }

  choice(key) {
    const [text, options] = CHOICES[key];
    return this.kept(`choice ${key}`, () =>
      select(`explorer-${key}`, text, options, (value) => this.onChoice(key, value)),
    );
  }

  number(word) {
    const { meaning, unit, ...entry } = words.get(word);
    const what = {
      id: `explorer-${word}`,
      name: word,
      meaning,
      unit,
      span: DATA.spans[word],
      entry,
    };
    return this.kept(word, () => slider(what, (value) => this.onNumber("values", word, value)));
  }

  decay(word) {
    const [name, meaning] = [`${word}.decay`, `power of 1/k in ${word}`];
    const what = { id: `explorer-${word}-decay`, name, meaning, unit: "", ...DATA.decay };
    return this.kept(name, () => slider(what, (value) => this.onNumber("decays", word, value)));
  }

  show(state) {
    const laws = shownLaws(state);
    const sliders = shownWords(state).flatMap((word) => {
      const level = DATA.shares.includes(word) ? [] : [this.number(word)];
      return laws.includes(word) ? [...level, this.decay(word)] : level;
    });
    arrange(
      this.choices,
      choicesFor(state).map((key) => this.choice(key).element),
    );
    arrange(
      this.sliders,
      sliders.map(({ element }) => element),
    );
    this.set(state);
  }

  set(state) {
    for (const [id, control] of this.controls) {
      const [word, isDecay] = [id.replace(/\.decay$/, ""), id.endsWith(".decay")];
      if (id.startsWith("choice ")) control.select.value = String(state.choices[id.slice(7)]);
      else control.set(isDecay ? state.choices.decays[word] : state.values[word]);
    }
  }
}

// Like replaceChildren, but an element that stays is not taken out, which would cost it the focus.
function arrange(parent, elements) {
  for (const child of [...parent.children]) if (!elements.includes(child)) child.remove();
  elements.forEach((element, i) => {
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
  });
}
