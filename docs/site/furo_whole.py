# SPDX-License-Identifier: MIT
"""Debian builds furo without its bundler: its script is left in two parts that a browser does not join in pages read from
a file, its style imports a sheet from a path of Debian's web servers, and it lacks the dark colours of who asks for them by
the system's settings. All of it is mended here."""

import pathlib
import re


def mend(app, error):
    if error or app.builder.format != "html":
        return
    static = pathlib.Path(app.outdir) / "_static"
    script = static / "scripts" / "furo.js"
    text = script.read_text(encoding="utf-8")
    if text.startswith("import Gumshoe"):
        library = (static / "scripts" / "gumshoe-patched.js").read_text(encoding="utf-8")
        script.write_text(library + text.partition("\n")[2], encoding="utf-8")
    style = static / "styles" / "furo.css"
    text = re.sub(r"@import url\((/[^)]*)\);", lambda found: pathlib.Path(f"/usr/share{found[1]}").read_text(encoding="utf-8"),
                  style.read_text(encoding="utf-8"))
    if "prefers-color-scheme" not in text:
        dark = re.search(r'body\[data-theme="dark"\] \{([^}]*)\}', text)[1]
        text += "@media (prefers-color-scheme: dark) { body:not([data-theme=\"light\"]) {" + dark + "} }\n"
    style.write_text(text, encoding="utf-8")


def setup(app):
    app.connect("build-finished", mend)
    return {"parallel_read_safe": True}
