# SPDX-License-Identifier: MIT
"""The errors of the radius and the direction for every word, and of normals for 10^8 pairs, are those documented."""
import pathlib
import sys
import tempfile

import common

with tempfile.TemporaryDirectory() as folder:
    program = pathlib.Path(folder) / "normals"
    made = common.run([sys.argv[1], "-std=c++20", "-O2", f"-I{common.include}", common.root / "tests/checks/normals.cpp", "-o", program])
    if made.returncode:
        common.finish([made.stderr], "tests/checks/normals.cpp must compile.")
    said = common.run([program])
print(said.stdout)
common.finish([said.stdout] if said.returncode else [], "noise/box_muller.hpp has lost accuracy.")
