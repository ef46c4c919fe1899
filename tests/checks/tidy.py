# SPDX-License-Identifier: MIT
"""clang-tidy 14 finds nothing in the headers and the examples; .clang-tidy says what is not asked for, and why.

Nearly all of its time goes into the headers, so the examples are asked about as one file: what they include, then each
in a namespace of its own, line by line as it is. One that specialises templates of the library is asked about alone,
and those with libtorch, OpenVINO and MPI are left out: clang 14 does not compile the headers of libtorch 1.13 as C++20,
and the others need not be there.
"""
import pathlib
import re
import shutil
import tempfile

import common

tool = common.clang_tool("clang-tidy")
examples = common.root / "examples"
sources = [file for file in [*sorted(examples.glob("*.cpp")), *sorted((examples / "story").glob("*.cpp"))]
           if not re.search("#include <(torch/|openvino/|mpi[.])", file.read_text())]


def findings(file, where=lambda place: place):
    """What clang-tidy says about a file, each line with the place that it is about."""
    said = common.run([tool, "--quiet", file, "--", "-std=c++20", f"-I{common.include}", *common.external])
    found = re.findall(r"^(\S+?:\d+)(:\d+: error: .*)", said.stdout, re.M)
    return [where(place) + rest for place, rest in found] or ([said.stdout + said.stderr] if said.returncode else [])


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    headers, all_examples = folder / "headers.cpp", folder / "examples/all.cpp"
    all_examples.parent.mkdir()
    for place in (".clang-tidy", "examples/.clang-tidy"):
        shutil.copy(common.root / place, folder / place)
    headers.write_text("".join(f"#include <{h}>\n" for h in common.headers if h.name != "thrust.hpp"))
    alone = [file for file in sources if re.search(r"^(namespace (fokker|std)|template <>|#define)", file.read_text(), re.M)]
    places = common.batch(all_examples, [file for file in sources if file not in alone])
    found = findings(headers) + findings(all_examples, lambda place: places.get(place, place))
    for file in alone:
        found += findings(file)
problems = [line.removeprefix(f"{common.root}/") for line in dict.fromkeys(found)]
common.finish(problems, "Mend these, or say in .clang-tidy why such findings are none.")
