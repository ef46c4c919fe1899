# SPDX-License-Identifier: MIT
"""What a header costs above a file that includes the same headers of the compiler: user time, least of five.

At most 50 ms for each header of the scalar rooms and 400 ms for fokker.hpp; a file with one make_plan and one sample
compiles in at most 5 s at -O2.
"""
import os
import pathlib
import re
import resource
import sys
import tempfile

import common

compiler = sys.argv[1]
scalar_rooms = {"concept", "schedule", "grid", "parameterization", "plan", "solver"}


def seconds(command, runs):
    least = float("inf")
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        said = common.run(command)
        if said.returncode:
            common.finish([said.stderr], "It must compile.")
        least = min(least, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    return least


def standard(header, seen):
    """The headers of the compiler that a header of ours includes, itself or through others of ours."""
    found = set()
    if header in seen:
        return found
    seen.add(header)
    for name in re.findall(r"^#include <([^>]+)>", (common.include / header).read_text(), re.M):
        found |= standard(pathlib.Path(name), seen) if name.startswith("fokker/") else {name}
    return found


problems = []
with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "file.cpp"
    parse = [compiler, "-std=c++20", "-fsyntax-only", f"-I{common.include}", file]
    baselines = {}
    for header in common.headers:
        room = header.parts[1] if len(header.parts) > 2 else ""
        budget = 0.050 if room in scalar_rooms else 0.400 if header.name == "fokker.hpp" else None
        if budget is None:
            continue
        base = tuple(sorted(standard(header, set())))
        file.write_text(f"#include <{header}>\n")
        cost = seconds(parse, 5)
        if base not in baselines:
            file.write_text("".join(f"#include <{name}>\n" for name in base))
            baselines[base] = seconds(parse, 5)
        above = cost - baselines[base]
        print(f"{header}: {1000 * above:.0f} ms above {1000 * baselines[base]:.0f} ms")
        if above > budget:
            problems.append(f"{header} costs {1000 * above:.0f} ms, more than {1000 * budget:.0f}")
    file.write_text("""#include <fokker/fokker.hpp>
int main() {
  std::vector<float> x(4);
  const auto plan = fokker::make_plan(fokker::schedule::edm{}, fokker::parameterization::data{}, fokker::grid::karras{},
                                      fokker::solver::heun{});
  fokker::sample(plan, [](auto& out, const auto&, const fokker::level&) { out.assign(out.size(), 1); },
                 fokker::noise::philox{}, x);
}
""")
    whole = seconds([compiler, "-std=c++20", "-O2", f"-I{common.include}", "-c", file, "-o", os.devnull], 2)
    print(f"one make_plan and one sample at -O2: {whole:.1f} s")
    if whole > 5:
        problems.append(f"one make_plan and one sample take {whole:.1f} s at -O2, more than 5")
common.finish(problems, "Include less, or move what is heavy behind a header of its own.")
