// SPDX-License-Identifier: MIT
// Pointing at a line of a picture names the solver beside the pointer, and marks its lines in every panel.
document.addEventListener("DOMContentLoaded", () => {
  for (const picture of document.querySelectorAll(".drawn")) {
    const label = picture.appendChild(document.createElement("span"));
    const lines = [...picture.querySelectorAll(".named")].map((line) => {
      const title = line.querySelector("title");  // its own tooltip comes late; it is for readers without scripts
      title.remove();
      return {line, names: title.textContent.split(", ")};
    });
    const show = (event) => {
      const own = lines.find(({line}) => line.contains(event.target))?.names ?? [];
      for (const {line, names} of lines) line.classList.toggle("marked", names.some((name) => own.includes(name)));
      label.textContent = own.join(", ");
      label.style.left = Math.min(event.clientX + 12, innerWidth - label.offsetWidth - 8) + "px";
      label.style.top = event.clientY + 16 + "px";
    };
    for (const what of ["pointermove", "pointerdown", "pointerleave"]) picture.addEventListener(what, show);
  }
});
