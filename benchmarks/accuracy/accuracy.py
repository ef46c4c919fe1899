# SPDX-License-Identifier: MIT
"""Writes what accuracy.cpp measured into docs/choosing_a_solver.md, and draws it: docs/pictures/accuracy.png.

    python3 benchmarks/accuracy/accuracy.py [docs/accuracy.csv]
"""
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

PAPER, INK, MUTED, FAINT, GREY = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0", "#c3c1ba"
COLOURS = ["#e4572e", "#12968a", "#5c4ac7", "#c98a00", "#2f6fb0", "#a8326d"]
PANELS = [("mixture", "ode", "exact mixture, without noise"), ("mixture", "sde", "exact mixture, with noise"),
          ("epsilon", "ode", "trained network of epsilon, without noise"), ("epsilon", "sde", "trained network of epsilon, with noise"),
          ("flow", "ode", "trained network of the flow, without noise"), ("flow", "sde", "trained network of the flow, with noise")]
SHOWN = 20  # calls at which the best are chosen for their names in the picture

docs = pathlib.Path(__file__).resolve().parents[2] / "docs"


def read(file):
    curves, floors = {}, {}
    for row in csv.DictReader(file.open()):
        point = int(row["calls"]), float(row["error"])
        if row["solver"] == "floor":
            floors[row["problem"], row["kind"]] = point[1]
        else:
            curves.setdefault((row["problem"], row["kind"]), {}).setdefault(row["solver"], []).append(point)
    return curves, floors


def within(points, calls):
    """The error of the longest run of at most so many calls; none where it would have less than four fifths of them."""
    found = [(n, error) for n, error in points if 0.8 * calls <= n <= calls]
    return max(found)[1] if found else None


def ranking(solvers, calls):
    """(error, names) at so many calls, the best first; solvers that are one there have one line."""
    found = {}
    for name, points in solvers.items():
        error = within(points, calls)
        if error is not None:
            found.setdefault(f"{error:.5g}", []).append(name)
    return sorted((float(error), names) for error, names in found.items())


def draw(curves, floors):
    plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER,
                         "font.family": "DejaVu Sans", "text.color": INK, "figure.dpi": 140})
    figure, axes = plt.subplots(3, 2, figsize=(11, 13))
    for ax, (problem, kind, title) in zip(axes.flat, PANELS):
        solvers = curves[problem, kind]
        ax.set_title(title, loc="left", fontsize=10)
        ax.set(xscale="log", yscale="log")
        ranked = ranking(solvers, SHOWN)
        # Order at the floor is chance.
        shown = [names[0] for error, names in ranked if error <= floors[problem, kind]] or [names[0] for _, names in ranked]
        best = shown[:6]
        for name, points in solvers.items():
            if name not in best:
                ax.plot(*zip(*points), color=GREY, linewidth=0.7, zorder=1)
        for colour, name in zip(COLOURS, best):
            ax.plot(*zip(*solvers[name]), color=colour, linewidth=1.6, zorder=2, label=name)
        ax.axhspan(0, floors[problem, kind], color=MUTED, alpha=0.12, linewidth=0)
        errors = [e for points in solvers.values() for _, e in points if e > 0]
        ax.set_ylim(min(min(errors), floors[problem, kind]) / 1.5, min(max(errors), 10) * 1.5)
        ax.set_xlim(4.7, 90)
        ax.set_xticks([5, 10, 20, 40, 80], ["5", "10", "20", "40", "80"])
        ax.minorticks_off()
        ax.grid(color=FAINT, linewidth=0.5)
        ax.tick_params(colors=MUTED, labelsize=7)
        ax.legend(title=f"the best at {SHOWN} calls", fontsize=7, title_fontsize=7, framealpha=0.8, facecolor=PAPER, edgecolor="none",
                  loc="lower left" if kind == "ode" else "upper right")
        for side in ax.spines.values():
            side.set_visible(False)
    figure.supxlabel("network calls", fontsize=9, color=MUTED)
    figure.supylabel("error", fontsize=9, color=MUTED)
    figure.tight_layout()
    figure.savefig(docs / "pictures/accuracy.png")


def linked(name):
    return f"[`{name}`](solver/{name.split('<')[0].replace('::', '/')}.md)"


def section(curves, floors):
    lines = []
    for problem, kind, title in PANELS:
        lines += [f"**{title[0].upper()}{title[1:]}**; the floor of this measurement is {floors[problem, kind]:.1g}.", "",
                  "| calls | the best five, with their errors |", "|---|---|"]
        for calls in (10, 20, 40):
            ranked = ranking(curves[problem, kind], calls)
            at_floor = sorted(name for error, names in ranked if error <= floors[problem, kind] for name in names)
            more = f" and {len(at_floor) - 5} more" if len(at_floor) > 5 else ""
            said = ["at the floor: " + ", ".join(map(linked, at_floor[:5])) + more] if at_floor else []
            best = [(error, names) for error, names in ranked if error > floors[problem, kind]][:max(0, 5 - len(at_floor))]
            lines.append(f"| {calls} | " + "; ".join(said + [f"{', '.join(map(linked, names))} {error:.2g}" for error, names in best]) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    curves, floors = read(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else docs / "accuracy.csv")
    draw(curves, floors)
    page = docs / "choosing_a_solver.md"
    begin, end = "<!-- written by benchmarks/accuracy/accuracy.py -->\n", "<!-- end -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + section(curves, floors) + end + rest.split(end, 1)[1])


main()
