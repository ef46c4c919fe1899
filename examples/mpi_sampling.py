#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How examples/mpi_sampling scales on this machine, into the page about sharing a batch:

    python3 examples/mpi_sampling.py PROGRAM [IMAGES [docs/how_to/shard.md]]

It runs by one process and by two, in turn, five times each, and takes medians. Without a page it prints.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys

program, images = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "128"
counts, repeats = (1, 2), 5
start = ["mpiexec", "--oversubscribe", "--allow-run-as-root", "-n"]
said = re.compile(r"slowest: ([\d.]+) s for images, ([\d.]+) s of a processor, ([\d.]+) s for sums; ([\d.]+) images a second")


def run(count):
    told = subprocess.run([*start, str(count), program, images], env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
                          capture_output=True, text=True, check=True)
    return [float(number) for number in said.search(told.stderr).groups()], told.stdout


load = os.getloadavg()[0]
runs = {count: [] for count in counts}
printed = set()
for _ in range(repeats):
    for count in counts:
        numbers, same = run(count)
        runs[count].append(numbers)
        printed.add(same)
if len(printed) != 1:
    sys.exit("the processes did not make the same images")

processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
lines = ["| processes | s for images | images a second | s of its processor | images a second of it | s for sums |",
         "|---:|---:|---:|---:|---:|---:|"]
for count in counts:
    wall, busy, sums, rate = (statistics.median(column) for column in zip(*runs[count]))
    lines.append(f"| {count} | {wall:.2f} | {rate:.1f} | {busy:.2f} | {int(images) / busy:.1f} | {sums:.1g} |")
lines += ["", f"These are medians of {repeats} runs in turn for {images} images, by {os.cpu_count()} cores of one machine "
          f"({processor}) that all processes share. The load before was {load:.1f}: above 0, other programs took part of the cores."]
table = "\n".join(lines)
if len(sys.argv) > 3:
    page = pathlib.Path(sys.argv[3])
    text, found = re.subn(r"(?s)(<!-- written by examples/mpi_sampling.py -->\n).*?(<!-- end -->)", lambda m: m[1] + table + "\n" + m[2], page.read_text())
    if found != 1:
        sys.exit(f"{page} has no place for the table")
    page.write_text(text)
else:
    print(table)
