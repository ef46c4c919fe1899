# SPDX-License-Identifier: MIT
"""Whatever a reader is given it refuses, or it reads what works: libFuzzer with sanitizers, from valid texts as seeds.

Arguments: the program of tests/fuzz, and for how many seconds."""
import json
import pathlib
import shutil
import struct
import sys
import tempfile

import common


def build(program, flags):
    common.build([*compile_, flags], f"tests/fuzz/{program}.cpp", folder / program)


def write_plans(corpus):
    build("seeds", "-fsanitize=undefined")
    if common.run([folder / "seeds", corpus]).returncode or not any(corpus.iterdir()):
        common.finish(["there are no seeds"], "tests/fuzz/seeds.cpp must write plans.")


def write_tensors(corpus):
    def write(name, entries, size, **rest):
        header = json.dumps({**{tensor: {"dtype": dtype, "shape": shape, "data_offsets": offsets}
                                for tensor, dtype, shape, offsets in entries}, **rest}).encode()
        (corpus / name).write_bytes(struct.pack("<Q", len(header)) + header + bytes(i * 37 % 256 for i in range(size)))

    write("none", [], 0)
    write("scalar", [("x", "F32", [], [0, 4])], 4)
    write("three", [("a", "F32", [2, 2], [0, 16]), ("b", "F16", [3], [16, 22]), ("c", "BF16", [1, 1, 2], [22, 26])], 26)
    write("empty", [("e", "F32", [0, 3], [8, 8]), ("x", "F64", [1], [0, 8])], 8, __metadata__={"format": "pt"})


# A program: who writes its seeds, the longest input, and what to do about one that fails.
programs = {
    "from_text": (write_plans, 8192, "Give from_text what it must refuse, and tests/plan/text.cpp that text."),
    "safetensors": (write_tensors, 1024,
                    "Give examples/safetensors.hpp what it must refuse, and tests/examples/safetensors.cpp that text."),
}

program, seconds = sys.argv[1:]
write_seeds, longest, advice = programs[program]
compile_ = ["clang++", "-O1", "-g", "-fno-sanitize-recover=all"]
if not shutil.which("clang++"):
    common.skip("no clang++ on PATH")
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    empty = folder / "empty.cpp"
    empty.write_text('extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }\n')
    if common.run(["clang++", "-fsanitize=fuzzer,address,undefined", empty, "-o", folder / "empty"]).returncode:
        common.skip("clang++ has no libFuzzer")
    build(program, "-fsanitize=fuzzer,address,undefined")
    corpus = folder / "corpus"
    corpus.mkdir()
    write_seeds(corpus)
    said = common.run([folder / program, f"-max_total_time={seconds}", f"-max_len={longest}", "-timeout=5", "-seed=1",
                       "-print_final_stats=1", f"-artifact_prefix={folder}/", corpus])
    inputs = [f"{p.read_bytes()!r}" for p in folder.glob("*-*") if p.is_file()]
    print("\n".join(line for line in said.stderr.splitlines() if line.startswith("stat::number")))
    problems = [said.stderr[-4000:], *(f"the text that does it: {text}" for text in inputs)] if said.returncode else []
common.finish(problems, advice)
