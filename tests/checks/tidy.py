# SPDX-License-Identifier: MIT
"""clang-tidy 14 finds nothing in the headers and the examples; .clang-tidy says what is not asked for, and why."""
import pathlib
import re
import tempfile

import common

tool = common.clang_tool("clang-tidy")
with tempfile.TemporaryDirectory() as folder:
    headers = pathlib.Path(folder) / "headers.cpp"
    headers.write_text("".join(f"#include <{h}>\n" for h in common.headers if h.name != "thrust.hpp"))
    found = []
    for file in [headers, *sorted((common.root / "examples").glob("*.cpp")), *sorted((common.root / "examples/story").glob("*.cpp"))]:
        config = [f"--config-file={common.root}/.clang-tidy"] if file == headers else []
        said = common.run([tool, "--quiet", *config, file, "--", "-std=c++20", f"-I{common.include}", *common.external])
        found += re.findall(r"^\S+ error: .*", said.stdout, re.M) or ([said.stderr] if said.returncode else [])
problems = [line.removeprefix(f"{common.root}/") for line in dict.fromkeys(found)]
common.finish(problems, "Mend these, or say in .clang-tidy why such findings are none.")
