(() => {
"use strict";
const graph = document.querySelector(".graph svg");
if (!graph) return;
const told = document.getElementById("dependencies-told");
const unchosen = told.textContent;
const nodes = new Map([...graph.querySelectorAll(".node")].map(n => [n.id.slice("graph-".length), n]));
const nameOf = element => element.closest(".node")?.id.slice("graph-".length) ?? "";
let pointed = "";
let focused = "";

/** The entry and all that it rests on, each once. */
function ancestors(name, found = new Set()) {
  if (found.has(name) || !nodes.has(name)) return found;
  found.add(name);
  nodes.get(name).dataset.below.split(" ").forEach(below => ancestors(below, found));
  return found;
}

/** The entry that the address names, by its card, its proof or its node. */
function addressed() {
  return /^#(?:bound|proof|graph)-(.+)$/.exec(location.hash)?.[1] ?? "";
}

function light() {
  const selected = addressed();
  const name = pointed || focused || selected;
  const lit = ancestors(name);
  graph.classList.toggle("choosing", lit.size > 0);
  nodes.forEach((node, key) => {
    node.classList.toggle("lit", lit.has(key));
    node.classList.toggle("chosen", key === name);
    node.toggleAttribute("aria-current", key === selected);
  });
  graph.querySelectorAll(".edge").forEach(e => e.classList.toggle("lit", lit.has(e.dataset.high)));
  told.textContent = lit.size ? sentence(name, [...lit].slice(1)) : unchosen;
}

function sentence(name, below) {
  return below.length ? `${name} rests on ${below.join(", ")}.` : `${name} rests on no other entry.`;
}

graph.addEventListener("pointerover", event => { pointed = nameOf(event.target); light(); });
graph.addEventListener("pointerleave", () => { pointed = ""; light(); });
graph.addEventListener("focusin", event => { focused = nameOf(event.target); light(); });
graph.addEventListener("focusout", () => { focused = ""; light(); });
addEventListener("hashchange", light);
light();
})();
