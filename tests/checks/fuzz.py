# SPDX-License-Identifier: MIT
"""Any text is refused by from_text, or is a plan that works: 30 s of libFuzzer with sanitizers, from plans as seeds."""
import pathlib
import shutil
import sys
import tempfile

import common

seconds = sys.argv[1]
compile_ = ["clang++", "-std=c++20", "-O1", "-g", f"-I{common.include}", "-fno-sanitize-recover=all"]
if not shutil.which("clang++"):
    common.skip("no clang++ on PATH")
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    empty = folder / "empty.cpp"
    empty.write_text('extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }\n')
    if common.run(["clang++", "-fsanitize=fuzzer,address,undefined", empty, "-o", folder / "empty"]).returncode:
        common.skip("clang++ has no libFuzzer")
    for program, flags in (("from_text", "-fsanitize=fuzzer,address,undefined"), ("seeds", "-fsanitize=undefined")):
        made = common.run([*compile_, flags, common.root / f"tests/fuzz/{program}.cpp", "-o", folder / program])
        if made.returncode:
            common.finish([made.stderr], f"tests/fuzz/{program}.cpp must compile.")
    corpus = folder / "corpus"
    corpus.mkdir()
    if common.run([folder / "seeds", corpus]).returncode or not any(corpus.iterdir()):
        common.finish(["there are no seeds"], "tests/fuzz/seeds.cpp must write plans.")
    said = common.run([folder / "from_text", f"-max_total_time={seconds}", "-max_len=8192", "-timeout=5", "-seed=1",
                       "-print_final_stats=1", f"-artifact_prefix={folder}/", corpus])
    inputs = [f"{p.read_bytes()!r}" for p in folder.glob("*-*") if p.is_file()]
    print("\n".join(line for line in said.stderr.splitlines() if line.startswith("stat::number")))
    problems = [said.stderr[-4000:], *(f"the text that does it: {text}" for text in inputs)] if said.returncode else []
common.finish(problems, "Give from_text what it must refuse, and tests/plan/text.cpp that text.")
