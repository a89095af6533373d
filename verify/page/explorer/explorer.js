// The explorer: one state, drawn anew whenever the reader changes it.

const QUIET = 400;
const ROOMY = "(min-width: 60rem)";
const WIDE_PICTURE = { width: 760, height: 440 };

class Explorer {
  constructor(root) {
    this.state = stateOf(DATA.views[0]);
    this.timers = {};
    this.picker = picker((name, isOn) => this.toggle(name, isOn));
    this.loops = new LoopPicker((loops) => this.change({ loops }));
    this.toolbar = toolbar((part) => this.change(part));
    this.panel = new Panel(
      (key, value) => this.choose(key, value),
      (kind, word, value) => this.setNumber(kind, word, value),
    );
    this.build(root);
    addEventListener("hashchange", () => this.restore());
    new ResizeObserver(() => this.drawChart()).observe(this.stage);
    if (this.restore()) root.scrollIntoView();
    else this.rebuild();
    this.link = linkOf(this.state);
  }

  build(root) {
    this.summary = make("summary", {});
    const open = matchMedia(ROOMY).matches;
    const choose = make("details", { class: "choose", open }, this.summary, this.picker.element);
    this.cards = make("ol", { class: "cards" });
    this.status = make("p", { class: "unseen", role: "status" });
    const title = make("h3", {}, "At these parameters");
    const readings = make("div", { class: "readings" }, title, this.cards, this.status);
    root.append(this.views(), choose, this.loops.element, this.figure(), this.panel.element, readings);
  }

  figure() {
    this.svg = drawn("svg", {
      class: "picture",
      role: "img",
      "aria-labelledby": "explorer-picture-title",
      "aria-describedby": "explorer-picture-desc",
    });
    this.svg.addEventListener("pointerdown", (event) => this.follow(event));
    this.svg.addEventListener("pointermove", (event) => event.buttons === 1 && this.follow(event));
    this.stage = make("div", { class: "stage" }, this.svg);
    this.problem = make("p", { class: "problem" });
    this.caption = make("figcaption", { class: "quiet" });
    this.note = make("p", { class: "note" });
    this.told = make("p", { class: "told", role: "status" });
    const below = [this.problem, this.caption, this.note, this.buttons(), this.told];
    return make("figure", { class: "figure" }, this.toolbar.element, this.stage, ...below);
  }

  buttons() {
    const button = (text, onclick) => make("button", { type: "button", onclick }, text);
    return make(
      "div",
      { class: "buttons" },
      button("Copy link", () => this.copyLink()),
      button("Save data (CSV)", () => save("bounds.csv", "text/csv;charset=utf-8", this.csv())),
      button("Save picture (SVG)", () => save("bounds.svg", "image/svg+xml", this.picture())),
    );
  }

  // Changes of what is on the page, not of numbers alone.
  change(part) {
    Object.assign(this.state, part);
    this.rebuild();
  }

  // With another kernel-density loop, the other bounds come to speak of it too.
  choose(key, value) {
    this.state.choices[key] = key === "loop" ? Number(value) : value;
    if (key === "loop") Object.assign(this.state.values, DATA.loops[Number(value)].params);
    this.rebuild();
  }

  toggle(name, isOn) {
    const others = this.state.chosen.filter((other) => other !== name);
    this.change({ chosen: isOn ? [...others, name].slice(0, MOST_CHOSEN) : others });
  }

  // Where a reader may start; what was changed before is left behind.
  views() {
    const buttons = DATA.views.map((view) =>
      make("button", { type: "button", onclick: () => this.begin(view) }, view.title),
    );
    return make("div", { class: "views", role: "group", "aria-label": "Views" }, ...buttons);
  }

  begin(view) {
    this.state = stateOf(view);
    this.rebuild();
  }

  rebuild() {
    const { state } = this;
    settle(state);
    this.toolbar.show(state);
    this.picker.set(state.chosen);
    this.loops.show(state);
    this.summary.textContent = `Choose bounds (${state.chosen.length} chosen, ${MOST_CHOSEN} at most)`;
    this.panel.show(state);
    this.parts = new Map(chosenOf(state).map((bound, i) => [bound.name, this.cardOf(bound, i)]));
    this.cards.replaceChildren(...[...this.parts.values()].map(({ element }) => element));
    this.update();
  }

  cardOf(bound, index) {
    const { title, accuracy } = DATA.loops[this.state.choices.loop];
    const caveats = [
      bound.free ? "Its constant is free: yours to set." : "",
      bound.loop ? `Of ${title}; on this page's grid within ${shown(100 * accuracy)} %.` : "",
    ];
    return card(bound, index, caveats.join(" ").trim(), () => {
      this.toggle(bound.name, false);
      (this.cards.querySelector("button") ?? this.summary).focus();
    });
  }

  setNumber(kind, word, value) {
    const { values, choices } = this.state;
    (kind === "decays" ? choices.decays : values)[word] = value;
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
    for (const reading of this.readings) {
      const { name } = reading;
      say(this.parts.get(name), bounds.get(name), reading, state.values.target_error);
    }
    this.plot = plotOf(state, this.readings);
    this.drawChart();
    this.caption.textContent = this.plot.at ? `at ${this.plot.at}` : "";
    this.problem.textContent = this.chartProblem();
    this.tellMeasured();
    this.later("status", () => {
      this.status.textContent = this.spoken();
    });
    this.later("link", () => this.remember());
  }

  chartProblem() {
    const { state, plot } = this;
    if (!state.chosen.length) return "No bound is chosen.";
    if (!(state.from < state.to))
      return `from = ${shown(state.from)}: must be less than to = ${shown(state.to)}`;
    const cut = plot.series.map((series) => series.cut).find((problem) => problem !== "");
    if (cut) return `A curve is cut: ${cut}.`;
    return plot.lost ? `${plot.lost} values at or below zero are not on a logarithmic axis.` : "";
  }

  tellMeasured() {
    this.note.replaceChildren();
    if (!this.state.measured) return;
    const { text, nearest } = measuredNote(this.state, this.plot.measured);
    this.note.append(text);
    this.plot.measured.forEach(({ label, place }, i) =>
      this.note.append(make("br"), measuredSwatch(i, place), ` ${label}`),
    );
    if (nearest) {
      this.note.append(
        " ",
        make(
          "button",
          { type: "button", onclick: () => this.goTo(nearest) },
          "Set the sliders to it",
        ),
      );
    }
  }

  goTo(curve) {
    const { values, x } = this.state;
    Object.assign(values, curve.params);
    if (x !== "generation" && !curve.x.includes(values.generation))
      values.generation = curve.x.at(-1);
    this.panel.set(this.state);
    this.update();
  }

  spoken() {
    return this.readings
      .map(
        ({ name, value, problem, isVacuous: says }) =>
          `${bounds.get(name).title}: ${problem || shortValue(value)}${says ? ", vacuous" : ""}`,
      )
      .join("; ");
  }

  drawChart() {
    if (!this.plot) return;
    const width = Math.max(280, Math.floor(this.stage.clientWidth));
    const most = matchMedia(ROOMY).matches ? 460 : Math.max(240, innerHeight * 0.45);
    this.size = { width, height: Math.round(Math.min(most, Math.max(300, width * 0.6))) };
    this.shownFrame = draw(this.svg, this.ticked(this.size), this.size);
  }

  ticked(size) {
    return { ...this.plot, xTicks: this.plot.xTicks(Math.max(3, Math.floor(size.width / 90))) };
  }

  follow(event) {
    const box = this.svg.getBoundingClientRect();
    const { left, right } = this.shownFrame;
    const at = ((event.clientX - box.left) * this.size.width) / box.width;
    const part = Math.min(1, Math.max(0, (at - left) / (right - left)));
    const [from, to] = this.plot.xEnds;
    const value = this.plot.xLog ? from * (to / from) ** part : from + part * (to - from);
    const word = this.state.x;
    const kept = words.get(word).integer ? Math.round(value) : Number(value.toPrecision(4));
    this.setNumber("values", word, kept);
    this.panel.set(this.state);
  }

  later(name, act) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(act, QUIET);
  }

  // The address follows the reader's changes; nothing is written before the first of them.
  remember() {
    const link = linkOf(this.state);
    if (this.link !== link) {
      try {
        history.replaceState(null, "", link);
      } catch {
        // a page without an address of its own has no link to keep
      }
    }
    this.link = link;
  }

  restore() {
    if (!location.hash.startsWith(LINK_START)) return false;
    const state = stateOf(DATA.views[0]);
    const ignored = followLink(location.hash, state);
    this.state = state;
    this.rebuild();
    this.link = linkOf(state);
    this.told.textContent = ignored.length
      ? `Parts of the link were ignored: ${ignored.map((key) => key.slice(0, 40)).join(", ")}.`
      : "";
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
