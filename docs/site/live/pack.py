# SPDX-License-Identifier: MIT
"""A WebAssembly module as text in a script, which a page may load from a folder too: pack.py MODULE SCRIPT"""

import base64
import gzip
import pathlib
import sys

module, script = map(pathlib.Path, sys.argv[1:])
packed = base64.b64encode(gzip.compress(module.read_bytes(), mtime=0)).decode()
script.parent.mkdir(parents=True, exist_ok=True)
script.write_text(f'globalThis.fokkerSpiral = "{packed}";\n', encoding="utf-8")
