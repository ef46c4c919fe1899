# SPDX-License-Identifier: MIT
"""Draws what examples/story/ddpm.cpp measured: the same points with the noise of DDPM's steps and without it."""
from drawing import COLOURS, FAINT, INK, MUTED, Chapter, caption, plane, sheet

chapter = Chapter()
ways, ends, data = chapter["ways"], chapter["ends"], chapter["data"]
figure, axes = sheet(
    "The noise of DDPM",
    "64 steps of one trained network. On the left 256 points set out from (−1.6, 1.8), on the right from noise. Dots: where they end; lines: "
    "paths of four of them. Above, every step adds the noise that it should. Below, each step goes to its mean and stays there.",
    2, 2, 3.4, top=2.1, bottom=0.3, gap=(0.14, 0.55))
for column, start in enumerate(("one point", "noise")):
    for row, kind in enumerate(("with", "without")):
        ax = axes[row, column]
        ax.scatter(data["x"], data["y"], s=1.5, color=FAINT, linewidths=0)
        for point in range(4):
            way = ways[(ways["from"] == start) & (ways["network"] == "trained") & (ways["noise"] == kind) & (ways["point"] == point)]
            ax.plot(way["x"], way["y"], color=MUTED, linewidth=0.7)
            ax.plot(way["x"][0], way["y"][0], "o", color=INK, markersize=4)
        at = ends[(ends["from"] == start) & (ends["network"] == "trained") & (ends["noise"] == kind)]
        ax.scatter(at["x"], at["y"], s=9, color=COLOURS[1 - row], linewidths=0, zorder=3)
        plane(ax, 3.3)
        caption(ax, f"{kind} noise", "from one point" if start == "one point" else "from noise")
chapter.save(figure)
