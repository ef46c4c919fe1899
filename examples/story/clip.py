# SPDX-License-Identifier: MIT
"""Draws what examples/story/clip.cpp measured: how alike images and descriptions are before training and after, and words
nearest to differences of images."""
from drawing import COLOURS, FAINT, INK, MUTED, PAPER, Chapter, axes_of, caption, note, np, sheet
from demo import show
from matplotlib.colors import LinearSegmentedColormap

chapter = Chapter()
matrix, images, texts, ranks = (chapter[name] for name in ("matrix", "images", "texts", "ranks"))
count, cell = 10, 3.7
figure, axes = sheet(
    "One space for images and words",
    "Cosines of ten images (rows) and ten descriptions (columns), by networks of random numbers and by trained ones. On the diagonal is each image with "
    "its own description. Images are in ink: what is bright is drawn dark. On the right: the mean of images with an attribute less the mean of images without it, and the words that are nearest.",
    1, 3, cell, left=0.85, right=0.5, top=1.9, bottom=1.65, gap=(0.8, 0.5))
colours = LinearSegmentedColormap.from_list("cosines", [COLOURS[2], PAPER, COLOURS[0]])
for ax, towers, title, text in ((axes[0, 0], "random", "before training", "random numbers as weights"),
                                (axes[0, 1], "learned", "after training", "an image is near what is true of it")):
    ax.axis("on")
    at = matrix["towers"] == towers
    shown = ax.imshow(matrix["cosine"][at].reshape(count, count), cmap=colours, vmin=-1, vmax=1)
    ax.set_xticks(range(count), texts["description"], rotation=55, ha="right", rotation_mode="anchor", fontsize=8, color=MUTED)
    ax.set_yticks([])
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    caption(ax, title, text)
    for image in range(count):
        small = ax.inset_axes([-0.115, 1 - (image + 0.96) / count, 0.092, 0.092])
        small.axis("off")
        show(small, images["x"][images["image"] == image])
box = axes[0, 1].get_position()
bar = figure.add_axes([box.x1 + 0.01, box.y0, 0.006, box.height])
figure.colorbar(shown, cax=bar, ticks=[-0.5, 0, 0.5, 1])
bar.set_ylim(-0.5, 1)
bar.tick_params(labelsize=8, colors=MUTED, length=0)
bar.set_frame_on(False)
box = axes[0, 2].get_position()
shown = [("boot", "heel"), ("top", "long-sleeved"), ("bag", "handle"), ("pullover", "dark")]
for row, (kind, attribute) in enumerate(shown):
    height = (box.height + 0.16) / len(shown)
    ax = figure.add_axes([box.x0 + 0.035, box.y1 - (row + 1) * height + 0.055, box.width - 0.035, height - 0.075])
    at = ranks[(ranks["towers"] == "learned") & (ranks["kind"] == kind) & (ranks["attribute"] == attribute)]
    axes_of(ax, "", "")
    ax.grid(False)
    ax.barh(range(len(at)), at["cosine"], color=[COLOURS[1] if word == attribute else FAINT for word in at["word"]])
    ax.set_yticks(range(len(at)), at["word"], fontsize=8.5)
    ax.invert_yaxis()
    ax.set_xlim(0, 0.6)
    ax.set_xticks([])
    for i, cosine in enumerate(at["cosine"]):
        ax.text(cosine + 0.01, i, f"{cosine:.2f}", fontsize=8, color=MUTED, va="center")
    note(ax, f"{kind}s: {attribute} − {at['other'][0]}", (0, 1), (0, 4), size=10, weight="bold", va="bottom", color=INK)
chapter.save(figure)
