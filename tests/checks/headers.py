# SPDX-License-Identifier: MIT
"""Each header compiles alone and twice, without a warning; two files with all headers make one program, which needs no
run-time type information. By g++ each costs what it may above a file that includes the same headers of the compiler, in
MiB that g++ allocates to parse it.

Memory is counted, so that neither a slow machine nor one with other work changes the verdict, as it would of a clock; it
grows with the time: a MiB takes 5 to 9 ms. At most 5.5 MiB for a schedule, grid, parameterization or concept, 12.5
for a table, which is a list, 34.5 for a solver, which brings the builder, 40.5 for a guidance rule, which brings the guide, as much and
0.68 or 1 for each member for all solvers or rules by name, 23.5 for all grids or schedules, 10.5 for all parameterizations, and 0.68 for each header that fokker.hpp
includes; a file with one make_plan and one sample at -O2 at most 532 above fokker.hpp, with fokker::compiled 160, of
which 32 are a table that g++ doubles somewhere on the way.
"""
import os
import pathlib
import platform
import re
import sys
import tempfile

import common

compiler = [*sys.argv[1:], "-std=c++20", f"-I{common.include}", *common.external]
counts = "Free Software Foundation" in common.run([sys.argv[1], "--version"]).stdout  # only g++ says what it allocates
warnings = [*common.warnings, "-Wdouble-promotion", "-fsyntax-only"]
problems = []
budgets = {"schedule": 5.5, "grid": 5.5, "parameterization": 5.5, "concept": 5.5, "solver": 34.5, "guidance": 40.5,
           "schedule/tabulated.hpp": 12.5, "schedule/squared_cosine.hpp": 12.5, "schedule/zero_terminal_snr.hpp": 12.5,
           "schedule/sigmoid.hpp": 12.5, "schedule/laplace.hpp": 12.5, "schedule/exponential.hpp": 12.5, "schedule/float32.hpp": 12.5,
           "grid/by_name.hpp": 23.5, "schedule/by_name.hpp": 23.5, "parameterization/by_name.hpp": 10.5,
           "concept/sampling_solver.hpp": 27, "plan/builder.hpp": 27}
for room, each in {"solver": 0.68, "guidance": 1}.items():
    members = re.search(r"using types = std::tuple<(.*)>;", (common.include / f"fokker/{room}/by_name.hpp").read_text())[1]
    budgets[f"{room}/by_name.hpp"] = budgets[room] + each * len(members.split(", "))
budgets["fokker.hpp"] = 0.68 * (common.include / "fokker/fokker.hpp").read_text().count("#include <fokker/")


kept = ["-fmem-report", "--param=ggc-min-heapsize=4000000"], r"^Total +\d+[kM]? +(\d+)([kM]) "  # what is left where none is collected
allocated = ["-ftime-report"], r"^ *TOTAL .*?(\d+)([kM])\s*$"  # takes three times as long, for it asks for the time


def compiled(what, file, *options, report=([], "")):
    """Compiles a file; what the compiler says in a report of its memory, in MiB, where it says so."""
    flags, pattern = report if counts else ([], "")
    said = common.run([*compiler, *flags, *options, file])
    if said.returncode:
        problems.append(f"{what}:\n{said.stdout}{said.stderr}")
        return None
    total = re.search(pattern, said.stderr, re.M) if flags else None
    return int(total[1]) / (1 if total[2] == "M" else 1024) if total else None


of_other_processors = {"arm_neon.h"} if platform.machine() == "x86_64" else {"immintrin.h", "cpuid.h"}


def standard(header, seen):
    """The headers of the compiler that a header of ours includes, itself or through others of ours."""
    found = set()
    if header in seen:
        return found
    seen.add(header)
    for name in re.findall(r"^#include <([^>]+)>", (common.include / header).read_text(), re.M):
        if name not in of_other_processors:
            found |= standard(pathlib.Path(name), seen) if name.startswith("fokker/") else {name}
    return found


def file_of(path, names, more=""):
    path.write_text("".join(f"#include <{name}>\n" for name in names) + more)
    return path


with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "file.cpp"
    baselines = {}
    for header in common.headers:
        if header.name == "thrust.hpp":
            continue  # Thrust's vector is for nvcc
        name = str(header.relative_to("fokker"))
        cost = compiled(f"{header} does not stand alone", file_of(file, [header] * 2), *warnings, report=kept)
        budget = budgets.get(name, budgets.get(name.split("/")[0]))
        if cost is None or budget is None:
            continue
        names = tuple(sorted(standard(header, set())))
        if names not in baselines:
            baselines[names] = compiled("headers of the compiler", file_of(file, names), *warnings, report=kept)
        above = cost - baselines[names]
        print(f"{header}: {above:.0f} MiB above {baselines[names]:.0f}")
        if above > budget:
            problems.append(f"{header} costs {above:.0f} MiB, more than {budget:g}")
    everything = compiled("all headers", file_of(file, ["fokker/fokker.hpp"]), *warnings, report=allocated)
    whole = compiled("one make_plan and one sample", file_of(file, ["fokker/fokker.hpp"], """
int main() {
  std::vector<float> x(4);
  const auto plan = fokker::make_plan(fokker::schedule::edm{}, fokker::parameterization::data{}, fokker::grid::karras{},
                                      fokker::solver::heun{});
  fokker::sample(plan, [](auto& out, const auto&, const fokker::level&) { out.assign(out.size(), 1); },
                 fokker::noise::philox{}, x);
}
"""), "-O2", "-c", "-o", os.devnull, report=allocated)
    def above(cost, most, what):
        if cost is not None:
            print(f"{what}: {cost - everything:.0f} MiB above fokker.hpp")
            if cost - everything > most:
                problems.append(f"{what} takes {cost - everything:.0f} MiB above fokker.hpp, more than {most}")

    above(whole, 532, "one make_plan and one sample at -O2")
    whole = compiled("the same with fokker::compiled", file, "-DFOKKER_COMPILED", "-O2", "-c", "-o", os.devnull, report=allocated)
    above(whole, 160, "the same with fokker::compiled")
    standards = sorted(set().union(*(standard(header, set()) for header in common.headers)) - {"cuda_runtime_api.h"})
    standards = [name for name in standards if re.fullmatch("[a-z_]+", name)]
    compiled("a macro named min or max is met", file_of(file, standards, """
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#include <fokker/fokker.hpp>
"""), "-fsyntax-only")
    other = file_of(pathlib.Path(folder) / "other.cpp", ["fokker/fokker.hpp"], "int other() { return 0; }\n")
    compiled("two files with all headers", file_of(file, ["fokker/fokker.hpp"], "int other();\nint main() { return other(); }\n"),
             other, "-fno-rtti", "-o", pathlib.Path(folder) / "program")
common.finish(problems, "Include what the header uses, and less; functions in headers are inline or templates; move what is heavy "
              "behind a header of its own.")
