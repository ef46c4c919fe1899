# SPDX-License-Identifier: MIT
"""Each header compiles alone and twice, without a warning; two files with all headers make one program. With nvcc
each .cuh does so too, and all of them together, sampling on the host, go through a .cu to an object.
"""
import pathlib
import re
import sys
import tempfile

import common

kind, compiler, *flags = sys.argv[1:]
problems = []


def compile_(what, command):
    said = common.run([*command, "-std=c++20", f"-I{common.include}"])
    if said.returncode:
        problems.append(f"{what}:\n{said.stdout}{said.stderr}")


def twice(headers, file):
    file.write_text("".join(f"#include <{header}>\n" for header in headers * 2) + "static_assert(__cplusplus >= 202002L);\n")
    return file


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    if kind == "host":
        warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wdouble-promotion", "-Werror"]
        for header in common.headers:
            if header.name == "thrust.hpp":
                continue  # Thrust's vector is for nvcc
            compile_(f"{header} does not stand alone", [compiler, *flags, *common.external, *warnings, "-fsyntax-only", twice([header], folder / "one.cpp")])
        for name, body in (("a", "int other();\nint main() { return other(); }"), ("b", "int other() { return 0; }")):
            (folder / f"{name}.cpp").write_text(f"#include <fokker/fokker.hpp>\n{body}\n")
        standard = {name for header in common.headers for name in re.findall("#include <([a-z_]+)>", (common.include / header).read_text())}
        (folder / "macros.cpp").write_text("".join(f"#include <{name}>\n" for name in sorted(standard)) + """
            #define min(a, b) ((a) < (b) ? (a) : (b))
            #define max(a, b) ((a) > (b) ? (a) : (b))
            #include <fokker/fokker.hpp>
            """)
        compile_("a macro named min or max is met", [compiler, *flags, "-fsyntax-only", folder / "macros.cpp"])
        compile_("two files with all headers do not link", [compiler, *flags, folder / "a.cpp", folder / "b.cpp", "-o", folder / "program"])
    else:
        nvcc = common.nvcc
        release = nvcc and re.search(r"release (\d+)\.(\d+)", common.run([nvcc, "--version"]).stdout)
        if not release or tuple(map(int, release.groups())) < (12, 8):
            common.skip("no nvcc 12.8 or later on PATH")
        nvcc = [nvcc, f"-ccbin={compiler}", *flags, "-Werror", "all-warnings"]
        cuda = sorted(p.relative_to(common.include) for p in common.include.rglob("*.cuh"))
        for header in cuda:
            compile_(f"{header} in a .cu file", [*nvcc, "-cuda", "-o", folder / "out", twice([header], folder / "one.cu")])
        host = [h for h in common.headers if "xtensor" not in h.name]
        all_headers = twice([*host, *cuda], folder / "all.cu")
        with all_headers.open("a") as file:
            file.write("".join(
                f"void run(const fokker::plan::program& p, std::vector<{e}>& x) {{\n"
                f"  fokker::sample(p, [](std::vector<{e}>&, const std::vector<{e}>&, const fokker::level&) {{}}, fokker::noise::philox{{}}, x);\n}}\n"
                for e in ("float", "double", "fokker::half", "fokker::bfloat16")))
        compile_("all headers in a .cu file", [*nvcc, "-O2", "-c", "-o", folder / "out", all_headers])
common.finish(problems, "Include what the header uses; functions in headers are inline or templates.")
