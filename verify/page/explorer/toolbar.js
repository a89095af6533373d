// Above the picture: which word runs along it, from where to where, and on which scales.

function toolbar(onChange) {
  const axis = select("explorer-x", "along", [], (word) => onChange(axisOf(word)));
  const ends = ["from", "to"].map((key) => {
    const input = make("input", { type: "number", step: "any", id: `explorer-${key}` });
    input.addEventListener("change", () =>
      onChange({ [key]: input.value === "" ? NaN : Number(input.value) }),
    );
    const label = make("label", { for: `explorer-${key}` }, key);
    return { key, input, element: make("span", { class: "end" }, label, input) };
  });
  const toggles = [
    ["xlog", "logarithmic x"],
    ["ylog", "logarithmic y"],
    ["measured", "measured points"],
  ].map(([key, text]) => ({ key, ...checkbox(text, (isOn) => onChange({ [key]: isOn })) }));
  const elements = [axis, ...ends, ...toggles].map(({ element }) => element);
  const show = (state) => {
    const options = axisWords(state).map((word) => make("option", { value: word }, word));
    axis.select.replaceChildren(...options);
    axis.select.value = state.x;
    for (const { key, input } of ends) {
      input.value = Number.isFinite(state[key]) ? shown(state[key]) : "";
    }
    for (const { key, box } of toggles) box.checked = state[key];
  };
  return { element: make("div", { class: "toolbar" }, ...elements), show };
}
