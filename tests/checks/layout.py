# SPDX-License-Identifier: MIT
"""The mirror of folders, the arrows between rooms, and what headers may include.

Each header has a test of its room and stem (fokker.hpp is written by a script, and detail/, parts of kernels for nvcc
and the parts of a header, in a folder of its name, are tested by what uses them), or, where it needs a CUDA device, is
included by a test in tests/cuda or the example.
Each header of a room has a page of its room and stem, unless it is a helper: one that headers of its own room alone
include. Each page of a room has its header. Arrows are checked on the includes that a header writes, and what never
sees a tensor on all that it reaches. Each schedule, grid and parameterization makes plans whose bits are compared:
tests/checks/plan_bits.cpp lists them (solvers it takes from by_name.hpp). Namespaces name the major version, so that two
of them can live in one program.
"""
import re

import common

# Which rooms a room may include; every room may include itself, level.hpp, config.hpp and detail/.
arrows = {
    "detail": set(),
    "concept": {"plan"},  # a solver's concept speaks of the builder
    "schedule": {"concept"},
    "parameterization": {"concept"},
    "grid": {"concept", "schedule"},  # a grid without its type takes a schedule without its own
    "guidance": {"concept", "plan"},  # rules are written on the guide
    "noise": {"concept"},
    "plan": {"concept", "parameterization"},
    "solver": {"concept", "plan"},
    "kernel": {"concept", "plan", "noise"},
    "backend": {"concept", "kernel"},
    "model": {"concept", "kernel"},
    "metric": {"concept"},
    "embedding": {"concept"},
    "training": {"concept", "schedule", "noise", "plan", "kernel"},
    "tuning": {"", "concept", "plan", "noise", "kernel", "grid", "guidance", "solver"},  # it plans, samples and chooses
    "interop": {"concept", "schedule", "parameterization", "grid", "solver", "plan", "guidance"},  # and included by none
    "": {"concept", "plan", "guidance", "kernel", "noise", "backend"},  # make_plan, stepper, sample, perturb, batch
}
scalar_rooms = {"schedule", "parameterization", "grid", "guidance", "plan", "solver"}
tensors = re.compile(r"(backend|kernel|model)/|concept/(tensor_backend|denoiser|matrix_products)\.")
heavy = {"random", "iostream", "ranges", "functional"}
intrinsics = {"immintrin.h", "cpuid.h", "arm_neon.h"}  # the compilers' own
cuda = {"cuda_runtime_api.h"}  # in the kernels of that name
on_device = "".join(p.read_text() for p in [*(common.root / "tests/cuda").glob("*.c*"), *(common.root / "examples").glob("*.cu")])

compared = (common.root / "tests/checks/plan_bits.cpp").read_text()
sources = {str(p.relative_to(common.include / "fokker")): p.read_text()
           for ending in ("hpp", "inl", "cuh") for p in sorted((common.include / "fokker").rglob(f"*.{ending}"))}
del sources["fokker.hpp"]
includes = {name: re.findall(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', text, re.M) for name, text in sources.items()}
own = {name: [i.removeprefix("fokker/") for i in found if i.startswith("fokker/")] for name, found in includes.items()}


def room_of(name):
    return name.split("/")[0] if "/" in name else ""


def reached(name, seen):
    for other in own.get(name, []):
        if other not in seen:
            seen.add(other)
            reached(other, seen)
    return seen


problems = []
versioned = "namespace fokker::inline v" + re.search(r"int major = (\d+)", sources["version.hpp"])[1]
for name, text in sources.items():
    room = room_of(name)
    problems += [f"{name}: '{line}' does not begin with '{versioned}'" for line in re.findall(r"^(namespace fokker.*) {", text, re.M)
                 if not re.match(rf"{versioned}\b", line)]
    if room not in arrows:
        problems.append(f"{room}/ is a new room: give it a row of arrows in tests/checks/layout.py")
        continue

    stem, _, ending = name.rpartition(".")
    users = {room_of(other) for other in own if name in own[other]} - ({"interop"} if room != "interop" else set())
    by_users = ending == "inl" or ending == "cuh" and users == {room}
    part = f"{stem.rpartition('/')[0]}.hpp" in sources  # of the header with its folder's name
    if room != "detail" and not by_users and not part and not (common.root / f"tests/{stem}.cpp").exists() and f"<fokker/{name}>" not in on_device:
        problems.append(f"{name} has no test tests/{stem}.cpp")
    if room not in ("", "detail") and ending != "inl" and users != {room} and not (common.root / f"docs/{stem}.md").exists():
        problems.append(f"{name} has no page docs/{stem}.md")

    if room in ("schedule", "grid", "parameterization"):  # any and by_name are what the others are
        members = re.findall(r"^(?:struct|\[\[nodiscard\]\] inline tabulated) (\w+)", text, re.M)
        itself = stem.split("/")[1]
        members += [itself] if not members and users != {room} and itself not in ("any", "by_name") else []
        problems += [f"{room}::{member} of {name} is not in tests/checks/plan_bits.cpp"
                     for member in dict.fromkeys(members) if not re.search(rf"\b{room[0]}::{member}\b", compared)]

    for included in includes[name]:
        if included in heavy:
            problems.append(f"{name} includes <{included}>, which costs every user too much")
        # A header of the standard library has neither a folder nor an ending.
        elif re.search(r"[/.]", included) and not included.startswith("fokker/") and included not in intrinsics and not (included in cuda and "cuda" in name) and room not in ("backend", "interop"):
            problems.append(f"{name} includes {included}: only backend/ and interop/ include another library")
    for other in own[name]:
        if other not in sources:
            problems.append(f"{name} includes {other}, which nobody has, or which is for users alone")
        elif room_of(other) not in arrows[room] | {room, "detail"} and other not in ("level.hpp", "config.hpp", "half.hpp", "bfloat16.hpp") + (("make_plan.hpp",) if room == "interop" else ()):
            problems.append(f"{name} includes {other}: no arrow leads from {room or 'the top'} to {room_of(other) or 'the top'}")
    if name in reached(name, set()):
        problems.append(f"{name} includes itself, through others")
    if room in scalar_rooms:
        problems += [f"{name} reaches {other}: {room}/ never sees a tensor"
                     for other in sorted(reached(name, set())) if tensors.match(other)]

for page in sorted((common.root / "docs").rglob("*.md")):
    stem = str(page.relative_to(common.root / "docs").with_suffix(""))
    if room_of(stem) in arrows and room_of(stem) and page.stem != "index" and not {f"{stem}.hpp", f"{stem}.cuh"} & sources.keys():
        problems.append(f"docs/{stem}.md is the page of no header")

lines = {part: sum(text.count("\n") for name, text in sources.items() if name.startswith(part)) for part in ("", "detail/")}
if lines["detail/"] * 10 > lines[""]:
    problems.append(f"detail/ holds {lines['detail/']} of {lines['']} lines, more than a tenth")
common.finish(problems, "Move the file or the include, or write the test or the page.")
