# SPDX-License-Identifier: MIT
"""Plans, normals and updates are the same bits for every compiler, optimisation and target."""
import pathlib
import platform
import shutil
import sys
import tempfile

import common

native = ["-march=native"] if platform.machine() == "x86_64" else []
builds = [["g++", "-O2"], ["g++", "-O0"], ["g++", "-O3", *native], ["g++", "-O2", "-static"], ["g++", "-O2", "-fopenmp"],
          ["clang++", "-O2"], ["clang++", "-O3", *native]]
builds = [b for b in builds if shutil.which(b[0])]
if len(builds) < 2:
    common.skip("one compiler only, and it is not g++")
said = {}
with tempfile.TemporaryDirectory() as folder:
    program = pathlib.Path(folder) / "bits"
    for build in builds:
        common.build(build, "tests/checks/bits.cpp", program)
        for threads in ("1", "3") if "-fopenmp" in build else ("",):
            name = " ".join([*build, *([threads, "threads"] if threads else [])])
            said[name] = common.run([program], env={"OMP_NUM_THREADS": threads or "1"}).stdout.splitlines()
first = next(iter(said))
problems = [f"{build} differs from {first}: {line}" for build, lines in said.items()
            for line in sorted(set(lines) ^ set(said[first]))]
problems += [f"{first} said {len(said[first])} lines, too few"] if len(said[first]) < 200 else []
common.finish(problems, "Write products that meet an addition as std::fma, or one operation a statement.")
