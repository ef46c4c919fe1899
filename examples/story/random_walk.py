# SPDX-License-Identifier: MIT
"""Draws what examples/story/random_walk.cpp measured: the walk to noise, the way back, and its limit of small steps."""
from drawing import COLOURS, INK, MUTED, Chapter, axes_of, caption, note, plane, sheet, wide

SHOWN = [0, 10, 30, 100]

chapter = Chapter()
moments, walkers, forth, back, ways, paths = (chapter[name] for name in ("moments", "walkers", "forth", "back", "ways", "brownian"))
figure, axes = sheet(
    "A walk to noise, and the way back",
    "Above, points of the spiral walk 100 steps; in each they shrink a little and a little noise is added. The line is one walk from "
    "(−1.6, 1.8). Below, other points set out from pure noise and walk back by the arrows of the exact score; their colours say where they will "
    "arrive. The lines are three of these paths.", 3, 4, 2.7, top=2.1, bottom=0.65, gap=(0.12, 0.6))
for column, step in enumerate(SHOWN):
    for ax, cloud in ((axes[0, column], forth), (axes[1, column], back)):
        at = cloud[cloud["step"] == step]
        ax.scatter(at["x"], at["y"], s=5, c=COLOURS[at["class"]], alpha=0.75, linewidths=0)
        plane(ax, 3.3)
    one = walkers[(walkers["walker"] == 0) & (walkers["step"] <= step)]
    axes[0, column].plot(one["x"], one["y"], color=INK, linewidth=0.9)
    axes[0, column].plot(one["x"][-1], one["y"][-1], "o", color=INK, markersize=4)
    for w in range(3):
        way = ways[(ways["walker"] == w) & (ways["step"] >= step)]
        axes[1, column].plot(way["x"], way["y"], color=INK, linewidth=0.7)
        axes[1, column].plot(way["x"][0], way["y"][0], "o", color=INK, markersize=4)
    after = moments[moments["step"] == step]
    caption(axes[0, column], f"after {step} steps" if step else "the data",
            f"α = {after['alpha'][0]:.2f}, σ = {after['sigma'][0]:.2f}" if step else "α = 1, σ = 0")
for column, text in enumerate(["0 steps left: the result", "10 steps left", "30 steps left", "100 steps left: pure noise"]):
    caption(axes[1, column], text, "")

left, right = wide(figure, axes[2], 0, 1), wide(figure, axes[2], 2, 3)
axes_of(left, "steps", "")
for name, measured, colour in (("alpha", "mean", COLOURS[1]), ("sigma", "deviation", COLOURS[0])):
    left.plot(moments["step"], moments[name], color=colour)
    left.plot(moments["step"][4::5], moments[measured][4::5], "o", color=colour, markersize=3.5)
note(left, "σ", (0.5, 0.99), (0, 0), color=COLOURS[0], size=11, weight="bold", ha="center", va="top")
note(left, "α", (0.5, 0.35), (0, 0), color=COLOURS[1], size=11, weight="bold", ha="center", va="top")
caption(left, "The end of a walk is known beforehand", "lines: the formula; dots: the mean and the deviation of 20,000 walks")
axes_of(right, "time", "")
for steps, colour, width in ((1000, MUTED, 0.6), (100, COLOURS[2], 1.0), (10, COLOURS[0], 1.8)):
    path = paths[paths["steps"] == steps]
    right.plot(path["time"], path["x"], color=colour, linewidth=width, label=f"{steps} steps")
right.legend(frameon=False, fontsize=8, loc="best")
caption(right, "Brownian motion", "one path in 10, 100 and 1000 steps: ever longer, and never smooth")
chapter.save(figure)
