// What is drawn, as CSV and as a picture that stands alone.

// All of them are attributes of SVG too, which no policy on styles forbids.
const LOOKS = [
  "color",
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-linejoin",
  "stroke-dasharray",
  "font-family",
  "font-size",
  "font-weight",
];

function quoted(text) {
  const plain = String(text);
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function csvOf(plot) {
  const rows = [["series", "kind", plot.xWord, "value", "low", "high", "at"]];
  for (const { name, points } of plot.series) {
    for (const [x, y] of points)
      rows.push([name, "bound", x, Number.isFinite(y) ? y : "", "", "", plot.at]);
  }
  for (const { label, points } of plot.measured) {
    for (const { x, mean, low, high } of points) {
      rows.push([label, "measured", x, mean, low ?? "", high ?? "", plot.at]);
    }
  }
  return `${rows.map((row) => row.map(quoted).join(",")).join("\n")}\n`;
}

// A copy of the picture whose looks no longer depend on the page's style sheet.
function pictureOf(svg) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const looks = getComputedStyle(originals[i]);
    for (const name of LOOKS) element.setAttribute(name, looks.getPropertyValue(name));
    element.removeAttribute("class");
  });
  copy.setAttribute("xmlns", SVG);
  return new XMLSerializer().serializeToString(copy);
}

function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = make("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
