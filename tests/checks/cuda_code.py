# SPDX-License-Identifier: MIT
"""What nvcc makes of the kernels that memory should bound: lean and steady updates, reductions and quantiles.

Whole vectors are all that updates read and write of elements, lean ones spill nothing, and on a multiprocessor enough
of the reads are under way to keep the memory busy. cuda_code.csv has numbers of each kernel: registers, instructions,
and bytes that a thread has under way. None may get worse with the nvcc that they are of; with --write they are written
anew, and so a change that makes them worse on purpose says by how much.
"""
import csv
import pathlib
import re
import struct
import sys
import tempfile

import common

in_flight = 32 * 1024  # bytes: 4.8 TB/s by 132 multiprocessors, for 0.8 us of latency, is 29 KiB
types = ["float", "half", "bfloat16"]
table = common.root / "tests/checks/cuda_code.csv"

if not common.nvcc:
    common.skip("no nvcc on PATH")
release = re.search(r"release ([\d.]+)", common.run([common.nvcc, "--version"]).stdout)[1]


def compiled(folder):
    """The PTX, the code, and what ptxas says of it."""
    source = pathlib.Path(folder) / "kernels.cu"
    source.write_text("#include <fokker/kernel/cuda.cuh>\nnamespace fokker::kernel {\n" + "".join(
        f"template void cuda::update(const plan::update&, const operands<{t}>&, const noise::philox&) const;\n"
        f"template void cuda::norm(const {t}*, std::size_t, std::size_t, double*) const;\n"
        f"template void cuda::dot(const {t}*, const {t}*, std::size_t, std::size_t, double*) const;\n"
        f"template void cuda::quantile(const {t}*, std::size_t, std::size_t, double, double*) const;\n" for t in types) + "}\n")
    nvcc = [common.nvcc, "-std=c++20", "-O2", "-arch=sm_90", f"-I{common.include}"]
    made = common.run([*nvcc, "-ptx", source, "-o", source.with_suffix(".ptx")])
    if made.returncode == 0:
        made = common.run([*nvcc, "-cubin", "-Xptxas", "-v", source.with_suffix(".ptx"), "-o", source.with_suffix(".cubin")])
    if made.returncode:
        common.finish([made.stderr], "kernel/cuda.cuh must compile.")
    return source.with_suffix(".ptx").read_text(), source.with_suffix(".cubin").read_bytes(), made.stderr


def names_of(mangled):
    """Such as update<2, 0, 1, lean> of float for those that are looked at."""
    plain = common.run(["c++filt"], input="\n".join(mangled)).stdout.split("\n")
    for name, full in zip(mangled, plain):
        for of, words in (("thread::kind", ["lean", "steady", "any"]), ("device::finish", ["nothing", "root"])):
            full = re.sub(rf"\(fokker::v\d+::kernel::{of}\)(\d)", lambda m: words[int(m[1])], full)
        full = re.sub(r"fokker::v\d+::(kernel::(reduction::|device::)?)?", "", full)
        for kernel in (r"(update<\d, \d, \d, (?:lean|steady)), float, (\w+)", r"(reduce<\w+, \w+), (\w+)",
                       r"(quantile|quantile_digit)<(\w+)"):
            if found := re.match(f"void {kernel}", full):
                yield name, found[1] + ">" * ("<" in found[1]), found[2]


def instructions_of(cubin):
    """The instructions of each function, two words each."""
    at, = struct.unpack_from("<Q", cubin, 40)
    size, count, names = struct.unpack_from("<3H", cubin, 58)
    sections = [struct.unpack_from("<2I4Q", cubin, at + i * size) for i in range(count)]
    for section in sections:
        begin = sections[names][4] + section[0]
        name = cubin[begin:cubin.index(b"\0", begin)].decode()
        if name.startswith(".text."):
            yield name.removeprefix(".text."), list(struct.iter_unpack("<2Q", cubin[section[4]:section[4] + section[5]]))


def measured(words):
    """How many there are, and the most bytes of reads that none has waited for: a read names one of six scoreboards,
    and an instruction those that it waits for."""
    count, most, waiting = 0, 0, [0] * 8
    for low, high in words:
        count += low & 0xfff != 0x918  # NOP fills the end
        waiting = [0 if high >> 52 >> i & 1 and i < 6 else w for i, w in enumerate(waiting)]
        if low & 0xfff == 0x981:  # LDG
            waiting[high >> 46 & 7] += (1, 1, 2, 2, 4, 8, 16, 16)[high >> 9 & 7]
            most = max(most, sum(waiting))
    return count, most


with tempfile.TemporaryDirectory() as folder:
    ptx, cubin, said = compiled(folder)
code = dict(instructions_of(cubin))
bodies = dict(re.findall(r"\.entry (\w+)\((.*?)\n}\n", ptx, re.S))
used = {name: numbers for name, *numbers in re.findall(
    r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads"
    r".*?Used (\d+) registers", said, re.S)}

problems, rows = [], {}
for name, kernel, of in names_of(list(code)):
    stack, stores, loads, registers = map(int, used[name])
    instructions, under_way = measured(code[name])
    rows[kernel, of] = registers, instructions, under_way
    what = f"{kernel} of {of}"
    if (stores, loads) != (0, 0) or ("lean" in kernel and stack != 0):
        problems.append(f"{what}: {stack} bytes of stack, {stores} and {loads} of spills")
    if kernel.startswith("update"):
        scalars = set(re.findall(r"\b(?:ld|st)\.global[\w.]*\.(?:f32|[bu]16)\b", bodies[name])) - set(
            re.findall(r"\b(?:ld|st)\.global[\w.]*\.v[24]\.\w+\b", bodies[name]))
        tables = {"ld.global.f32"} if "steady" in kernel else set()
        problems += [f"{what}: {s}" for s in sorted(scalars - tables)]
    block = 256 if kernel.startswith("update") else 1024
    blocks = min(2048 // block, 65536 // (-(-registers // 8) * 8 * block))
    if not re.match(r"update<0|update<\d, [1-9]", kernel) and blocks * block * under_way < in_flight:
        problems.append(f"{what}: {registers} registers leave {blocks * block * under_way} bytes under way, less than {in_flight}")

columns = ["kernel", "of", "registers", "instructions", "bytes under way"]
if "--write" in sys.argv:
    with open(table, "w", newline="") as file:
        file.write(f"# nvcc {release}, sm_90; written by cuda_code.py --write\n")
        csv.writer(file, lineterminator="\n").writerows([columns, *([*k, *v] for k, v in sorted(rows.items()))])
of_release, _, *lines = table.read_text().splitlines()
kept = {(kernel, of): tuple(map(int, numbers)) for kernel, of, *numbers in csv.reader(lines)}
problems += [f"{kernel} of {of} is {'no longer there' if (kernel, of) in kept else 'not in the table'}"
             for kernel, of in sorted(set(kept) ^ set(rows))]
if f"nvcc {release}," not in of_release:
    print(f"numbers are not compared: {of_release[2:]}, not {release}")
    kept = {}
for key in sorted(set(kept) & set(rows)):
    for column, before, now in zip(columns[2:], kept[key], rows[key]):
        if now < before if column == "bytes under way" else now > before:
            problems.append(f"{key[0]} of {key[1]}: {now} {column}, not {before}")
common.finish(problems, "kernel/cuda.cuh: memory bounds these kernels while they are lean; --write writes the table anew.")
