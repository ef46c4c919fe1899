# SPDX-License-Identifier: MIT
"""Draws what examples/tune.cpp found: docs/pictures/tuning.png.

    python3 examples/tune.py FOLDER        the folder that the program was given
"""
import math
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

PAPER, INK, MUTED, FAINT = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0"
COLOURS = {"tuned": "#e4572e", "2M on Karras's grid": "#12968a", "2M on even times": "#5c4ac7"}
NOISE = 100  # where a level without data is drawn

folder = pathlib.Path(sys.argv[1])
pictures = pathlib.Path(__file__).resolve().parent.parent / "docs" / "pictures"

plans = {}
for line in (folder / "tuning.csv").read_text().splitlines()[1:]:
    name, error, _, ratio, *weights = line.split(",")
    plans.setdefault(name, (float(error), []))[1].append((float(ratio), [float(w) for w in weights]))

plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER, "font.family": "DejaVu Sans",
                     "text.color": INK, "axes.edgecolor": FAINT, "xtick.color": MUTED, "ytick.color": MUTED, "figure.dpi": 110})
figure = plt.figure(figsize=(11, 8.8), layout="constrained")
rows = figure.add_gridspec(3, 3, height_ratios=[1, 2.2, 2.9])

levels = figure.add_subplot(rows[0, :])
for y, (name, (error, calls)) in enumerate(plans.items()):
    levels.plot([min(ratio, NOISE) for ratio, _ in calls], [-y] * len(calls), "o-", color=COLOURS[name], linewidth=1, markersize=6)
levels.set_yticks([-y for y in range(len(plans))], [f"{name}, error {error:.3f}" for name, (error, _) in plans.items()], color=INK)
levels.set_ylim(-len(plans) + 0.5, 0.5)
levels.set_xscale("log")
levels.invert_xaxis()
levels.set_xticks([NOISE, 10, 1, 0.1], ["noise", "10", "1", "0.1"])
levels.minorticks_off()
levels.set_title("levels of the ten calls, σ/α", loc="left", fontsize=10)

largest = max(abs(w) for _, calls in plans.values() for _, weights in calls for w in weights)
for column, (name, (_, calls)) in enumerate(plans.items()):
    ax = figure.add_subplot(rows[1, column])
    shown = np.full((len(calls), len(calls) + 1), math.nan)
    for call, (_, weights) in enumerate(calls):
        shown[call, :len(weights)] = weights
    drawn = ax.imshow(shown, cmap="RdBu_r", vmin=-largest, vmax=largest)
    ax.set_xticks(range(len(calls) + 1), ["x", "D"] + [f"−{k}" for k in range(1, len(calls))], fontsize=7)
    ax.set_yticks(range(len(calls)), range(1, len(calls) + 1), fontsize=7)
    ax.set_xlabel("the state x, the newest prediction D,\nand the predictions −1, −2 … before it", fontsize=8, color=MUTED)
    if column == 0:
        ax.set_ylabel("call", fontsize=8, color=MUTED)
    ax.set_title(f"{name}: weights after each call" if column == 0 else name, loc="left", fontsize=10)
bar = figure.colorbar(drawn, ax=ax, shrink=0.8)
bar.ax.set_title("weight", fontsize=8, color=MUTED)
bar.ax.tick_params(labelsize=7)

ax = figure.add_subplot(rows[2, :])
ax.imshow(Image.open(folder / "images.pgm"), cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
ax.set_yticks([14 + 28 * i for i in range(4)], ["200 calls", *plans], color=INK)
ax.set_xticks([])
ax.set_title("images from the same noise, in 200 calls and in ten", loc="left", fontsize=10)
figure.savefig(pictures / "tuning.png")
