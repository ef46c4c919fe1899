# SPDX-License-Identifier: MIT
"""The mirror of folders, the arrows between rooms, and what headers may include.

Each header has a test of the same stem in the same room, each header of a room a page in docs; helpers that define
no member of their room are named here, once. Arrows are checked on the includes that a header writes.
"""
import re

import common

# Helpers: what they hold is tested and documented with the members that use it.
no_test = {"fokker/fokker.hpp", "fokker/version.hpp", "fokker/config.hpp", "fokker/kernel/operands.hpp",
           "fokker/kernel/reference.hpp", "fokker/model/operands.hpp", "fokker/plan/trace.hpp",
           "fokker/solver/variable.hpp"}
no_page = {"fokker/grid/range.hpp", "fokker/kernel/operands.hpp", "fokker/model/operands.hpp",
           "fokker/solver/variable.hpp"}

# Which rooms a room may include; every room may include itself, level.hpp, config.hpp and detail/.
scalars = {"concept"}
arrows = {
    "detail": set(),
    "concept": {"plan"},  # a solver's concept speaks of the builder
    "schedule": scalars,
    "parameterization": scalars,
    "grid": scalars,
    "plan": scalars | {"parameterization"},
    "solver": scalars | {"plan"},
    "guidance": scalars,
    "noise": scalars,
    "kernel": {"concept", "noise", "plan"},
    "backend": {"concept", "kernel"},
    "model": {"concept", "kernel"},
    "": {"concept", "plan", "guidance", "kernel", "noise"},  # make_plan, sample, stepper, perturb
}
tensor_concepts = {"concept/tensor_backend.hpp", "concept/denoiser.hpp", "concept/matrix_products.hpp"}
never_tensors = {"schedule", "parameterization", "grid", "plan", "solver", "guidance"}
heavy = {"random", "iostream", "ranges", "functional"}

problems = []
lines = {"detail": 0, "all": 0}
for header in common.headers:
    name, room = str(header), header.parts[1] if len(header.parts) > 2 else ""
    text = (common.include / header).read_text()
    lines["all"] += text.count("\n")
    if room == "detail":
        lines["detail"] += text.count("\n")
    test = common.root / "tests" / header.relative_to("fokker").with_suffix(".cpp")
    if room != "detail" and name not in no_test and not test.exists():
        problems.append(f"{name} has no test {test.relative_to(common.root)}")
    page = common.root / "docs" / header.relative_to("fokker").with_suffix(".md")
    if room not in ("", "detail") and name not in no_page and not page.exists():
        problems.append(f"{name} has no page {page.relative_to(common.root)}")

    for opening, included in re.findall(r'^#include ([<"])([^>"]+)[>"]', text, re.M):
        if included in heavy:
            problems.append(f"{name} includes <{included}>, which costs every user too much")
        if not included.startswith("fokker/"):
            if ("/" in included or opening == '"') and room != "backend":
                problems.append(f"{name} includes {included}: only backend/ includes another library")
            continue
        other = included.split("/")[1] if included.count("/") > 1 else ""
        if name == "fokker/fokker.hpp" or other in (room, "detail") or included in ("fokker/level.hpp", "fokker/config.hpp"):
            continue
        if other not in arrows[room]:
            problems.append(f"{name} includes {included}: no arrow leads from {room or 'the top'} to {other or 'the top'}")
        if room in never_tensors and included.removeprefix("fokker/") in tensor_concepts:
            problems.append(f"{name} includes {included}: {room}/ never sees a tensor")

if lines["detail"] * 10 > lines["all"]:
    problems.append(f"detail/ holds {lines['detail']} of {lines['all']} lines, more than a tenth")
common.finish(problems, "Move the file or the include, write the test or the page, or name a helper in tests/checks/layout.py.")
