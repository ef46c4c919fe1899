# SPDX-License-Identifier: MIT
"""Sources are as clang-format 14 leaves them."""
import shutil

import common

tool = shutil.which("clang-format-14") or shutil.which("clang-format")
if not tool or " 14." not in common.run([tool, "--version"]).stdout:
    common.skip("no clang-format 14")
files = [p for folder in ("include", "tests", "examples", "benchmarks") for ending in ("hpp", "cpp", "inl")
         for p in sorted((common.root / folder).rglob(f"*.{ending}"))]
problems = [str(p.relative_to(common.root)) for p in files if common.run([tool, p]).stdout != p.read_text()]
common.finish(problems, "Run clang-format -i on these files.")
