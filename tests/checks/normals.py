# SPDX-License-Identifier: MIT
"""The errors of the radius and the direction for every word, and of normals for 10^8 pairs, are those documented."""
import pathlib
import sys
import tempfile

import common

with tempfile.TemporaryDirectory() as folder:
    program = common.build([sys.argv[1], "-O2"], "tests/checks/normals.cpp", pathlib.Path(folder) / "normals")
    said = common.run([program])
print(said.stdout)
common.finish([said.stdout] if said.returncode else [], "noise/box_muller.hpp has lost accuracy.")
