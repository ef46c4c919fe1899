# SPDX-License-Identifier: MIT
"""Writes what tuning.cpp measured into docs/tuning/search.md, and draws it: docs/pictures/tuning_gain.png.

    python3 benchmarks/tuning/tuning.py [docs/tuning.csv]
"""
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

PAPER, INK, MUTED, FAINT = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0"
STYLES = {"tuned": {"color": "#e4572e", "linestyle": "-", "marker": "o", "linewidth": 2},
          "stock": {"color": "#12968a", "linestyle": (0, (6, 1.5)), "marker": "s"},
          "2M on karras": {"color": "#5c4ac7", "linestyle": (0, (1.2, 1.2)), "marker": "^"},
          "2M on cosine": {"color": "#c98a00", "linestyle": (0, (3, 1)), "marker": "D"}}
NAMES = {"tuned": "tuned", "stock": "the best of all stock plans, chosen on the test samples", "2M on karras": "2M on Karras's grid",
         "2M on cosine": "2M on even angles"}
TITLES = {"mixture": "mixture in the plane", "mixture of 16": "mixture in 16 dimensions", "mixture guided": "mixture in 16 dimensions, guided",
          "epsilon": "network of epsilon", "epsilon guided": "network of epsilon, guided", "flow": "network of the flow",
          "flow guided": "network of the flow, guided", "images": "network of images", "images guided": "network of images, guided"}

docs = pathlib.Path(__file__).resolve().parents[2] / "docs"
rows = {}
for row in csv.DictReader(open(sys.argv[1] if len(sys.argv) > 1 else docs / "tuning.csv")):
    rows.setdefault(row["problem"], {}).setdefault(row["plan"], {})[int(row["calls"])] = row


def draw():
    plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER, "font.family": "DejaVu Sans",
                         "text.color": INK, "figure.dpi": 110})
    figure, axes = plt.subplots(3, 3, figsize=(11, 10))
    for ax, (problem, title) in zip(axes.flat, TITLES.items()):
        for plan, style in STYLES.items():
            points = sorted((calls, float(row["mean"])) for calls, row in rows[problem][plan].items())
            ax.plot(*zip(*points), markersize=4.5, label=NAMES[plan], **style)
        ax.set_title(title, loc="left", fontsize=11)
        ax.set(xscale="log", yscale="log")
        ax.set_xticks([5, 6, 8, 10, 15, 20], ["5", "6", "8", "10", "15", "20"])
        ax.minorticks_off()
        ax.grid(color=FAINT, linewidth=0.5)
        ax.tick_params(colors=MUTED, labelsize=9)
        for side in ax.spines.values():
            side.set_visible(False)
    axes[2, 1].set_xlabel("calls of the network", fontsize=10, color=MUTED)
    axes[1, 0].set_ylabel("mean distance to the end of a fine run", fontsize=10, color=MUTED)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="upper left", ncols=4, fontsize=9, frameon=False, handlelength=4)
    figure.tight_layout(rect=(0, 0, 1, 0.97))
    file = docs / "pictures/tuning_gain.png"
    figure.savefig(file)
    Image.open(file).convert("RGB").quantize(64).save(file, optimize=True)


def table():
    lines = ["| problem | calls | tuned: mean, median | of the best stock plan | of 2M on Karras's grid | of 2M on even angles | Fréchet, energy distance | the best stock plan |",
             "|---|---|---|---|---|---|---|---|"]
    for problem in TITLES:
        for calls, tuned in sorted(rows[problem]["tuned"].items()):
            stock, median = rows[problem]["stock"][calls], rows[problem]["stock by median"][calls]

            def part(of, column):
                return f"{float(tuned[column]) / float(of[column]):.2f}"

            beside = [f"{part(stock, 'mean')}, {part(median, 'median')}",
                      *(part(rows[problem][plan][calls], "mean") for plan in ("2M on karras", "2M on cosine")),
                      f"{part(stock, 'frechet')}, {part(stock, 'energy')}"]
            solver, grid = stock["what"].split(" on ")
            of = "" if grid.startswith("levels") else f", {grid}"
            errors = f"{float(tuned['mean']):.2g}, {float(tuned['median']):.2g}"
            lines.append(f"| {problem} | {calls} | {errors} | " + " | ".join(beside) + f" | `{solver}`{of} |")
    return "\n".join(lines) + "\n"


draw()
page = docs / "tuning/search.md"
begin, end = "<!-- gains, written by benchmarks/tuning/tuning.py -->\n", "<!-- end -->"
before, rest = page.read_text().split(begin)
page.write_text(before + begin + table() + end + rest.split(end, 1)[1])
