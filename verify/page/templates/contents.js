(() => {
"use strict";

/** The contents list says where the reader is: the last section that has begun above a third. */
const links = [...document.querySelectorAll(".contents a")];
const sections = links.map(link => document.getElementById(link.getAttribute("href").slice(1)));
let waiting = false;

function follow() {
  waiting = false;
  const line = innerHeight / 3;
  const begun = sections.map(section => section !== null && section.getBoundingClientRect().top <= line);
  const now = Math.max(0, begun.lastIndexOf(true));
  links.forEach((link, i) => {
    if (i === now) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  });
  const list = links[now]?.closest("ul");
  if (list && list.scrollWidth > list.clientWidth) {
    const { offsetLeft, offsetWidth } = links[now];
    list.scrollLeft = offsetLeft + offsetWidth / 2 - list.clientWidth / 2;
  }
}

function later() {
  if (!waiting) requestAnimationFrame(follow);
  waiting = true;
}

addEventListener("scroll", later, { passive: true });
addEventListener("resize", later);
if (links.length) follow();
})();
