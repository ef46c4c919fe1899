# SPDX-License-Identifier: MIT
"""Each header compiles alone and twice; all of them together link from two files. With nvcc, also from a .cu."""
import pathlib
import re
import shutil
import sys
import tempfile

import common

compiler, *flags = sys.argv[2:]
cuda = sys.argv[1] == "cuda"
warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
own = [h for h in common.headers if not h.name.startswith("xtensor")]

problems = []
if cuda:
    nvcc = shutil.which("nvcc")
    if not nvcc:
        common.skip("no nvcc on PATH")
    release = re.search(r"release (\d+)\.(\d+)", common.run([nvcc, "--version"]).stdout)
    if not release or tuple(map(int, release.groups())) < (12, 8):
        common.skip("nvcc is older than 12.8")
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    if cuda:
        # One file for the host headers: a header that cannot be read by nvcc is named in what it says.
        for header in [pathlib.Path("fokker/fokker.hpp"), *sorted(p.relative_to(common.include) for p in common.include.rglob("*.cuh"))]:
            file = folder / (str(header).replace("/", "_") + ".cu")
            file.write_text(f"#include <{header}>\n#include <{header}>\n__global__ void kernel() {{}}\n")
            said = common.run([nvcc, "-std=c++20", "-Werror", "all-warnings", f"-I{common.include}", "-c", file, "-o", folder / "o"])
            if said.returncode:
                problems.append(f"{header} in a .cu file:\n{said.stdout}{said.stderr}")
    else:
        for header in own:
            file = folder / "one.cpp"
            file.write_text(f"#include <{header}>\n#include <{header}>\n")
            said = common.run([compiler, "-std=c++20", "-fsyntax-only", *warnings, *flags, f"-I{common.include}", file])
            if said.returncode:
                problems.append(f"{header} does not stand alone:\n{said.stderr}")
        for name, body in (("a", "int other();\nint main() { return other(); }"), ("b", "int other() { return 0; }")):
            (folder / f"{name}.cpp").write_text(f"#include <fokker/fokker.hpp>\n{body}\n")
        said = common.run([compiler, "-std=c++20", *flags, f"-I{common.include}", folder / "a.cpp", folder / "b.cpp", "-o", folder / "program"])
        if said.returncode:
            problems.append(f"two files with all headers do not link:\n{said.stderr}")
common.finish(problems, "Include what the header uses; functions in headers are inline or templates.")
