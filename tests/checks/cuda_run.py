# SPDX-License-Identifier: MIT
"""benchmarks/cuda/run.sh runs through where every tool is a stand-in: what is measured, what fails, and what is left
out when the time is over. A machine with a device is too dear to find its mistakes on."""
import os
import pathlib
import subprocess
import tempfile

import common

tools = {
    "nvidia-smi": 'case "$*" in *noheader*) echo 9.0;; *) echo "A card";; esac',
    # Builds a program that says what it is asked for and, asked for nothing else, holds the names of two tests.
    "cmake": """[ "$1" = --build ] || exit 0
for to in tests/cuda/test_cuda benchmarks/cuda/bench_cuda; do
  mkdir -p "$2/${to%/*}"
  { printf '#!/bin/sh\\necho "%s $*"\\nsleep ${SLOW:-0}\\nexit ${BROKEN:-0}\\n' "$to"
    echo '# updates have the bits of the host, samples have seeds of their own'; } > "$2/$to"
  chmod +x "$2/$to"
done""",
    "ctest": 'echo "ctest $*"',
    "ncu": 'while [ ! -x "$1" ] || [ -d "$1" ]; do shift; done; exec "$@"',
    "compute-sanitizer": '[ "$2" != "${BAD:-}" ] || exit 1\nshift 4\nexec "$@"',
    "ninja": "",
    "python3": 'case "$*" in -c*) exit 0;; *) echo peers;; esac',
}
problems = []


def require(holds, what):
    if not holds:
        problems.append(what)


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    (folder / "tools").mkdir()
    for name, text in tools.items():
        (folder / "tools" / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / "tools" / name).chmod(0o755)

    def run(name, *arguments, **variables):
        report = folder / name
        said = subprocess.run([common.root / "benchmarks/cuda/run.sh", *arguments, report], capture_output=True, text=True, check=False,
                              env=os.environ | {"PATH": f"{folder / 'tools'}:{os.environ['PATH']}", "FOKKER_BUILD": str(folder / "built")} | variables)
        require(len(list(report.iterdir())) <= 8, f"{name}: more than eight files")
        return said.returncode, said.stdout + said.stderr, {f.name: f.read_text() for f in report.iterdir()}

    code, said, files = run("numbers")
    require(code == 0 and "all is well" in said, f"numbers: {code}: {said}")
    require(files["cuda.csv"] == "benchmarks/cuda/bench_cuda \npeers\n", f"cuda.csv is {files['cuda.csv']}")
    require("bench_cuda once" in files["ncu.csv"] and "test_cuda" in files["tests.txt"], f"numbers leave {files}")

    code, said, files = run("broken", BROKEN="3")
    require(code == 1 and "ended with 3" in said and "peers" in files["cuda.csv"], f"a program that fails: {code}: {said}")

    code, said, _ = run("late", SLOW="9", FOKKER_SECONDS="4")
    require(code == 1 and "ended with 124" in said and "left out, as the time is over" in said, f"a call that is late: {code}: {said}")

    code, said, files = run("clean", "sanitize")
    require(code == 0 and said.count("clean: ") == 5 and "clean: memcheck, updates have the bits of the host" in said, f"sanitize: {code}: {said}")
    code, said, _ = run("dirty", "sanitize", BAD="racecheck")
    require(code == 1 and said.count("clean: ") == 4 and "ended with 1" in said, f"what a sanitizer finds: {code}: {said}")
common.finish(problems, "benchmarks/cuda/run.sh")
