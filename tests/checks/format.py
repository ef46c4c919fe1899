# SPDX-License-Identifier: MIT
"""Sources are as clang-format 14 leaves them."""
import common

tool = common.clang_tool("clang-format")
files = [p for folder in ("include", "tests", "examples", "benchmarks", "docs") for ending in ("hpp", "cpp", "inl", "cu", "cuh")
         for p in sorted((common.root / folder).rglob(f"*.{ending}"))]
problems = [str(p.relative_to(common.root)) for p in files if common.run([tool, p]).stdout != p.read_text()]
common.finish(problems, "Run clang-format -i on these files.")
