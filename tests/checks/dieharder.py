# SPDX-License-Identifier: MIT
"""The words behind the normals pass dieharder's tests of good reliability: those of diehard but the slow GCD test, STS's,
and DAB's. The stream is fixed, and so is what they say of it.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import common

tests = [0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 100, 101, 102, 205, 206, 207, 208, 209]

if not shutil.which("dieharder"):
    common.skip("no dieharder on PATH")
problems = []
with tempfile.TemporaryDirectory() as folder:
    program = common.build([sys.argv[1], "-O2"], "tests/checks/raw_stream.cpp", pathlib.Path(folder) / "raw_stream")
    for test in tests:
        stream = subprocess.Popen([program], stdout=subprocess.PIPE)
        said = subprocess.run(["dieharder", "-g", "200", "-d", str(test)], stdin=stream.stdout, text=True, capture_output=True)
        stream.kill()
        results = [line for line in said.stdout.splitlines() if re.search(r"\|\s*(PASSED|WEAK|FAILED)\s*$", line)]
        print("\n".join(results))
        problems += [line for line in results if "FAILED" in line]
        problems += [f"test {test} said nothing: {said.stderr}"] if not results else []
common.finish(problems, "The generator is no longer Philox4x32-10, or the order of its counters has changed.")
