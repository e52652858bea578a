// SPDX-License-Identifier: MIT
// Comfort only: the matrix can be filtered and sorted, details open for printing. The page is whole without it.
(() => {
  "use strict";
  const matrix = document.getElementById("matrix");
  const body = matrix.tBodies[0];
  const rows = [...body.rows];
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));
  if (rows.length < 2) return;

  [...matrix.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = "sort by " + head.textContent;
    head.replaceChildren(button);
    const key = (row) => {
      const cell = row.cells[column];
      const gain = cell.querySelector("b");
      return gain ? { none: 0, number: Number.parseFloat(gain.textContent), text: "" }
        : { none: 1, number: 0, text: cell.textContent };
    };
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of matrix.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const way = down ? -1 : 1;  // what has no number comes last both ways
      const sorted = rows.map((row) => ({ row, key: key(row) })).sort((a, b) => a.key.none - b.key.none ||
        way * (a.key.number - b.key.number || a.key.text.localeCompare(b.key.text, "en", { numeric: true })));
      body.append(...sorted.map((one) => one.row));
    });
  });

  if (rows.length < 6) return;
  const label = document.createElement("label");
  label.className = "filter comfort";
  label.textContent = "Show only hosts with";
  const input = document.createElement("input");
  input.type = "search";
  label.append(input);
  matrix.before(label);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    rows.forEach((row, i) => { row.hidden = !texts[i].includes(wanted); });
  });
})();
