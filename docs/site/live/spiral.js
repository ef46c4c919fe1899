// SPDX-License-Identifier: MIT
// Where a page has <div class="live"> around a picture, the picture becomes a canvas on which the library draws its
// samples, with what can be set below it. It stays a picture where scripts or WebAssembly are off.
(() => {
  const here = document.currentScript.src;
  const samplers = ["DDPM and DDIM", "Heun", "DPM-Solver++(2M)", "DDPM, its noise left out"];
  const classes = ["people", "dogs", "cats"], colours = ["#e4572e", "#12968a", "#5c4ac7"];
  const shown = 3.5;  // the canvas reaches from -shown to shown
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /** The module of spiral_module.js, which is loaded where it is needed alone; the bytes travel as text in a script,
      since pages opened from a folder may not fetch. */
  const load = async () => {
    await new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), {src: new URL("spiral_module.js", here), onload: resolve});
      script.onerror = () => reject(new Error("spiral_module.js cannot be loaded"));
      document.head.append(script);
    });
    const packed = Uint8Array.from(atob(globalThis.fokkerSpiral), (c) => c.charCodeAt(0));
    const bytes = new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    return WebAssembly.compile(await bytes);
  };

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const enliven = (place, module) => {
    const library = new WebAssembly.Instance(module).exports;
    library._initialize();
    const floats = (address, count) => new Float32Array(library.memory.buffer, address, count).slice();
    const samples = library.sample_count(), centres = floats(library.data(), 2 * library.centre_count());

    const controls = element("div", {className: "controls"}), inputs = {};
    const add = (name, label, input, show = () => "") => {
      const value = element("output", {}), update = () => value.textContent = show();
      inputs[name] = input;
      input.addEventListener("input", () => { update(); begin(); });
      controls.append(element("label", {}, element("span", {}, label, value), input));
      update();
    };
    const slider = (name, label, min, max, step) => {
      const input = element("input", {type: "range", min, max, step});
      input.value = place.dataset[name];
      add(name, label, input, () => ` ${input.value}`);
    };
    const menu = (name, label, names) => {
      const input = element("select", {}, ...names.map((text, value) => element("option", {value}, text)));
      input.value = place.dataset[name] ?? 0;
      add(name, label, input);
    };
    menu("sampler", "Sampler", samplers);
    slider("steps", "Steps", 1, 64, 1);
    slider("noise", "Noise", 0, 1, 0.05);
    slider("scale", "Guidance", 0, 8, 0.5);
    menu("wanted", "Guided to", classes);
    add("arrows", "Arrows", element("input", {type: "checkbox", checked: "arrows" in place.dataset}));
    const again = element("button", {type: "button"}, "Other noise"), said = element("p", {className: "said"});
    const canvas = element("canvas", {role: "img", ariaLabel: "Samples of the spiral, as they are set below"});
    controls.append(again);

    let seed = 42, calls = 0, done = 0, more = false, from, to, paths, field, since, timer = 0;
    const guided = () => +inputs.scale.value > 0;
    const look = () => {
      from = to ?? floats(library.points(), 2 * samples);
      to = floats(library.points(), 2 * samples);
      paths.push(to.slice(0, 2 * 8));
      field = inputs.arrows.checked ? floats(library.field(), 2 * library.arrow_count()) : null;
    };
    const say = () => {
      const [share, off, spread] = floats(library.measures(+inputs.wanted.value), 3);
      said.textContent = `Call ${done} of ${calls}. ` + (more ? "" : `Distance to the spiral ${off.toFixed(3)}, spread ${spread.toFixed(2)}, ` +
          `${(100 * share).toFixed(0)} % ${classes[inputs.wanted.value]}` + (guided() ? "." : ", though no class is asked for."));
    };
    const advance = () => {
      more = library.advance() !== 0;
      ++done;
      look();
    };

    const draw = (share) => {
      const size = canvas.clientWidth, scale = devicePixelRatio, c = canvas.getContext("2d");
      if (canvas.width !== Math.round(size * scale)) canvas.width = canvas.height = Math.round(size * scale);
      const unit = canvas.width / (2 * shown), foreground = getComputedStyle(canvas).color;
      c.setTransform(1, 0, 0, 1, 0, 0);
      c.clearRect(0, 0, canvas.width, canvas.height);
      c.setTransform(unit, 0, 0, -unit, canvas.width / 2, canvas.width / 2);
      const dot = (x, y, radius) => { c.moveTo(x + radius, y); c.arc(x, y, radius, 0, 7); };
      for (let k = 0; k < 3; ++k) {
        c.beginPath();
        for (let i = 0; i < centres.length; i += 2) if (Math.floor(3 * i / centres.length) === k) dot(centres[i], centres[i + 1], 0.045);
        c.fillStyle = colours[k];
        c.globalAlpha = guided() && k !== +inputs.wanted.value ? 0.2 : 0.6;
        c.fill();
      }
      c.strokeStyle = c.fillStyle = foreground;
      c.lineWidth = 0.012;
      if (field) {
        const places = floats(library.raster(), field.length);
        c.globalAlpha = 0.45;
        c.beginPath();
        for (let i = 0; i < field.length; i += 2) {
          const x = places[i], y = places[i + 1], length = Math.hypot(field[i], field[i + 1]);
          const along = 0.22 * Math.min(1, length / 2) / (length || 1), dx = along * field[i], dy = along * field[i + 1];
          c.moveTo(x, y);
          c.lineTo(x + dx, y + dy);
          c.lineTo(x + 0.7 * dx - 0.2 * dy, y + 0.7 * dy + 0.2 * dx);
          c.moveTo(x + dx, y + dy);
          c.lineTo(x + 0.7 * dx + 0.2 * dy, y + 0.7 * dy - 0.2 * dx);
        }
        c.stroke();
      }
      const at = (i) => from[i] + share * (to[i] - from[i]);
      c.globalAlpha = 0.45;
      c.beginPath();
      for (let i = 0; i < paths[0].length; i += 2) {
        c.moveTo(paths[0][i], paths[0][i + 1]);
        for (const path of paths.slice(1, -1)) c.lineTo(path[i], path[i + 1]);
        c.lineTo(at(i), at(i + 1));
      }
      c.stroke();
      c.globalAlpha = 0.85;
      c.beginPath();
      for (let i = 0; i < to.length; i += 2) dot(at(i), at(i + 1), 0.028);
      c.fill();
    };

    const frame = (time) => {
      since ??= time;
      const share = Math.min(1, (time - since) * calls / 3000);  // a run takes three seconds, or its calls' time
      draw(share);
      if (share === 1 && more) {
        advance();
        say();
        since = time;
      } else if (share === 1) {
        return;
      }
      timer = requestAnimationFrame(frame);
    };

    const begin = () => {
      cancelAnimationFrame(timer);
      const value = (name) => +inputs[name].value;
      inputs.noise.disabled = value("sampler") === samplers.length - 1;
      inputs.wanted.disabled = !guided();
      calls = library.begin(value("sampler"), value("steps"), value("noise"), value("scale"), value("wanted"), seed);
      done = 0, more = true, since = to = undefined, paths = [];
      look();
      if (still.matches) while (more) advance();
      say();
      if (still.matches) draw(1);
      else timer = requestAnimationFrame(frame);
    };

    again.addEventListener("click", () => { ++seed; begin(); });
    const caption = element("p", {className: "about"}, "The library itself, compiled to WebAssembly, draws these 400 points on this page. " +
        "Nothing was trained: the two denoisers are exact, of a spiral of 360 small normals in three classes. " +
        "Of the labels two in five are wrong, which guidance makes up for.");
    place.replaceChildren(canvas, said, controls, caption);
    const redraw = () => { if (!more) draw(1); };
    new ResizeObserver(redraw).observe(canvas);
    new MutationObserver(redraw).observe(document.body, {attributeFilter: ["data-theme"]});
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    begin();
  };

  document.addEventListener("DOMContentLoaded", async () => {
    const places = [...document.querySelectorAll("div.live")];
    if (places.length === 0 || !globalThis.WebAssembly || !globalThis.DecompressionStream) return;
    const module = await load();
    const seen = new IntersectionObserver((entries) => {  // a run begins when it can be seen
      for (const {target, isIntersecting} of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        enliven(target, module);
      }
    });
    for (const place of places) seen.observe(place);
  });
})();
