# SPDX-License-Identifier: MIT
"""Writes what accuracy.cpp measured into docs/choosing_a_solver.md, and draws it: docs/pictures/accuracy.png, and .svg, whose
lines have names for the site to show.

    python3 benchmarks/accuracy/accuracy.py [docs/accuracy.csv]
"""
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

PAPER, INK, MUTED, FAINT, GREY = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0", "#c3c1ba"
# What many programs use and what the page recommends. Kin have one colour, with noise and without.
USUAL = {"ode": ["ipndm<2>", "dpmpp_2m", "unipc", "heun", "ddim"], "sde": ["er_sde<3>", "sde_dpmpp_2m", "sa_solver", "dpmpp_sde", "ddpm"]}
STYLES = [{"color": colour, "linestyle": dashes, "marker": marker} for colour, dashes, marker in
          [("#e4572e", "-", "o"), ("#12968a", (0, (6, 1.5)), "s"), ("#5c4ac7", (0, (1.2, 1.2)), "^"), ("#c98a00", "-", "D"),
           ("#2f6fb0", (0, (6, 1.5, 1.2, 1.5)), "v")]]
PANELS = [("mixture", "ode", "exact mixture, without noise"), ("mixture", "sde", "exact mixture, with noise"),
          ("epsilon", "ode", "trained network of epsilon, without noise"), ("epsilon", "sde", "trained network of epsilon, with noise"),
          ("flow", "ode", "trained network of the flow, without noise"), ("flow", "sde", "trained network of the flow, with noise"),
          ("guided", "ode", "guided network of epsilon, without noise")]
CALLS = (5, 7, 10, 14, 20, 28, 40, 56, 80)
NAMED = (10, 20)  # those at which the picture names the best
LOST = 3  # the size of the data: an error beyond it only says that a run failed
RECOMMENDED = {"ode": ["ipndm<2>", "ipndm<3>", "dpmpp_2m", "ddim"], "sde": ["er_sde<3>", "sde_dpmpp_2m", "ddpm"]}

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


def draw_panel(ax, solvers, kind, floor):
    ranked = [ranking(solvers, calls) for calls in CALLS]
    best, half, most = np.transpose([np.quantile([error for error, _ in each], (0, 0.5, 0.9), method="nearest") for each in ranked])
    ax.fill_between(CALLS, best, most, color=FAINT, alpha=0.55, linewidth=0, zorder=0)
    ax.fill_between(CALLS, best, half, color=GREY, alpha=0.7, linewidth=0, zorder=0)
    ax.plot(CALLS, best, color=INK, linewidth=0.9, zorder=1)
    for style, name in zip(STYLES, USUAL[kind]):
        ax.plot(*zip(*solvers[name]), linewidth=1.7, markersize=4.5, zorder=2, **style)
    for name, points in solvers.items():
        ax.plot(*zip(*points), color=INK, alpha=0, linewidth=7, zorder=4, gid=f"named {name}")  # to be pointed at
    ax.set(xscale="log", yscale="log", xlim=(4.7, 85))
    usual = max(error for name in USUAL[kind] for _, error in solvers[name])
    ax.set_ylim(best.min() / 2.5, 1.3 * min(max(usual, most.max()), LOST))
    if floor > ax.get_ylim()[0]:
        ax.axhspan(ax.get_ylim()[0], floor, facecolor="none", edgecolor=GREY, hatch="///", linewidth=0, zorder=0)
    for calls, each in zip(CALLS, ranked):
        at_floor = sum(len(names) for error, names in each if error <= floor)  # their order is chance
        if calls in NAMED and at_floor > 1:
            ax.annotate(f"{at_floor} at chance", (calls, 0), (0, 4), xycoords=("data", "axes fraction"), textcoords="offset points",
                        fontsize=8.5, ha="center", bbox={"color": PAPER, "pad": 1})
        elif calls in NAMED:
            error, names = each[0]
            ax.plot(calls, error, "o", color=PAPER, markeredgecolor=INK, markersize=5.5, zorder=3)
            ax.annotate(names[0].replace("::", "::\n"), (calls, error), (0, -6), textcoords="offset points", fontsize=8.5, ha="right", va="top")
    ax.set_xticks([5, 10, 20, 40, 80], ["5", "10", "20", "40", "80"])
    ax.minorticks_off()
    ax.grid(color=FAINT, linewidth=0.5)
    ax.tick_params(colors=MUTED, labelsize=9)
    ax.set_xlabel("calls of the network", fontsize=10, color=MUTED)
    ax.set_ylabel("median distance" if kind == "ode" else "energy distance", fontsize=10, color=MUTED)
    for side in ax.spines.values():
        side.set_visible(False)


def explain(ax):
    ax.set_axis_off()
    look = {"fontsize": 9.5, "title_fontsize": 9.5, "frameon": False, "handlelength": 4, "alignment": "left", "loc": "upper left"}
    for x, (kind, what) in zip((0, 0.5), [("ode", "without noise"), ("sde", "with noise")]):
        lines = [Line2D([], [], linewidth=1.7, markersize=4.5, label=name, **style) for style, name in zip(STYLES, USUAL[kind])]
        ax.add_artist(ax.legend(handles=lines, title=what, bbox_to_anchor=(x, 1), **look))
    ax.legend(handles=[Line2D([], [], color=INK, linewidth=0.9, label="the best of all at so many calls"),
                       Line2D([], [], color=PAPER, marker="o", markeredgecolor=INK, markersize=5.5,
                              label="the best at 10 and at 20 calls, by name"),
                       Patch(color=GREY, alpha=0.7, linewidth=0, label="the better half of all solvers"),
                       Patch(color=FAINT, alpha=0.55, linewidth=0, label="the others, without the worst tenth"),
                       Patch(facecolor="none", edgecolor=GREY, hatch="///", linewidth=0, label="chance: right samples can be as far off")],
              bbox_to_anchor=(0, 0.5), **look)


def draw(curves, floors):
    plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER, "svg.fonttype": "none",
                         "font.family": "DejaVu Sans", "text.color": INK, "figure.dpi": 140, "svg.hashsalt": "accuracy", "hatch.linewidth": 0.6})
    figure, axes = plt.subplots(4, 2, figsize=(10.5, 16))
    figure.suptitle("How far solvers are from the right result, by their calls of the network", x=0.065, ha="left", fontsize=15, weight="bold")
    for ax, (problem, kind, title) in zip(axes.flat, PANELS):
        ax.set_title(title[0].upper() + title[1:], loc="left", fontsize=12)
        draw_panel(ax, curves[problem, kind], kind, floors[problem, kind])
    explain(axes[3, 1])
    figure.tight_layout(rect=(0, 0, 1, 0.988), h_pad=2, w_pad=3)
    file = docs / "pictures/accuracy.png"
    figure.savefig(file)
    Image.open(file).convert("RGB").quantize(64).save(file, optimize=True)
    figure.savefig(docs / "pictures/accuracy.svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))


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


def recommended(curves, floors):
    """The errors of what the page recommends, on the problems at 10, 20 and 40 calls."""
    lines = []
    for kind, what in [("ode", "without noise"), ("sde", "with noise")]:
        problems = [problem for problem, k, _ in PANELS if k == kind]
        lines += [f"| {what} | " + " | ".join(f"{problem} {calls}" for problem in problems for calls in (10, 20, 40)) + " |",
                  "|---|" + "---|" * 3 * len(problems)]
        for name in RECOMMENDED[kind]:
            cells = [(within(curves[problem, kind][name], calls), floors[problem, kind]) for problem in problems for calls in (10, 20, 40)]
            lines.append(f"| {linked(name)} | " + " | ".join("chance" if e <= floor else f"{e:.2g}" for e, floor in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    curves, floors = read(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else docs / "accuracy.csv")
    draw(curves, floors)
    page = docs / "choosing_a_solver.md"
    text = page.read_text()
    for what, written in [("recommended", recommended), ("all", section)]:
        begin, end = f"<!-- {what}, written by benchmarks/accuracy/accuracy.py -->\n", "<!-- end -->"
        before, rest = text.split(begin)
        text = before + begin + written(curves, floors) + end + rest.split(end, 1)[1]
    page.write_text(text)


main()
