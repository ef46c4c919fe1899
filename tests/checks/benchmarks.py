# SPDX-License-Identifier: MIT
"""The benchmarks compile without warnings, each of them runs once at the smallest of its sizes, and benchmarks/table.py finds
in what they say all that stands in the tables of the pages. It measures nothing: -O0, and all rooms as one program.
"""
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

import common

folder = common.root / "benchmarks"
sources = {file: file.read_text() for file in sorted(folder.glob("*/*.cpp"))}
programs = [file for file, text in sources.items() if "\nint main(" in text]
measured = [file for file, text in sources.items() if "<benchmark/benchmark.h>" in text]
beside = [file for file in sources if file not in [*programs, *measured]]
has_avx2 = re.search(r"\bavx2\b", pathlib.Path("/proc/cpuinfo").read_text())
command = [sys.argv[1], "-std=c++20", "-O0", "-fopenmp", *common.warnings, f"-I{common.include}"]
units = {"": 1, "Ki": 1 << 10, "Mi": 1 << 20}
problems = []


def compiled(arguments, where=lambda place: place):
    made = common.run([*command, *arguments])
    if made.returncode:
        problems.append(re.sub(r"^\S+?:\d+", lambda place: where(place[0]), made.stderr, flags=re.M))
    return not made.returncode


def split(name):
    """The name without its size, and the size: 16384, 16Ki, or 16 of 1Mi."""
    size = re.search(r"/(?:(\d+) of )?(\d+)(Ki|Mi|)(?=/|$)", name)
    return (name.replace(size[0], ""), int(size[1] or 1) * int(size[2]) * units[size[3]]) if size else (name, 0)


def rows(page):
    """The rows of its tables, whatever the numbers are."""
    return [re.sub(r"\|.*", lambda cells: re.sub(r"\d[\d.,]*", "0", cells[0]), line[1:])
            for line in page.read_text().splitlines() if line.startswith("|")]


for file in programs:
    compiled(["-fsyntax-only", file])
with tempfile.TemporaryDirectory() as temporary:
    temporary = pathlib.Path(temporary)
    program, said = temporary / "all", temporary / "said/all.json"
    places = common.batch(temporary / "all.cpp", measured)
    if not compiled([temporary / "all.cpp", *beside, "-lbenchmark_main", "-lbenchmark", "-o", program], lambda p: places.get(p, p)):
        common.finish(problems, "A benchmark does not compile, or with warnings.")

    names = common.run([program, "--benchmark_list_tests"]).stdout.splitlines()
    smallest = {}
    for name in sorted(names, key=lambda name: split(name)[1]):
        smallest.setdefault(split(name)[0], name)
    chosen = "|".join(re.sub(r"[^\w/]", ".", name) for name in smallest.values())
    said.parent.mkdir()
    ran = common.run([program, "--benchmark_min_time=0", f"--benchmark_filter=^({chosen})$",
                      "--benchmark_out_format=json", f"--benchmark_out={said}"], env={**os.environ, "OMP_NUM_THREADS": "2"})
    if ran.returncode or not said.exists() or not said.stat().st_size:
        common.finish([*problems, ran.stdout[-2000:] + ran.stderr[-2000:]], f"A benchmark ended all of them with {ran.returncode}.")
    everything = json.loads(said.read_text())
    runs = {run["run_name"]: run for run in everything["benchmarks"]}
    problems += [f"{name} did not run" for name in smallest.values() if name not in runs]
    problems += [f"{name}: {run['error_message']}" for name, run in runs.items()
                 if run.get("error_occurred") and (has_avx2 or "AVX2" not in run["error_message"])]

    # The tables are about larger sizes, too: what the smallest said stands for them.
    everything["benchmarks"] = [{**runs[smallest[split(name)[0]]], "run_name": name} for name in names
                                if smallest[split(name)[0]] in runs]
    said.write_text(json.dumps(everything))
    pages = ["README.md", "docs/speed.md"]
    for file in [*pages, "benchmarks/table.py"]:
        (temporary / file).parent.mkdir(exist_ok=True)
        shutil.copy(common.root / file, temporary / file)
    table = common.run([sys.executable, temporary / "benchmarks/table.py", said.parent])
    problems += [f"benchmarks/table.py:\n{table.stderr}"] if table.returncode else []
    problems += [f"{page} has a row that benchmarks/table.py no longer writes: {row}" for page in pages
                 for row in rows(common.root / page) if row not in rows(temporary / page) and (has_avx2 or "AVX2" not in row)]
common.finish(problems, "Mend the benchmark, or what reads it.")
