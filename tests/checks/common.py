# SPDX-License-Identifier: MIT
"""What the checks share: where things are, running a command, and ending with what is wrong."""
import pathlib
import re
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
include = root / "include"
headers = sorted(p.relative_to(include) for p in (include / "fokker").rglob("*.hpp"))
nvcc = shutil.which("nvcc")
# What other libraries' headers need; without CUDA its headers are not asked for.
external = ["-isystem", pathlib.Path(nvcc).resolve().parents[1] / "include"] if nvcc else []
if not nvcc:
    headers = [h for h in headers if not re.search(r"cuda|cublas|thrust", h.name)]
headers = [h for h in headers if h.name not in ("torch.hpp", "openvino.hpp")]  # their tests compile them, where there are these libraries
warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wsign-conversion", "-Werror"]
skipped = 77  # ctest's SKIP_RETURN_CODE


def run(command, **options):
    return subprocess.run([str(c) for c in command], text=True, capture_output=True, **options)


def batch(path, files):
    """Writes the files as one: what they include, then each in a namespace of its own. Says which place in them a line of it is."""
    includes, lines, places = [], [], {}
    for file in files:
        lines += [f"namespace file_{len(lines)} {{"]
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if found := re.match(r'#include "(.*)"', line):
                includes.append(f'#include "{(file.parent / found[1]).resolve()}"')
            elif line.startswith("#include"):
                includes.append(line)
            lines.append("" if line.startswith("#include") else line)
            places[len(lines)] = f"{file}:{number}"
        lines.append("}")
    includes = list(dict.fromkeys(includes))
    path.write_text("\n".join([*includes, *lines, ""]))
    return {f"{path}:{len(includes) + line}": place for line, place in places.items()}


def build(command, source, program):
    """Compiles a source of the tree into a program, or ends the check."""
    made = run([*command, "-std=c++20", f"-I{include}", root / source, "-o", program])
    if made.returncode:
        finish([f"{' '.join(str(c) for c in command)}:\n{made.stderr}"], f"{source} must compile everywhere.")
    return program


def finish(problems, advice):
    """Ends the check: 0 without problems, else 1 after saying them and what to do."""
    for problem in problems:
        print(problem)
    if problems:
        print(advice)
    sys.exit(1 if problems else 0)


def skip(why):
    print("skipped:", why)
    sys.exit(skipped)


def clang_tool(name):
    """clang-format and clang-tidy find other things in every version, so one is pinned."""
    for tool in (f"{name}-14", name):
        if shutil.which(tool) and re.search(r" version 14\.", run([tool, "--version"]).stdout):
            return tool
    return skip(f"no {name} 14")
