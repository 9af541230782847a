// Draws the rows as text (never as HTML), marks the chosen one and tells a choice by mouse, Enter or space.
export default function ({ data, parentElement, setTriggerValue }) {
  const region = parentElement.querySelector(".rows");
  const head = region.querySelector("thead");
  const body = region.querySelector("tbody");
  region.setAttribute("aria-label", data.label);

  const cell = (tag, text, numeric) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (numeric) made.className = "n";
    return made;
  };
  const headings = document.createElement("tr");
  data.headings.forEach((text, at) => headings.append(cell("th", text, data.numeric[at])));
  head.replaceChildren(headings);

  const lines = data.rows.map((row) => {
    const line = document.createElement("tr");
    line.dataset.key = row.key;
    line.tabIndex = 0;
    line.setAttribute("aria-selected", String(row.key === data.chosen));
    row.cells.forEach((word, at) => line.append(cell("td", data.words[word], data.numeric[at])));
    line.onclick = () => setTriggerValue("picked", row.key);
    line.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        setTriggerValue("picked", row.key);
      }
    };
    return line;
  });
  const focused = document.activeElement?.dataset?.key;
  body.replaceChildren(...lines);
  lines.find((line) => line.dataset.key === focused)?.focus({ preventScroll: true });

  const chosen = lines.find((line) => line.dataset.key === data.chosen);
  if (chosen && region.dataset.chosen !== data.chosen) {
    const top = chosen.offsetTop - region.clientHeight / 2;
    region.scrollTo({ top: Math.max(0, top) });
  }
  region.dataset.chosen = data.chosen;
}
