# SPDX-License-Identifier: MIT
"""Plans, normals and updates are the same bits for every compiler, optimisation and target.

With names of processors, there by qemu-user and here: a third of the plans, for that is many times slower.
"""
import pathlib
import platform
import re
import shutil
import sys
import tempfile

import common

native = ["-march=native"] if platform.machine() == "x86_64" else []
everywhere = {
    "tests/checks/bits.cpp": [
        ["g++", "-O0"], ["g++", "-O2", "-static", "-fopenmp"], ["g++", "-O3", *native],
        ["clang++", "-O2"], ["clang++", "-O3", *native]],
    "tests/checks/plan_bits.cpp": [
        ["g++", "-O1"], ["g++", "-O3", *native], ["clang++", "-O0"], ["clang++", "-O2", *native]],
}
least = {"tests/checks/bits.cpp": 15, "tests/checks/plan_bits.cpp": 50000}  # lines, so that no list has become empty
every_nth = 1
emulators = {}
for processor in sys.argv[1:]:
    there, emulator = f"{processor}-linux-gnu-g++", f"qemu-{processor}"
    if not shutil.which(there) or not shutil.which(emulator):
        common.skip(f"no {there}, or no {emulator}")
    if " fma " not in pathlib.Path("/proc/cpuinfo").read_text():
        common.skip("without fused multiply-add the math library of this processor has other last digits")
    emulators[there] = [emulator, "-L", f"/usr/{processor}-linux-gnu"]
if emulators:
    every_nth = 3
    everywhere = {source: [["g++", "-O0"], *([there, "-O2"] for there in emulators)] for source in everywhere}


def places_of_contraction(source):
    """Where clang may make one operation of a product and a sum: it says so before it knows the processor."""
    if not shutil.which("clang++"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        text = common.build(["clang++", "-g1", "-S", "-emit-llvm"], source, pathlib.Path(folder) / "bits.ll").read_text()
    entry = {number: line for number, line in re.findall(r"^!(\d+) = (.*)$", text, re.M)}
    found = set()
    for location in re.findall(r"call .*@llvm\.fmuladd.*!dbg !(\d+)", text):
        line, scope = re.search(r"line: (\d+).*scope: !(\d+)", entry[location]).groups()
        file = re.search(r"file: !(\d+)", entry[scope]).group(1)
        found.add(re.search(r'filename: "([^"]*)"', entry[file]).group(1) + ":" + line)
    return sorted(found)


problems = []
for source, builds in everywhere.items():
    said = {}
    builds = [b for b in builds if shutil.which(b[0])]
    if len(builds) < 2:
        common.skip("one compiler only, and it is not g++")
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "bits"
        for build in builds:
            common.build(build, source, program)
            for threads in ("1", "3") if "-fopenmp" in build else ("",):
                name = " ".join([*build, *([threads, "threads"] if threads else [])])
                command = [*emulators.get(build[0], []), program, every_nth]
                ran = common.run(command, env={"OMP_NUM_THREADS": threads or "1"})
                said[name] = ran.stdout.splitlines()
                problems += [f"{name}: {ran.stderr}"] if ran.returncode else []
    first = next(iter(said))
    for build, lines in said.items():
        differing = sorted(set(lines) ^ set(said[first]))
        problems += [f"{build} differs from {first} in {len(differing)} lines of {source}: {line}" for line in differing[:8]]
    problems += [f"{first} said {len(said[first])} lines, too few"] if len(said[first]) * every_nth < least[source] else []
if len(sys.argv) == 1:
    problems += [f"{place}: a product meets a sum" for place in places_of_contraction("tests/checks/plan_bits.cpp")]
common.finish(problems, "Write std::fma where a product meets a sum, or detail::rounded_product where it must be rounded first.")
