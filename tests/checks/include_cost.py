# SPDX-License-Identifier: MIT
"""What a header costs above a file that includes the same headers of the compiler: the difference of two least user
times, measured in turn. Two turns; where the budget is not met, up to twenty, for other work only ever adds.

At most 50 ms for a schedule, grid, parameterization or concept, 100 ms for a table, which is a list, 150 ms for a solver,
which brings the builder, and 600 ms for fokker.hpp, 500 for all solvers by name; a file with one make_plan and one sample compiles in at most 6 s at -O2. These are times of a machine that
reads the standard headers of plan/builder.hpp in 260 ms: those of a slower one, or of one with other work, are scaled.
"""
import os
import pathlib
import re
import resource
import sys
import tempfile

import common

compiler = sys.argv[1]
budgets = {"schedule": 0.05, "grid": 0.05, "parameterization": 0.05, "concept": 0.05, "solver": 0.15,
           "schedule/tabulated.hpp": 0.1, "schedule/squared_cosine.hpp": 0.1, "schedule/zero_terminal_snr.hpp": 0.1,
           "schedule/sigmoid.hpp": 0.1, "schedule/laplace.hpp": 0.1, "schedule/exponential.hpp": 0.1, "schedule/float32.hpp": 0.1,
           "solver/by_name.hpp": 0.5, "concept/sampling_solver.hpp": 0.15, "plan/builder.hpp": 0.15, "fokker.hpp": 0.6}


def seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    said = common.run(command)
    if said.returncode:
        common.finish([said.stderr], "It must compile.")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def standard(header, seen):
    """The headers of the compiler that a header of ours includes, itself or through others of ours."""
    found = set()
    if header in seen:
        return found
    seen.add(header)
    for name in re.findall(r"^#include <([^>]+)>", (common.include / header).read_text(), re.M):
        found |= standard(pathlib.Path(name), seen) if name.startswith("fokker/") else {name}
    return found


def file_of(path, names):
    path.write_text("".join(f"#include <{name}>\n" for name in names))
    return path


problems = []
usual = 0.26
with tempfile.TemporaryDirectory() as folder:
    file, base_file = pathlib.Path(folder) / "file.cpp", pathlib.Path(folder) / "base.cpp"
    parse = [compiler, "-std=c++20", "-fsyntax-only", f"-I{common.include}"]
    file_of(base_file, sorted(standard(pathlib.Path("fokker/plan/builder.hpp"), set())))
    slower = max(1, min(seconds([*parse, base_file]) for _ in range(7)) / usual)
    print(f"this machine is {slower:.2f} times slower than that of the budgets")
    baselines = {}
    for header in common.headers:
        name = str(header.relative_to("fokker"))
        budget = budgets.get(name, budgets.get(name.split("/")[0]))
        if budget is None:
            continue
        names = tuple(sorted(standard(header, set())))
        file_of(file, [header])
        file_of(base_file, names)
        cost = float("inf")
        for turn in range(20):
            cost = min(cost, seconds([*parse, file]))
            baselines[names] = min(baselines.get(names, cost), seconds([*parse, base_file]))
            if turn >= 1 and cost - baselines[names] <= budget * slower:
                break
        above = (cost - baselines[names]) / slower
        print(f"{header}: {1000 * above:.0f} ms above {1000 * baselines[names] / slower:.0f} ms")
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
    whole = min(seconds([compiler, "-std=c++20", "-O2", f"-I{common.include}", "-c", file, "-o", os.devnull]) for _ in range(3))
    whole /= slower
    print(f"one make_plan and one sample at -O2: {whole:.1f} s")
    if whole > 6:
        problems.append(f"one make_plan and one sample take {whole:.1f} s at -O2, more than 6")
common.finish(problems, "Include less, or move what is heavy behind a header of its own.")
