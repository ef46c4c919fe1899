# SPDX-License-Identifier: MIT
"""Draws the errors that examples/orders.cpp measures, against steps, a panel for each kind and order: orders.png, and
orders.svg, whose lines have names for the site to show."""
import argparse
import csv
import math
import pathlib
import subprocess
import tempfile
import textwrap

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

PAPER, INK, MUTED, FAINT = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0"
COLOURS = ["#e4572e", "#12968a", "#5c4ac7", "#c98a00", "#2f6fb0", "#a8326d"]
DASHES = ["-", (0, (6, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1))]
PANELS = [("ode", {1}, "Without noise, order 1"), ("ode", {2}, "Without noise, order 2"),
          ("ode", {3}, "Without noise, order 3"), ("ode", {4, 5}, "Without noise, orders 4 and 5"),
          ("data", {2, 3, 4, 5}, "A network of the flow, whole steps onto data"),
          ("weak", {0, 1, 2}, "With noise: mean and deviation"), ("strong", {1}, "With noise: along its path")]


def read(program):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "errors.csv"
        subprocess.run([program, "--errors", file], check=True, stdout=subprocess.DEVNULL)
        curves = {}
        for row in csv.DictReader(file.open()):
            curves.setdefault((row["solver"], row["kind"], int(row["claimed"])), []).append((int(row["steps"]), float(row["error"])))
    return curves


def together(curves):
    """Solvers that are the same on this problem are one line, with all their names."""
    lines = []
    for name, points in curves:
        for names, other in lines:
            if all(math.isclose(a[1], b[1], rel_tol=1e-6, abs_tol=1e-14) for a, b in zip(points, other)):
                names.append(name)
                break
        else:
            lines.append(([name], points))
    return lines


def spread(wanted, lines, apart):
    """Places near those wanted, in their order, for texts of so many lines, a line being so high."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    places = [wanted[i] for i in order]
    for _ in range(500):
        for i in range(len(places) - 1):
            needed = apart * (lines[order[i]] + lines[order[i + 1]]) / 2
            missing = needed - (places[i + 1] - places[i])
            if missing > 0:
                places[i] -= missing / 2
                places[i + 1] += missing / 2
    return {i: place for i, place in zip(order, places)}


def draw_slopes(ax, orders, low, high):
    """Dashed lines as steep as the orders, over two doublings, in the empty corner."""
    top = low * (high / low) ** 0.38
    for order in orders:
        end = 56, top / 4 ** order
        ax.plot(*zip((14, top), end), color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        ax.annotate(f"order {order}", end, (3, 0), textcoords="offset points", fontsize=8, color=MUTED, va="center")


def draw_panel(ax, title, orders, lines):
    ax.set_title(title, loc="left", fontsize=12, color=INK)
    ax.set(xscale="log", yscale="log")
    shown = [(names, [p for p in points if p[1] > 1e-13]) for names, points in lines]
    low = min(p[-1][1] for _, p in shown)
    high = max(p[0][1] for _, p in shown)
    height = math.log10(high / low)
    draw_slopes(ax, orders, low, high)
    texts = [textwrap.fill(", ".join(names), 25) for names, _ in shown]
    places = spread([math.log10(p[-1][1]) for _, p in shown], [text.count("\n") + 1 for text in texts], height / 29)
    last = max(p[-1][0] for _, p in shown)
    for i, (_, points) in enumerate(shown):
        place = sorted(places, key=places.get).index(i)
        colour = COLOURS[place % len(COLOURS)]
        ax.plot(*zip(*points), color=colour, linestyle=DASHES[place % len(DASHES)], linewidth=1.3, alpha=0.9)
        ax.plot(*zip(*points), color=INK, alpha=0, linewidth=7, zorder=4, gid=f"named {', '.join(shown[i][0])}")  # to be pointed at
        ax.annotate(texts[i], points[-1], (last * 1.25, 10 ** places[i]), fontsize=8.5, color=colour, va="center",
                    arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.3, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)}, annotation_clip=False)
    ax.set_xlim(10, last * 1.15)
    ax.grid(color=FAINT, linewidth=0.5)
    ax.tick_params(colors=MUTED, labelsize=9)
    ax.set_xlabel("steps", fontsize=10, color=MUTED)
    ax.set_ylabel("error", fontsize=10, color=MUTED)
    ax.set_xticks([12, 48, 192, 768], ["12", "48", "192", "768"])
    ax.minorticks_off()
    for side in ax.spines.values():
        side.set_visible(False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True, help="the built example_orders")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the folder for the picture")
    given = parser.parse_args()
    plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER,
                         "font.family": "DejaVu Sans", "text.color": INK, "figure.dpi": 140, "svg.fonttype": "none", "svg.hashsalt": "orders"})
    curves = read(given.program)
    figure, axes = plt.subplots(4, 2, figsize=(10.5, 24))
    figure.suptitle("How fast the error of every solver falls with its steps", x=0.08, y=0.988, ha="left", fontsize=16, weight="bold")
    axes.flat[-1].set_visible(False)
    for ax, (kind, orders, title) in zip(axes.flat, PANELS):
        draw_panel(ax, title, sorted(orders - {0}), together([(name, points) for (name, k, order), points in curves.items()
                                        if k == kind and order in orders]))
    figure.subplots_adjust(left=0.08, right=0.79, top=0.96, bottom=0.03, hspace=0.2, wspace=1.02)
    given.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(given.out / "orders.svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    file = given.out / "orders.png"
    figure.savefig(file)
    Image.open(file).convert("RGB").quantize(64).save(file, optimize=True)


main()
