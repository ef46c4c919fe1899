# SPDX-License-Identifier: MIT
"""Writes the tables of README.md and of docs/speed.md from what the benchmarks left: python3 benchmarks/table.py [build/bench].

A ratio is the median over the repetitions, each against its neighbour in the same run.
"""
import json
import pathlib
import re
import statistics
import sys

root = pathlib.Path(__file__).resolve().parent.parent
folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "build/bench"
small, large = 1 << 14, 1 << 24
times, counters, limits, context = {}, {}, {}, {}
for file in sorted(folder.glob("*.json")):
    said = json.loads(file.read_text())
    if "benchmarks" not in said:
        continue
    context = said["context"]
    for run in said["benchmarks"]:
        if run["run_type"] == "iteration" and not run.get("error_occurred"):
            scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3}[run["time_unit"]]
            name = re.sub("/(min_time|repeats|real_time|manual_time)[^/]*", "", run["run_name"])
            counters[name] = run
            times.setdefault(name, {})[run["repetition_index"]] = scale * run["real_time"]
            for other in ("limit", "plain", "xtensor"):
                if other in run:
                    limits.setdefault((name, other), []).append(run[other] / (scale * run["real_time"]))


def seconds(name):
    return statistics.median(times[name].values())


def in_turn(name, other):
    """How many times longer than `name` what ran in turn with it takes."""
    return statistics.median(limits[name, other]) if (name, other) in limits else None


def ratio(one, other):
    """How many times longer `one` takes than `other`."""
    return statistics.median(times[one][i] / times[other][i] for i in times[one])


processor = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown")


def write(page, text_of_table, begin="<!-- written by benchmarks/table.py -->\n"):
    end = "<!-- end -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + text_of_table + end + rest.split(end, 1)[1])
    print(text_of_table)


guided = [name for name in times if name.startswith("guidance/")]
if guided:
    def told(name, shape, other, form):
        number = in_turn(f"guidance/{name}/{shape}", other)
        return "" if number is None else form.format(number)

    lines = ["| rule | bytes | passes | of the limit, 1 sample of 16 Mi | 16 of 1 Mi | times `classifier_free`, 16 Ki | ns a point | "
             "times as fast as expressions, 16 Ki | 1 Mi |", "|---|---|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(n.split("/")[1] for n in sorted(guided)):
        large_one, point = f"guidance/{name}/16Mi", f"guidance/{name}/points"
        plain = in_turn(f"guidance/{name}/16Ki", "plain")
        lines.append(f"| `{name}` | {4 * counters[large_one]['floats']:.0f} | {counters[large_one]['passes']:.0f} | "
                     f"{told(name, '16Mi', 'limit', '{:.2f}')} | {told(name, '16 of 1Mi', 'limit', '{:.2f}')} | {1 / plain:.1f} | "
                     f"{seconds(point) / 65536 * 1e9:.2f} | {told(name, '16Ki', 'xtensor', '{:.1f}')} | {told(name, '1Mi', 'xtensor', '{:.1f}')} |")
    write(root / "docs/speed.md", "\n".join(lines) + f"\n\nOne thread of {processor}; g++ with a plain `-O2`; {context['date'][:10]}.\n",
          "<!-- guidance, written by benchmarks/table.py -->\n")

solvers = [name for name in times if name.startswith("solver/") and name.endswith(f"/{large}")]
if solvers:
    lines = ["| solver | calls | tensors | MiB read and written | ms | of the limit |", "|---|---|---|---|---|---|"]
    for name in sorted(solvers):
        said, solver = counters[name], name.split("/")[1]
        page = solver.split("<")[0].replace("::", "/")
        lines.append(f"| [`{solver}`](solver/{page}.md){' *' if said['normals'] else ''} | {said['calls']:.0f} | {said['buffers']:.0f} | "
                     f"{said['floats'] * 64:.0f} | {1e3 * seconds(name):.1f} | {in_turn(name, 'limit'):.2f} |")
    write(root / "docs/speed.md", "\n".join(lines) + f"\n\nOne thread of {processor}; g++ with a plain `-O2`; {context['date'][:10]}. "
          "`*` draws noise.\n")

step = "update/cfg_dpmpp_2m"
if not any(name.startswith(step) for name in times):
    sys.exit(f"{folder} has no times of updates: the table of README.md stays")
rows = [("what", "measured", "against")]
rows += [
    ("guided DPM-Solver++(2M) step, 16 Mi floats",
     f"{1e3 * seconds(f'{step}/{large}'):.1f} ms, {6 * 4 * large / seconds(f'{step}/{large}') / 1e9:.0f} GB/s",
     f"{ratio(f'limit/cfg_dpmpp_2m/{large}', f'{step}/{large}'):.2f} of the memory's limit; "
     f"{ratio(f'xtensor/cfg_dpmpp_2m/{large}', f'{step}/{large}'):.1f} times as fast as tensor expressions"),
    ("the same, 16 Ki floats", f"{1e6 * seconds(f'{step}/{small}'):.1f} µs",
     f"{ratio(f'{step}/{small}', f'hand/cfg_dpmpp_2m/{small}'):.2f} times a loop by hand for this very processor"),
    ("the same with a network in half, 16 Mi", f"{1e3 * seconds(f'{step}_half/{large}'):.1f} ms",
     f"{ratio(f'{step}_half/{large}', f'{step}/{large}'):.2f} times that of a network in float"),
]
if f"threads/update/cfg_dpmpp_2m/{large}" in times:
    rows.append(("the same by all threads, 16 Mi", f"{1e3 * seconds(f'threads/update/cfg_dpmpp_2m/{large}'):.1f} ms",
                 f"{ratio(f'threads/limit/cfg_dpmpp_2m/{large}', f'threads/update/cfg_dpmpp_2m/{large}'):.2f} of their limit"))
for name, label in (("normal/philox", "normals, best instructions"), ("normal/philox_avx2", "normals, AVX2")):
    if f"{name}/{small}" in times:
        rows.append((label, f"{small / seconds(f'{name}/{small}') / 1e9:.2f} G/s",
                     f"{ratio(f'normal/std/{small}', f'{name}/{small}'):.0f} times `std::normal_distribution`"))
rows += [
    ("DDPM step with its noise, 16 Mi", f"{1e3 * seconds(f'update/ddpm/{large}'):.1f} ms",
     f"{ratio(f'separate/ddpm_std/{large}', f'update/ddpm/{large}'):.0f} times as fast as filling a tensor with it first"),
    ("planning 1,000 guided steps", f"{1e3 * seconds('plan/1000'):.1f} ms", "once, before any tensor is touched"),
]
lines = ["| " + " | ".join(row) + " |" for row in rows]
lines.insert(1, "|---|---|---|")
table = "\n".join(lines) + f"\n\nOne thread of {processor}, except where the row says otherwise; g++ with a plain `-O2`; {context['date'][:10]}.\n"
write(root / "README.md", table)
