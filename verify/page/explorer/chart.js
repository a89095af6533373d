// Curves as SVG: scales, ticks, lines with gaps, points with intervals.

const SVG = "http://www.w3.org/2000/svg";
const DASHES = ["", "8 4", "2 3", "10 3 2 3", "5 2", "12 4", "1 4", "8 3 2 3 2 3"];
const SHAPES = ["circle", "square", "triangle", "diamond", "wedge", "cross"];
const NAME_LETTER = 7.2;
const NAME_LINE = 15;
const MARGIN = { top: 30, right: 14, bottom: 44, left: 58 };
const LEGEND_LINE = 18;
const ROOM = 0.05;
const LARGEST = 1e300;
const SUPERSCRIPTS = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// 1, 2 or 5 times a power of ten apart.
function evenTicks(from, to, count) {
  const raw = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

function logTicks(from, to, count) {
  const decades = Math.log10(to / from);
  if (decades < 1) return evenTicks(from, to, count).filter((tick) => tick > 0);
  const factors = decades < 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / count));
  const ticks = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power += 1) {
    if (power % every === 0) ticks.push(...factors.map((factor) => Number(`${factor}e${power}`)));
  }
  return ticks.filter((tick) => tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9));
}

function shortNumber(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(4)));
  const [digits, exponent] = value.toExponential(2).split("e");
  const raised = [...String(Number(exponent))].map((character) => SUPERSCRIPTS[character]).join("");
  const factor = Number(digits);
  return factor === 1 ? `10${raised}` : `${factor}·10${raised}`;
}

function scaleOf(log, from, to, low, high) {
  const of = log ? Math.log : (value) => value;
  const [a, b] = [of(from), of(to)];
  return (value) => low + ((of(value) - a) / (b - a)) * (high - low);
}

// Ends that hold all values; on a logarithmic axis only positive ones are looked at.
function endsOf(values, log) {
  const seen = values.filter((value) => Math.abs(value) < LARGEST && (!log || value > 1 / LARGEST));
  if (!seen.length) return null;
  const low = seen.reduce((p, q) => Math.min(p, q));
  const high = seen.reduce((p, q) => Math.max(p, q));
  if (log) {
    const factor = low === high ? 2 : Math.exp(ROOM * (Math.log(high) - Math.log(low)));
    return [Math.max(low / factor, 1 / LARGEST), Math.min(high * factor, LARGEST)];
  }
  const base = low >= 0 ? 0 : low;
  const room = (high - base || Math.abs(high) || 1) * ROOM;
  return [low >= 0 ? 0 : low - room, high + room];
}

function pathOf(points, x, y) {
  let path = "";
  let open = false;
  for (const [px, py] of points) {
    const at = [x(px), y(py)];
    if (at.every(Number.isFinite))
      path += `${open ? "L" : "M"}${at.map((v) => v.toFixed(2)).join(" ")}`;
    open = at.every(Number.isFinite);
  }
  return path;
}

function marker(shape, cx, cy) {
  const r = 4;
  if (shape === "circle") return drawn("circle", { cx, cy, r, class: "marker" });
  const corners = {
    square: [
      [-r, -r],
      [r, -r],
      [r, r],
      [-r, r],
    ],
    triangle: [
      [0, -r - 1],
      [r, r - 1],
      [-r, r - 1],
    ],
    diamond: [
      [0, -r - 1],
      [r + 1, 0],
      [0, r + 1],
      [-r - 1, 0],
    ],
    wedge: [
      [0, r + 1],
      [-r, -r + 1],
      [r, -r + 1],
    ],
    cross: [
      ...[[-1.5, -r - 1], [1.5, -r - 1], [1.5, -1.5], [r + 1, -1.5], [r + 1, 1.5], [1.5, 1.5]],
      ...[[1.5, r + 1], [-1.5, r + 1], [-1.5, 1.5], [-r - 1, 1.5], [-r - 1, -1.5], [-1.5, -1.5]],
    ],
  }[shape];
  const points = corners.map(([dx, dy]) => `${cx + dx},${cy + dy}`).join(" ");
  return drawn("polygon", { points, class: "marker" });
}

function swatch(index) {
  const line = drawn("line", {
    x1: 1,
    x2: 29,
    y1: 7,
    y2: 7,
    class: "curve",
    "stroke-dasharray": DASHES[index],
  });
  return drawn(
    "svg",
    { width: 30, height: 14, class: `series s${index + 1}`, "aria-hidden": "true" },
    line,
  );
}

// The colour of the bound that speaks of the loop; that of text if none does.
const measuredClass = (place) => (place < 0 ? "measured" : `measured s${place + 1}`);

function measuredSwatch(index, place) {
  const point = marker(SHAPES[index % SHAPES.length], 15, 7);
  const look = { width: 30, height: 14, class: measuredClass(place), "aria-hidden": "true" };
  return drawn("svg", look, point);
}

// Symbols as formulas have them: italic, what follows "_" lowered.
function typeset(text) {
  const pieces = text.split(/([A-Za-zΑ-ω]+)_(\w+|\{[^{}]*\})/);
  return pieces.flatMap((piece, i) => {
    if (piece === "") return [];
    if (i % 3 === 1) return [drawn("tspan", { class: "symbol" }, piece)];
    if (i % 3 === 0) return [drawn("tspan", {}, piece)];
    const index = piece.replace(/[{}]/g, "");
    const lowered = drawn("tspan", { class: "index", dy: 3 }, index);
    return [lowered, drawn("tspan", { dy: -3 }, "\u200b")];
  });
}

function axes(frame, plot) {
  const { left, right, top, bottom } = frame;
  const group = drawn("g", { class: "axes" });
  for (const tick of plot.xTicks) {
    const at = frame.x(tick);
    group.append(drawn("line", { x1: at, x2: at, y1: top, y2: bottom, class: "grid" }));
    group.append(
      drawn("text", { x: at, y: bottom + 16, "text-anchor": "middle" }, shortNumber(tick)),
    );
  }
  for (const tick of plot.yTicks) {
    const at = frame.y(tick);
    group.append(drawn("line", { x1: left, x2: right, y1: at, y2: at, class: "grid" }));
    group.append(
      drawn("text", { x: left - 7, y: at + 4, "text-anchor": "end" }, shortNumber(tick)),
    );
  }
  group.append(drawn("path", { d: `M${left} ${top}V${bottom}H${right}`, class: "frame" }));
  const middle = { x: (left + right) / 2, y: bottom + 36, "text-anchor": "middle", class: "name" };
  const symbol = plot.xSymbol.includes("_")
    ? typeset(plot.xSymbol)
    : [drawn("tspan", { class: "symbol" }, plot.xSymbol)];
  group.append(drawn("text", middle, `${plot.xName} `, ...symbol));
  group.append(drawn("text", { x: left, y: top - 14, class: "name" }, ...typeset(plot.yName)));
  return group;
}

function vacuousBand(frame, plot) {
  const [low, high] = plot.yEnds;
  if (plot.ceiling === null || high <= plot.ceiling) return [];
  const edge = frame.y(Math.max(plot.ceiling, low));
  const box = {
    x: frame.left,
    y: frame.top,
    width: frame.right - frame.left,
    height: edge - frame.top,
  };
  const parts = [drawn("rect", { ...box, class: "vacuous" })];
  if (edge - frame.top > 18) {
    const words = "vacuous: at most 1 by definition";
    parts.push(
      drawn(
        "text",
        { x: frame.right - 6, y: edge - 6, "text-anchor": "end", class: "note" },
        words,
      ),
    );
  }
  return parts;
}

function measuredGroup(frame, curve, index) {
  const look = { class: measuredClass(curve.place), tabindex: 0, role: "img" };
  const group = drawn("g", { ...look, "aria-label": `measured: ${curve.label}` });
  group.append(drawn("title", {}, curve.label));
  for (const { x, mean, low, high } of curve.points) {
    const at = [frame.x(x), frame.y(mean)];
    if (!at.every(Number.isFinite)) continue;
    const ends = low === null || high === null ? [NaN] : [low, high].map(frame.y);
    if (ends.every(Number.isFinite))
      group.append(drawn("line", { x1: at[0], x2: at[0], y1: ends[0], y2: ends[1] }));
    group.append(marker(SHAPES[index % SHAPES.length], ...at));
  }
  group.append(loopName(frame, curve.label));
  return group;
}

// The name in as many lines as the picture's width asks for.
function loopName(frame, label) {
  const most = Math.max(8, Math.floor((frame.right - frame.left - 12) / NAME_LETTER));
  const lines = [];
  for (const word of label.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const x = frame.right - 6;
  const parts = lines.map((line, i) => drawn("tspan", { x, dy: i ? NAME_LINE : 0 }, line));
  const look = { y: frame.top + 14, "text-anchor": "end", class: "loop-name" };
  return drawn("text", look, ...parts);
}

function legendOf(plot, frame, y) {
  const entries = [
    ...plot.series.map(({ title, index }) => [title, swatch(index)]),
    ...plot.measured.map(({ label, place }, i) => [`measured: ${label}`, measuredSwatch(i, place)]),
  ];
  return entries.flatMap(([text, sample], i) => {
    sample.setAttribute("x", frame.left);
    sample.setAttribute("y", y + i * LEGEND_LINE - 11);
    return [sample, drawn("text", { x: frame.left + 38, y: y + i * LEGEND_LINE }, text)];
  });
}

function seriesGroup(frame, { index, points, top, now }, here) {
  const group = drawn("g", { class: `series s${index + 1}` });
  const path = {
    d: pathOf(points, frame.x, frame.y),
    class: "curve",
    "stroke-dasharray": DASHES[index],
  };
  group.append(drawn("path", path));
  const [cx, cy] = [frame.x(here), frame.y(now)];
  if ([cx, cy].every(Number.isFinite))
    group.append(drawn("circle", { cx, cy, r: 4.5, class: "now" }));
  const [x, y] = top === null ? [NaN, NaN] : [frame.x(top[0]), frame.y(top[1])];
  if (x >= frame.left && x <= frame.right && Number.isFinite(y)) {
    group.append(drawn("path", { d: `M${x} ${y - 7}V${y + 7}`, class: "top" }));
    group.append(drawn("text", { x: x + 4, y: y - 6, class: "top" }, "λ*"));
  }
  return group;
}

// Empties `svg` and draws; `plot` is what `plotOf` returns, `size` the width and height in pixels.
function draw(svg, plot, size, withLegend = false) {
  const entries = withLegend ? plot.series.length + plot.measured.length : 0;
  const height = size.height + entries * LEGEND_LINE + (entries ? 16 : 0);
  svg.setAttribute("viewBox", `0 0 ${size.width} ${height}`);
  svg.setAttribute("width", size.width);
  svg.setAttribute("height", height);
  const frame = {
    left: MARGIN.left,
    top: MARGIN.top,
    right: size.width - MARGIN.right,
    bottom: size.height - MARGIN.bottom,
  };
  frame.x = scaleOf(plot.xLog, ...plot.xEnds, frame.left, frame.right);
  frame.y = scaleOf(plot.yLog, ...plot.yEnds, frame.bottom, frame.top);
  const clip = drawn("clipPath", { id: "explorer-clip" });
  const { left, top } = frame;
  clip.append(
    drawn("rect", {
      x: left - 5,
      y: top - 1,
      width: frame.right - left + 10,
      height: frame.bottom - top + 2,
    }),
  );
  const curves = drawn("g", { "clip-path": "url(#explorer-clip)" });
  curves.append(...plot.series.map((series) => seriesGroup(frame, series, plot.now)));
  curves.append(...plot.measured.map((curve, i) => measuredGroup(frame, curve, i)));
  const here = frame.x(plot.now);
  const cursor = { x1: here, x2: here, y1: top, y2: frame.bottom, class: "cursor" };
  const inside =
    here >= frame.left - 0.5 && here <= frame.right + 0.5 ? [drawn("line", cursor)] : [];
  svg.replaceChildren(
    drawn("title", { id: "explorer-picture-title" }, plot.title),
    drawn("desc", { id: "explorer-picture-desc" }, plot.description),
    drawn("defs", {}, clip),
    drawn("rect", { width: size.width, height, class: "paper" }),
    ...vacuousBand(frame, plot),
    axes(frame, plot),
    ...inside,
    curves,
    ...(entries ? legendOf(plot, frame, size.height + 14) : []),
  );
  return frame;
}
