// The explorer: one state, drawn anew whenever the reader changes it.

const MOST_CHOSEN = 8;
const QUIET = 400;
const isDrawable = (bound) => bound !== undefined && bound.reason === "";
const WIDE_PICTURE = { width: 760, height: 440 };

function initialState() {
  const laws = [...words.keys()].filter((word) => words.get(word).kind === "sequence");
  return {
    chosen: DATA.start.filter((name) => isDrawable(bounds.get(name))),
    x: "generation", from: DATA.spans.generation.low, to: DATA.spans.generation.high,
    xlog: false, ylog: true, measured: true,
    choices: {
      cycle: "full_synthetic", loop: 0, sizes: "cycle", errors: "cycle",
      decays: Object.fromEntries(laws.map((word) => [word, 0])),
    },
    values: Object.fromEntries([...words.keys()].map((word) => [word, DATA.spans[word].start])),
  };
}

const chosenOf = (state) => state.chosen.map((name) => bounds.get(name));
const asksForPoints = (bound, choices) =>
  bound.maximum === 1 && bound.side !== "lower bound" && numbersOf(bound, choices).includes("n");

function axisWords(state) {
  const found = new Set(chosenOf(state).flatMap((bound) => numbersOf(bound, state.choices)));
  return [...words.keys()].filter((word) => found.has(word));
}

function shownWords(state) {
  const found = new Set(axisWords(state));
  if (chosenOf(state).some((bound) => asksForPoints(bound, state.choices))) found.add("target_error");
  return [...words.keys()].filter((word) => found.has(word) || shownLaws(state).includes(word));
}

function shownLaws(state) {
  return [...new Set(chosenOf(state).flatMap((bound) => lawsOf(bound, state.choices)))];
}

function readingOf(bound, state) {
  const { values, choices } = state;
  const along = (word) => (value) => tried(bound, { ...values, [word]: value }, choices).value;
  const numbers = numbersOf(bound, choices);
  const now = tried(bound, values, choices);
  return {
    name: bound.name, ...now, isVacuous: isVacuous(bound, now.value),
    peak: numbers.includes("lam") ? peakOf(along("lam")) : undefined,
    least: asksForPoints(bound, choices) ? leastInteger(along("n"), values.target_error) : undefined,
  };
}

function say(parts, bound, reading, target) {
  const { value, problem, peak, least } = reading;
  parts.value.textContent = problem ? "" : Number.isFinite(value) ? shortValue(value) : String(value);
  parts.value.dataset.value = String(value);
  parts.problem.textContent = problem;
  const fine = bound.maximum === 1 && bound.side === "upper bound" ? "below 1: says something" : "";
  parts.verdict.textContent = problem ? "" : reading.isVacuous ? "vacuous" : fine;
  parts.verdict.classList.toggle("vacuous", reading.isVacuous);
  parts.peak.textContent = peak === undefined ? "" : peak === null ? "no peak in λ" : `largest at λ* = ${shortValue(peak)}`;
  parts.peak.dataset.value = String(peak);
  const enough = least === null ? `no n up to 9·10¹⁵ keeps it at ${shown(target)}` : `at most ${shown(target)} from n = ${grouped(least)} on`;
  parts.least.textContent = least === undefined ? "" : enough;
  parts.least.dataset.value = String(least);
}

const shortValue = (value) => {
  const plain = Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7;
  return plain || value === 0 ? String(Number(value.toPrecision(5))) : value.toPrecision(5);
};
const grouped = (count) => (count === undefined || count === null ? "" : String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f"));

class Explorer {
  constructor(root) {
    this.state = initialState();
    this.sliders = new Map();
    this.timers = {};
    this.build(root);
    addEventListener("hashchange", () => this.restore());
    new ResizeObserver(() => this.drawChart()).observe(this.stage);
    if (!this.restore()) this.rebuild();
  }

  build(root) {
    this.picker = picker((name, isOn) => this.toggle(name, isOn));
    this.summary = make("summary", {});
    this.choices = make("div", { class: "choices" });
    this.sliderBox = make("div", { class: "sliders" });
    this.cards = make("ol", { class: "cards" });
    this.svg = drawn("svg", { role: "img", "aria-labelledby": "explorer-caption", class: "picture" });
    this.svg.addEventListener("pointerdown", (event) => this.follow(event));
    this.svg.addEventListener("pointermove", (event) => event.buttons === 1 && this.follow(event));
    this.caption = make("figcaption", { id: "explorer-caption", class: "quiet" });
    this.stage = make("div", { class: "stage" }, this.svg);
    this.note = make("p", { class: "note" });
    this.problem = make("p", { class: "problem" });
    this.status = make("p", { class: "unseen", role: "status" });
    this.told = make("p", { class: "told", role: "status" });
    root.append(
      make("details", { class: "choose", open: true }, this.summary, this.picker.element),
      make("figure", { class: "figure" }, this.toolbar(), this.stage, this.problem, this.caption, this.note, this.buttons(), this.told),
      make("div", { class: "settings" }, make("h3", {}, "Parameters"), this.choices, this.sliderBox),
      make("div", { class: "readings" }, make("h3", {}, "At these parameters"), this.cards, this.status),
    );
  }

  toolbar() {
    this.axis = select("explorer-x", "along", [], (word) => this.change({ x: word, ...this.axisOf(word) }));
    const end = (key, text) => {
      const input = make("input", { type: "number", step: "any", id: `explorer-${key}` });
      input.addEventListener("change", () => this.change({ [key]: input.value === "" ? NaN : Number(input.value) }));
      this[`${key}Field`] = input;
      return make("span", { class: "end" }, make("label", { for: `explorer-${key}` }, text), input);
    };
    this.xlog = checkbox("log across", (isOn) => this.change({ xlog: isOn }));
    this.ylog = checkbox("log up", (isOn) => this.change({ ylog: isOn }));
    this.measured = checkbox("measured points", (isOn) => this.change({ measured: isOn }));
    const toggles = [this.xlog, this.ylog, this.measured].map(({ element }) => element);
    return make("div", { class: "toolbar" }, this.axis.element, end("from", "from"), end("to", "to"), ...toggles);
  }

  buttons() {
    const button = (text, onclick) => make("button", { type: "button", onclick }, text);
    return make(
      "div", { class: "buttons" },
      button("Copy link", () => this.copyLink()),
      button("Save data (CSV)", () => save("bounds.csv", "text/csv;charset=utf-8", this.csv())),
      button("Save picture (SVG)", () => save("bounds.svg", "image/svg+xml", this.picture())),
      button("Start again", () => this.reset()),
    );
  }

  axisOf(word) {
    const { low, high, scale } = DATA.spans[word];
    return { from: low, to: high, xlog: scale !== "linear" };
  }

  // Changes of what is on the page, not of numbers alone.
  change(part) {
    Object.assign(this.state, part);
    this.rebuild();
  }

  choose(part) {
    Object.assign(this.state.choices, part);
    this.rebuild();
  }

  toggle(name, isOn) {
    const others = this.state.chosen.filter((other) => other !== name);
    this.change({ chosen: isOn ? [...others, name].slice(0, MOST_CHOSEN) : others });
  }

  reset() {
    this.state = initialState();
    this.rebuild();
  }

  rebuild() {
    const { state } = this;
    const axis = axisWords(state);
    if (axis.length && !axis.includes(state.x)) {
      const x = axis.includes("generation") ? "generation" : axis[0];
      Object.assign(state, { x, ...this.axisOf(x) });
    }
    this.axis.select.replaceChildren(...axis.map((word) => make("option", { value: word }, word)));
    this.axis.select.value = state.x;
    this.fromField.value = shown(state.from);
    this.toField.value = shown(state.to);
    this.xlog.box.checked = state.xlog;
    this.ylog.box.checked = state.ylog;
    this.measured.box.checked = state.measured;
    this.picker.set(state.chosen);
    this.summary.textContent = `Choose bounds (${state.chosen.length} chosen, ${MOST_CHOSEN} at most)`;
    this.rebuildChoices();
    this.rebuildSliders();
    this.parts = new Map(
      chosenOf(state).map((bound, index) => [bound.name, card(bound, index, () => this.toggle(bound.name, false))]),
    );
    this.cards.replaceChildren(...[...this.parts.values()].map(({ element }) => element));
    this.update();
  }

  rebuildChoices() {
    const { choices } = this.state;
    const chosen = chosenOf(this.state);
    const needed = new Set(chosen.flatMap((bound) => cycleWordsOf(bound, choices)));
    const takesErrors = chosen.some((bound) => bound.takes.has("one_step_error") && !bound.loop);
    const found = [];
    const offer = (key, text, options) => {
      const { element, select: box } = select(`explorer-${key}`, text, options, (value) =>
        this.choose({ [key]: key === "loop" ? Number(value) : value }));
      box.value = String(choices[key]);
      found.push(element);
    };
    if (needed.size) offer("cycle", "Data cycle", [...cycles].map(([word, { name }]) => [word, name]));
    if (needed.size > needed.has("influence")) offer("sizes", "Training sizes", [["cycle", "those of the data cycle"], ["law", "n k^growth"]]);
    if (takesErrors) offer("errors", "One-step errors", [["cycle", "the rate C n_k^-gamma"], ["law", "a level times k^-decay"]]);
    if (chosen.some((bound) => bound.loop)) offer("loop", "Kernel-density loop", DATA.loops.map(({ title }, i) => [String(i), title]));
    this.choices.replaceChildren(...found);
  }

  sliderOf(word) {
    if (!this.sliders.has(word)) {
      const entry = words.get(word);
      const what = { id: `explorer-${word}`, name: word, meaning: entry.meaning, unit: entry.unit, span: DATA.spans[word], entry };
      this.sliders.set(word, slider(what, (value) => this.setNumber(word, value)));
    }
    return this.sliders.get(word);
  }

  decayOf(word) {
    const id = `${word}.decay`;
    if (!this.sliders.has(id)) {
      const entry = { ...DATA.decay.entry };
      const what = { id: `explorer-${word}-decay`, name: id, meaning: `power of 1/k in ${word}`, unit: "", span: DATA.decay.span, entry };
      this.sliders.set(id, slider(what, (value) => {
        this.state.choices.decays[word] = value;
        this.schedule();
      }));
    }
    return this.sliders.get(id);
  }

  rebuildSliders() {
    const laws = shownLaws(this.state);
    const found = shownWords(this.state).flatMap((word) => {
      const parts = DATA.shares.includes(word) ? [] : [this.sliderOf(word)];
      return laws.includes(word) ? [...parts, this.decayOf(word)] : parts;
    });
    this.sliderBox.replaceChildren(...found.map(({ element }) => element));
    this.setSliders();
  }

  setSliders() {
    for (const [id, { set }] of this.sliders) {
      const word = id.replace(/\.decay$/, "");
      set(id === word ? this.state.values[word] : this.state.choices.decays[word]);
    }
  }

  setNumber(word, value) {
    this.state.values[word] = value;
    this.schedule();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.update();
    });
  }

  update() {
    const { state } = this;
    this.readings = chosenOf(state).map((bound) => readingOf(bound, state));
    this.readings.forEach((reading) => say(this.parts.get(reading.name), bounds.get(reading.name), reading, state.values.target_error));
    this.plot = plotOf(state);
    this.drawChart();
    this.caption.textContent = this.plot.at ? `at ${this.plot.at}` : "";
    this.problem.textContent = this.chartProblem();
    this.tellMeasured();
    this.later("status", () => { this.status.textContent = this.spoken(); });
    this.later("link", () => this.remember());
  }

  chartProblem() {
    const { state, plot } = this;
    if (!state.chosen.length) return "No bound is chosen.";
    if (!(state.from < state.to)) return `from = ${shown(state.from)}: must be less than to = ${shown(state.to)}`;
    return plot.lost ? `${plot.lost} values at or below zero are not on a logarithmic axis.` : "";
  }

  tellMeasured() {
    const { text, nearest } = measuredNote(this.state, this.plot.measured);
    this.note.replaceChildren(this.state.measured ? text : "");
    if (this.state.measured && nearest) {
      this.note.append(" ", make("button", { type: "button", onclick: () => this.goTo(nearest) }, "Set the sliders to it"));
    }
  }

  goTo(curve) {
    Object.assign(this.state.values, curve.params);
    this.setSliders();
    this.update();
  }

  spoken() {
    return this.readings
      .map(({ name, value, problem, isVacuous: says }) => `${bounds.get(name).title}: ${problem || shortValue(value)}${says ? ", vacuous" : ""}`)
      .join("; ");
  }

  drawChart() {
    if (!this.plot) return;
    const width = Math.max(280, Math.floor(this.stage.clientWidth));
    this.size = { width, height: Math.round(Math.min(460, Math.max(300, width * 0.6))) };
    this.shownFrame = draw(this.svg, this.ticked(this.size), this.size);
  }

  ticked(size) {
    return { ...this.plot, xTicks: this.plot.xTicks(Math.max(3, Math.floor(size.width / 90))) };
  }

  follow(event) {
    const box = this.svg.getBoundingClientRect();
    const { left, right } = this.shownFrame;
    const part = Math.min(1, Math.max(0, (((event.clientX - box.left) * this.size.width) / box.width - left) / (right - left)));
    const [from, to] = this.plot.xEnds;
    const value = this.plot.xLog ? from * (to / from) ** part : from + part * (to - from);
    const word = this.state.x;
    const kept = words.get(word).integer ? Math.round(value) : Number(value.toPrecision(4));
    this.setNumber(word, kept);
    this.sliders.get(word)?.set(kept);
  }

  later(name, act) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(act, QUIET);
  }

  // The address follows the reader's changes; nothing is written before the first of them.
  remember() {
    const link = linkOf(this.state);
    if (this.link !== undefined && this.link !== link) {
      try {
        history.replaceState(null, "", link);
      } catch {
        // a page without an address of its own has no link to keep
      }
    }
    this.link = link;
  }

  restore() {
    if (!location.hash.startsWith(LINK_START) || location.hash === this.link) return false;
    const state = initialState();
    const ignored = followLink(location.hash, state);
    this.state = state;
    this.rebuild();
    this.told.textContent = ignored.length ? `Parts of the link were ignored: ${ignored.map((key) => key.slice(0, 40)).join(", ")}.` : "";
    return true;
  }

  async copyLink() {
    const address = location.href.replace(/#.*$/, "") + linkOf(this.state);
    try {
      await navigator.clipboard.writeText(address);
      this.told.textContent = "The link is copied.";
    } catch {
      location.hash = linkOf(this.state);
      this.told.textContent = "The address bar holds the link.";
    }
  }

  csv() {
    return csvOf(this.plot);
  }

  picture() {
    const svg = drawn("svg", { class: "picture" });
    const box = make("div", { class: "explorer offstage" }, svg);
    document.body.append(box);
    draw(svg, this.ticked(WIDE_PICTURE), WIDE_PICTURE, true);
    const text = pictureOf(svg);
    box.remove();
    return text;
  }
}

const root = document.getElementById("explorer");
root.querySelector(".explorer-needs").remove();
root.querySelector(".explorer-table").open = false;
const live = root.querySelector(".explorer-live");
live.hidden = false;
const explorer = new Explorer(live);

// For the console, and for tests: every bound takes given numbers and arrays.
window.explorer = Object.freeze({
  evaluate,
  names: () => [...formulas.keys()],
  peak: (name, params) => peakOf((lam) => evaluate(name, { ...params, lam })),
  solve: (name, params, target) => leastInteger((n) => evaluate(name, { ...params, n }), target),
  state: () => structuredClone(explorer.state),
  readings: () => structuredClone(explorer.readings),
  params: (name) => paramsOf(bounds.get(name), explorer.state.values, explorer.state.choices),
  drawn: () => explorer.plot.series.map(({ name, points }) => ({ name, points })),
  csv: () => explorer.csv(),
  picture: () => explorer.picture(),
  link: () => linkOf(explorer.state),
});
