# SPDX-License-Identifier: MIT
"""By nvcc each .cuh compiles alone and twice, without a warning, and all headers together, sampling on the host, go
through a .cu to an object.
"""
import pathlib
import re
import sys
import tempfile

import common

compiler, *flags = sys.argv[1:]
nvcc = common.nvcc
release = nvcc and re.search(r"release (\d+)\.(\d+)", common.run([nvcc, "--version"]).stdout)
if not release or tuple(map(int, release.groups())) < (12, 8):
    common.skip("no nvcc 12.8 or later on PATH")
nvcc = [nvcc, f"-ccbin={compiler}", *flags, "-Werror", "all-warnings", "-std=c++20", f"-I{common.include}"]
problems = []


def compile_(what, command):
    said = common.run(command)
    if said.returncode:
        problems.append(f"{what}:\n{said.stdout}{said.stderr}")


def twice(headers, file):
    file.write_text("".join(f"#include <{header}>\n" for header in headers * 2) + "static_assert(__cplusplus >= 202002L);\n")
    return file


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    cuda = sorted(p.relative_to(common.include) for p in common.include.rglob("*.cuh"))
    for header in cuda:
        compile_(f"{header} in a .cu file", [*nvcc, "-cuda", "-o", folder / "out", twice([header], folder / "one.cu")])
    host = [h for h in common.headers if not re.search("xtensor|eigen", h.name)]
    all_headers = twice([*host, *cuda], folder / "all.cu")
    with all_headers.open("a") as file:
        file.write("".join(
            f"void run(const fokker::plan::program& p, std::vector<{e}>& x) {{\n"
            f"  fokker::sample(p, [](std::vector<{e}>&, const std::vector<{e}>&, const fokker::level&) {{}}, fokker::noise::philox{{}}, x);\n}}\n"
            for e in ("float", "double", "fokker::half", "fokker::bfloat16")))
    compile_("all headers in a .cu file", [*nvcc, "-O2", "-c", "-o", folder / "out", all_headers])
common.finish(problems, "Include what the header uses; functions in headers are inline or templates.")
