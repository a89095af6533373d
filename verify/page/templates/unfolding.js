(() => {
"use strict";

/** Open what an address names and whatever it is folded in, so that a link shows what it promises. */
function unfold(address) {
  const target = document.getElementById(address.slice(1));
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
  }
  return target;
}

document.addEventListener("click", event => {
  const address = event.target.closest("a")?.getAttribute("href");
  if (address?.startsWith("#")) unfold(address);
});
const arrive = () => unfold(location.hash)?.scrollIntoView();
addEventListener("hashchange", arrive);
if (location.hash) arrive();
})();
