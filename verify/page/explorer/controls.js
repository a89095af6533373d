// Elements of the page, made from text that is never read as markup.

const POSITIONS = 200;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const shown = (value) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);

function valueOf(span, position, isInteger) {
  const part = position / POSITIONS;
  if (span.scale === "linear")
    return Number((span.low + part * (span.high - span.low)).toPrecision(3));
  if (span.scale === "zero-log" && position === 0) return 0;
  const value = span.low * (span.high / span.low) ** part;
  return isInteger ? Math.round(Number(value.toPrecision(3))) : Number(value.toPrecision(3));
}

function positionOf(span, value) {
  const part =
    span.scale === "linear"
      ? (value - span.low) / (span.high - span.low)
      : Math.log(value / span.low) / Math.log(span.high / span.low);
  return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) * POSITIONS : 0;
}

// A slider with a number field; `entry` tells its range in words, `onChange` gets the number.
function slider({ id, name, meaning, unit, span, entry }, onChange) {
  const steps = span.scale === "linear" && entry.integer;
  const limits = steps
    ? { min: span.low, max: span.high, step: 1 }
    : { min: 0, max: POSITIONS, step: 1 };
  const number = make("input", {
    type: "number",
    id,
    step: "any",
    inputmode: "decimal",
    autocomplete: "off",
    "aria-describedby": `${id}-problem`,
  });
  const range = make("input", { type: "range", ...limits, "aria-label": `${meaning}, slider` });
  const problem = make("p", { class: "problem", id: `${id}-problem` });
  const label = make(
    "label",
    { for: id },
    make("code", {}, name),
    ` ${meaning}`,
    unit ? ` (${unit})` : "",
  );
  const set = (value, from) => {
    if (from !== number) number.value = shown(value);
    if (from !== range) range.value = steps ? value : positionOf(span, value);
    range.setAttribute("aria-valuetext", `${shown(value)} ${unit}`.trim());
    const isFine = isInRange(entry, value);
    number.setAttribute("aria-invalid", String(!isFine));
    problem.textContent = isFine
      ? ""
      : `${name} = ${number.value || "nothing"}: must be ${entry.allowed}`;
  };
  const changed = (value, from) => {
    set(value, from);
    onChange(value);
  };
  range.addEventListener("input", () => {
    const position = Number(range.value);
    changed(steps ? position : valueOf(span, position, entry.integer), range);
  });
  number.addEventListener("input", () => {
    changed(number.value === "" ? NaN : Number(number.value), number);
  });
  return { element: make("div", { class: "slider" }, label, number, range, problem), set };
}

function select(id, text, options, onChange) {
  const element = make("select", { id });
  for (const [value, title] of options) element.append(make("option", { value }, title));
  element.addEventListener("change", () => onChange(element.value));
  return {
    element: make("div", { class: "choice" }, make("label", { for: id }, text), element),
    select: element,
  };
}

function checkbox(text, onChange) {
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => onChange(box.checked));
  return { element: make("label", { class: "toggle" }, box, make("span", {}, text)), box };
}

// The searchable list of bounds, in groups; a bound that cannot be drawn says why.
function picker(onToggle) {
  const search = make("input", {
    type: "search",
    id: "explorer-search",
    placeholder: "title, name, group",
  });
  const count = make("span", { class: "count", role: "status" });
  const boxes = new Map();
  const groups = new Map();
  for (const bound of bounds.values()) {
    const { element, box } = checkbox(bound.title, (isOn) => onToggle(bound.name, isOn));
    const about = bound.reason || bound.side.split(" ")[0];
    element.append(make("small", bound.reason ? { class: "reason" } : {}, about));
    element.title = bound.name;
    box.disabled = bound.reason !== "";
    boxes.set(bound.name, {
      box,
      element,
      text: `${bound.title} ${bound.name} ${bound.group} ${bound.side}`.toLowerCase(),
    });
    if (!groups.has(bound.group))
      groups.set(bound.group, make("fieldset", {}, make("legend", {}, bound.group)));
    groups.get(bound.group).append(element);
  }
  const filter = () => {
    const parts = search.value.toLowerCase().split(/\s+/);
    let found = 0;
    for (const { element, text } of boxes.values()) {
      element.hidden = !parts.every((part) => text.includes(part));
      found += element.hidden ? 0 : 1;
    }
    for (const group of groups.values()) group.hidden = !group.querySelector("label:not([hidden])");
    count.textContent = search.value ? `${found} found` : "";
  };
  search.addEventListener("input", filter);
  const list = make(
    "div",
    { class: "list", tabindex: "0", role: "group", "aria-label": "Bounds" },
    ...groups.values(),
  );
  const head = make(
    "div",
    { class: "search" },
    make("label", { for: "explorer-search" }, "Search the bounds"),
    search,
    count,
  );
  const set = (chosen) => {
    for (const [name, { box }] of boxes) {
      box.checked = chosen.includes(name);
      box.disabled =
        bounds.get(name).reason !== "" || (chosen.length >= MOST_CHOSEN && !box.checked);
    }
  };
  return { element: make("div", { class: "picker" }, head, list), set };
}
