// SPDX-License-Identifier: MIT
// Sphinx leaves formulas as text in elements of the class "math"; they are typeset here.
document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll(".math")) {
    const displayMode = element.tagName === "DIV";
    katex.render(element.textContent, element, {displayMode, throwOnError: false});
    const next = element.nextSibling, last = [...element.querySelectorAll(".base")].pop();
    const mark = next?.nodeType === Node.TEXT_NODE && last ? next.data.match(/^[.,;:!?)]*/)[0] : "";
    if (mark) {  // a full stop stays on the line of its formula
      const together = document.createElement("span"), stop = document.createElement("span");
      together.className = "together";
      stop.textContent = mark;
      next.data = next.data.slice(mark.length);
      last.replaceWith(together);
      together.append(last, stop);
    }
  }
});
