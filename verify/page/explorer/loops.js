// Measured loops are chosen as bounds are: by model, target and data cycle, at most six.

const FACETS = [
  ["model", "Model"],
  ["target", "Target"],
  ["kindOfCycle", "Data cycle of the loop"],
];

class LoopPicker {
  constructor(onChange) {
    this.onChange = onChange;
    this.filters = Object.fromEntries(FACETS.map(([key]) => [key, ""]));
    this.loops = [];
    const facets = FACETS.map(([key, text]) => this.facet(key, text).element);
    this.rows = DATA.measured.map((curve, i) => this.row(curve, i));
    this.note = make("p", { class: "note", role: "status" });
    const list = make(
      "div",
      { class: "list", tabindex: "0", role: "group", "aria-label": "Measured loops" },
      ...this.rows.map(({ element }) => element),
    );
    this.summary = make("summary", {});
    const settings = make("div", { class: "choices" }, ...facets);
    this.element = make("details", { class: "loop-picker" }, this.summary, settings, this.note, list);
    this.element.hidden = DATA.measured.length === 0;
  }

  facet(key, text) {
    const found = [...new Set(DATA.measured.map((curve) => curve[key]))].sort();
    const options = [["", "any"], ...found.map((value) => [value, value])];
    return select(`explorer-loops-${key}`, text, options, (value) => {
      this.filters[key] = value;
      this.list();
    });
  }

  row(curve, i) {
    const { element, box } = checkbox(curve.label, (isOn) => {
      const others = this.loops.filter((other) => other !== i);
      this.onChange(isOn ? [...others, i].slice(0, MOST_MEASURED) : others);
    });
    return { element, box, curve };
  }

  list() {
    const wanted = ({ curve }) => FACETS.every(([key]) => ["", curve[key]].includes(this.filters[key]));
    for (const row of this.rows) row.element.hidden = !wanted(row);
    const found = this.rows.filter(wanted).length;
    this.note.textContent = `${found} of ${this.rows.length} loops; at most ${MOST_MEASURED} are drawn.`;
  }

  show({ loops }) {
    this.loops = loops;
    const how = loops.length ? `${loops.length} chosen` : "those of the chosen bounds";
    this.summary.textContent = `Choose measured loops (${how})`;
    this.rows.forEach(({ box }, i) => {
      box.checked = loops.includes(i);
      box.disabled = loops.length >= MOST_MEASURED && !box.checked;
    });
    this.list();
  }
}
