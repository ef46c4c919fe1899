# SPDX-License-Identifier: MIT
"""The live spiral in Chromium, without a window and without a network: check.py CHROMIUM NATIVE SITE [PICTURES]

The module gives the points of the same program compiled for this machine, to the bit: the library's numbers are the same
everywhere, and the denoiser's, which take exp and log from each C library, are rounded from double to float.
A page draws; each of its settings changes what is drawn, by the keyboard too; nothing is said on the console; the picture
is there where scripts are off. With PICTURES, what was seen is kept in that folder.
"""

import base64
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

chromium, native, site = sys.argv[1:4]
pictures = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
site = pathlib.Path(site).resolve()


def too_late(*_):
    sys.exit(f"FAILS nothing came for two minutes; the console: {browser.complaints()}")


signal.signal(signal.SIGALRM, too_late)


class Browser:
    """Chromium, spoken to in its protocol for developers: JSON with a zero after each message, through two pipes."""

    def __init__(self, folder):
        self.last, self.events, self.session = 0, [], None
        pipes = [*os.pipe(), *os.pipe()]
        read, self.commands, self.answers, write = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 5) for end in pipes]
        arguments = [chromium, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={folder}", "--disable-gpu", "--no-first-run",
                     "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                     "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1100,1400"]
        if os.getuid() == 0:
            arguments.append("--no-sandbox")  # it has none for root
        self.process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL, pass_fds=(3, 4),
                                        preexec_fn=lambda: (os.dup2(read, 3), os.dup2(write, 4)))  # where it reads and writes
        for end in (*pipes, read, write):
            os.close(end)
        self.rest = b""
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self.session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self(f"{domain}.enable")

    def receive(self):
        while b"\0" not in self.rest:
            more = os.read(self.answers, 1 << 20)
            if not more:
                sys.exit("Chromium has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(message)
        if "id" not in message:
            self.events.append(message)
        return message

    def __call__(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while (answer := self.receive()).get("id") != self.last:
            pass
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, page):
        self.events.clear()
        self("Page.navigate", url=(site / page).as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.receive()

    def run(self, script):
        signal.alarm(120)
        answer = self("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{script}:\n{answer['exceptionDetails']}")
        return answer["result"].get("value")

    def complaints(self):
        return [event["params"] for event in self.events
                if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")]

    def keep(self, name):
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / name).write_bytes(base64.b64decode(self("Page.captureScreenshot")["data"]))

    def end(self):
        self.process.kill()
        self.process.wait()


def require(holds, what):
    print(("ok    " if holds else "FAILS ") + what)
    if not holds:
        sys.exit(1)


# sampler, steps, noise, scale, class, seed: every sampler with and without noise and guidance
settings = [(0, 32, 1, 0, 0, 42), (0, 1, 0, 1, 1, 1), (3, 64, 0, 0, 0, 42), (1, 16, 0, 4, 2, 7), (1, 9, 0.5, 8, 0, 8),
            (2, 16, 0, 2.5, 1, 3), (2, 64, 1, 8, 1, 4294967295)]

in_module = """(async () => {
  const packed = Uint8Array.from(atob(fokkerSpiral), (c) => c.charCodeAt(0));
  const bytes = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const module = (await WebAssembly.instantiate(bytes)).instance.exports;
  module._initialize();
  return SETTINGS.map((setting) => {
    module.begin(...setting);
    let lines = "";
    for (let more = 1; more;) {
      more = module.advance();
      for (const bits of new Uint32Array(module.memory.buffer, module.points(), 2 * module.sample_count()))
        lines += bits.toString(16).padStart(8, "0");
      lines += "\\n";
    }
    return lines;
  });
})()"""

ended = """new Promise((resolve) => {
  document.querySelector(".live").scrollIntoView();  // a run begins when it can be seen
  const look = () => / spread /.test(document.querySelector(".live .said")?.textContent) ? resolve() : setTimeout(look, 20);
  look();
})"""
picture = 'document.querySelector(".live canvas").toDataURL()'
drawn = '''(() => {
  const canvas = document.querySelector(".live canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;  // that are not transparent
})()'''
said = 'document.querySelector(".live .said").textContent'
control = 'document.querySelectorAll(".live .controls input, .live .controls select, .live .controls button")[{}]'


def check_page(browser, page, shot):
    browser.open(page)
    browser.run(ended)
    seen = {browser.run(picture)}
    require(browser.run(drawn) > 5000, f"{page} draws: {browser.run(said)}")
    browser.keep(f"{shot}.png")
    for index in range(7):  # the sampler, steps, noise, guidance, class, arrows, other noise
        kind = browser.run(control.format(index) + ".type")
        label = browser.run(control.format(index) + '.closest("label")?.querySelector("span").textContent') or "Other noise"
        browser.run(control.format(index) + ".focus()")
        require(browser.run("document.activeElement === " + control.format(index)), f"  {label} can be reached")
        at_its_first = browser.run(f"(({{selectedIndex, value, min}}) => selectedIndex === 0 || value === min)({control.format(index)})")
        key, code = {"checkbox": (" ", 32), "button": (" ", 32),
                     "range": ("ArrowRight", 39) if at_its_first else ("ArrowLeft", 37),
                     "select-one": ("ArrowDown", 40) if at_its_first else ("ArrowUp", 38)}[kind]
        for phase in ("keyDown", "keyUp"):
            browser("Input.dispatchKeyEvent", type=phase, key=key, code=key if code != 32 else "Space", windowsVirtualKeyCode=code,
                    **({"text": " "} if code == 32 and phase == "keyDown" else {}))
        browser.run(ended)
        now = browser.run(picture)
        require(now not in seen, f"  it changes the picture, by the keyboard: {browser.run(said)}")
        seen.add(now)
    browser.keep(f"{shot}_changed.png")
    require(not browser.complaints(), f"  the console is empty {browser.complaints() or ''}")


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
    browser = Browser(folder)
    try:
        still = [{"name": "prefers-reduced-motion", "value": "reduce"}, {"name": "prefers-color-scheme", "value": "light"}]
        browser("Emulation.setEmulatedMedia", features=still)
        pages = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html")) if '<div class="live"' in path.read_text(encoding="utf-8")]
        require("index.html" in pages, f"pages with a live spiral: {', '.join(pages)}")
        for page in pages:
            check_page(browser, page, page.replace("/", "_").removesuffix(".html"))
        points = browser.run(in_module.replace("SETTINGS", json.dumps(settings)))
        for setting, of_module in zip(settings, points):
            of_native = subprocess.run([native, *map(str, setting)], capture_output=True, text=True, check=True).stdout
            require(of_module == of_native and of_native, f"the bits of {sum(map(len, of_native.split())) // 8} numbers are those of this machine: {setting}")

        moving = [{"name": "prefers-color-scheme", "value": "dark"}]
        browser("Emulation.setEmulatedMedia", features=moving)
        browser.open("index.html")
        browser.run(ended)
        browser.keep("dark.png")
        require(not browser.complaints(), "in motion and in the dark it comes to its end")

        browser("Emulation.setScriptExecutionDisabled", value=True)
        browser.open("index.html")
        require(browser.run("document.querySelectorAll('.live canvas').length === 0 && document.querySelector('.live img').naturalWidth > 0"),
                "where scripts are off there is the picture")
        browser.keep("without_scripts.png")
    finally:
        browser.end()
