# SPDX-License-Identifier: MIT
"""Draws what examples/story/conditioning.cpp measured: one noise, four prompts and six scales, and what the scale does to the shares."""
from drawing import COLOURS, INK, MUTED, PAPER, Chapter, axes_of, caption, note, np, sheet, wide
from demo import show

chapter = Chapter()
pictures, numbers = chapter["pictures"], chapter["numbers"]
scales = list(numbers["scale"])
figure, axes = sheet(
    "One noise, and what it is told",
    "All images begin in the same noise. On the left the network is told nothing, and there is one image. To its right it is told four things, each more strongly from column "
    "to column. The plots: 64 images of eight prompts, in how many of them the prompt is true, how much those of one prompt differ, and how "
    "many pixels are outside of what can be shown. Images are printed in ink: what is bright in the data is dark here.", 5, 6, 1.55, left=1.75, top=2.05, bottom=0.65, gap=(0.14, 0.16))
for row in axes[4]:
    box = row.get_position()
    row.set_position([box.x0, box.y0, box.width, box.height * 0.85])
names = ("dark boot", "bright dress", "bag handle", "sandal heel")
words = {0: "nothing", 1: "told", 2: "guided"}
for column, scale in enumerate(scales):
    caption(axes[0, column], f"scale {scale}", words.get(scale, ""))
    for row in range(4):
        ax = axes[row, column]
        if scale == 0 and row > 0:
            ax.set_visible(False)
            continue
        at = pictures[(pictures["scale"] == scale) & (pictures["prompt"] == row)]
        show(ax, at["value"])
# One image on the left, from which the rows grow.
middle = [axes[row, 0].get_position() for row in range(4)]
root = axes[0, 0].get_position()
axes[0, 0].set_position([root.x0 - root.width * 0.75, (middle[1].y0 + middle[2].y1 - root.height) / 2, root.width, root.height])
box = axes[0, 0].get_position()
start = (box.y0 + box.y1) / 2
trunk = figure.add_axes([0, 0, 1, 1], zorder=-1)
trunk.axis("off")
trunk.set_xlim(0, 1)
trunk.set_ylim(0, 1)
for row in range(4):
    end = axes[row, 1].get_position()
    y, left, right = (end.y0 + end.y1) / 2, box.x1 + 0.008, end.x0 - 0.008
    t = np.linspace(0, 1, 41)
    trunk.plot(left + (right - left) * t, start + (y - start) * (3 * t**2 - 2 * t**3), color=MUTED, linewidth=1.2)
    trunk.text(right - 0.004, y + 0.012, names[row], ha="right", va="bottom", size=10, weight="bold", color=INK,
               bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1})
plots = [wide(figure, axes[4], 2 * i, 2 * i + 1) for i in range(3)]
for ax, title in zip(plots, ("share of images", "spread", "pixels outside")):
    axes_of(ax, "scale", "")
    note(ax, title, (0, 1), (0, 5), size=10, weight="bold", va="bottom")
    ax.set_ylim(0, None)
for name, label, colour, place in (("of_class", "class", COLOURS[0], (8.2, 0.70)), ("both", "class and attribute", COLOURS[1], (3.1, 0.55))):
    plots[0].plot(scales, numbers[name], "o-", color=colour, markersize=3)
    plots[0].text(*place, label, color=colour, size=9, weight="bold")
plots[0].set_ylim(0, 1.03)
plots[1].plot(scales, numbers["spread"], "o-", color=COLOURS[2], markersize=3)
plots[1].set_ylim(0, 0.6)
plots[2].set_ylim(0, 1.1 * max(numbers["outside"]))
plots[2].plot(scales, numbers["outside"], "o-", color=COLOURS[0], markersize=3)
chapter.save(figure)
