// SPDX-License-Identifier: MIT
// Sphinx leaves formulas as text in elements of the class "math"; they are typeset here.
document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll(".math")) {
    const displayMode = element.tagName === "DIV";
    katex.render(element.textContent, element, {displayMode, throwOnError: false});
  }
});
