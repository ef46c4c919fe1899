# SPDX-License-Identifier: MIT
"""What nvcc makes of the lean updates: whole vectors are all that they read and write of elements, nothing spills, and
on a multiprocessor enough of the reads are under way to keep the memory busy."""
import pathlib
import re
import tempfile

import common

in_flight = 32 * 1024  # bytes: 4.8 TB/s by 132 multiprocessors, for 0.8 us of latency, is 29 KiB
types = {"float": "fff", "half": r"fNS\w?_4half", "bfloat16": r"fNS\w?_8bfloat16"}

if not common.nvcc:
    common.skip("no nvcc on PATH")
text = "#include <fokker/kernel/cuda.cuh>\nnamespace fokker::kernel {\n" + "".join(
    f"template void cuda::update(const plan::update&, const operands<{t}>&, const noise::philox&) const;\n" for t in types) + "}\n"
with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "updates.cu"
    source.write_text(text)
    nvcc = [common.nvcc, "-std=c++20", "-O2", "-arch=sm_90", f"-I{common.include}"]
    ptx = common.run([*nvcc, "-ptx", source, "-o", source.with_suffix(".ptx")])
    made = ptx if ptx.returncode else common.run(
        [*nvcc, "-cubin", "-Xptxas", "-v", source.with_suffix(".ptx"), "-o", source.with_suffix(".cubin")])
    if made.returncode:
        common.finish([made.stderr], "kernel/cuda.cuh must compile.")
    code = source.with_suffix(".ptx").read_text()

lean = rf"updateILi(\d)ELi(\d)ELi4ELN\w+?4kindE([01])E({'|'.join(types.values())})"  # 1: steady, with tables
problems, seen = [], 0
for name, body in re.findall(r"\.entry (\w+)\((.*?)\n}\n", code, re.S):
    if found := re.search(lean, name):
        scalars = set(re.findall(r"\b(?:ld|st)\.global[\w.]*\.(?:f32|[bu]16)\b", body)) - set(
            re.findall(r"\b(?:ld|st)\.global[\w.]*\.v[24]\.\w+\b", body))
        tables = {"ld.global.f32"} if found[3] == "1" else set()
        problems += [f"{found[0]}: {s}" for s in sorted(scalars - tables)]
for name, stack, stores, loads, registers in re.findall(
        r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads"
        r".*?Used (\d+) registers", made.stderr, re.S):
    if found := re.search(lean, name):
        seen += 1
        if (stack, stores, loads) != ("0", "0", "0"):
            problems.append(f"{found[0]}: {stack} bytes of stack, {stores} and {loads} of spills")
        inputs, normals = int(found[1]), int(found[2])
        threads = min(8, 65536 // (-(-int(registers) // 8) * 8 * 256)) * 256
        if normals == 0 and threads * inputs * 16 < in_flight:
            problems.append(f"{found[0]}: {registers} registers leave {threads * inputs * 16} bytes under way, less than {in_flight}")
if seen != 11 * len(types):
    problems.append(f"{seen} lean updates, not {11 * len(types)}")
common.finish(problems, "kernel/thread.hpp: a lean update has no branch that its elements decide.")
