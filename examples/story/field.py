# SPDX-License-Identifier: MIT
"""Draws what examples/story/field.cpp measured: the field as noise grows less, and where it turns to the spiral."""
from drawing import COLOURS, FAINT, INK, MUTED, Chapter, axes_of, caption, note, np, plane, sheet, wide

chapter = Chapter()
fields, levels, arrows, ends = (chapter[name] for name in ("fields", "levels", "arrows", "ends"))


def quiver(ax, x, y, way, longest, cell=0.3):
    """Arrows, all as long as a cell allows where they are longer than `longest`."""
    arrow = 0.85 * cell * way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), longest)
    ax.quiver(x, y, *arrow.T, angles="xy", scale_units="xy", scale=1, width=0.0036 if cell < 0.5 else 0.005, headwidth=4,
              headlength=4.5, headaxislength=4, minlength=0, color=INK, pivot="middle", zorder=3)
    plane(ax, 3.3)


def pair(rows, name):
    return np.stack([rows[f"{name}_x"], rows[f"{name}_y"]], 1)


def frame(level):
    """The field of one level: from each place to what the denoiser takes it for, and where one ends who follows it."""
    figure, axes = sheet("Where the arrows lead", "", 1, 2, 2.9, top=1.3, bottom=0.15)
    share = level["share"]
    at, end = arrows[arrows["share"] == share], ends[ends["share"] == share]
    at = at[[i % 2 == 0 and i // 22 % 2 == 0 for i in range(len(at))]]  # of 22 rows and columns every second
    place = np.stack([at["x"], at["y"]], 1)
    for ax, name, title in zip(axes[0], ("exact", "trained"), ("exact", "trained network")):
        ax.scatter(end["x"], end["y"], s=4, c=[COLOURS[1]], alpha=0.6, linewidths=0)
        quiver(ax, at["x"], at["y"], pair(at, name) - place, 0.6, 0.6)
        ax.scatter(*pair(end, name).T, s=16, c=[COLOURS[0]], linewidths=0, zorder=4)
        note(ax, title, (0, 1), (0, 4), size=10, weight="bold", va="bottom")
    width, height = figure.get_size_inches()
    figure.text(0.35 / width, 1 - 0.72 / height, f"σ/α is {share:.2f} of the spacing of the arms; t = {level['straight']:.2f} on the straight path",
                size=10, color=MUTED, va="center")
    return figure


figure, axes = sheet(
    "One field with four names, and where it turns",
    "Above: at one level, the arrows from a place to the mean of the data that may have led there, against the mean noise, along the score, and "
    "against the velocity. The first three point the same way. Below: where those end who follow the arrows of a level.",
    2, 4, 2.7, top=1.85, bottom=0.65, gap=(0.12, 0.75))
alpha = 1 / np.sqrt(1 + 0.5 ** 2)
place = np.stack([fields["x"], fields["y"]], 1)
for ax, way, title, text in zip(
        axes[0], (alpha * pair(fields, "data") - place, -pair(fields, "noise"), pair(fields, "score"), -pair(fields, "velocity")),
        ("to the data", "against the noise", "the score", "against the velocity"), ("αD − x", "−ε", "∇ log p = −ε/σ", "σD − αε")):
    quiver(ax, fields["x"], fields["y"], way, 0.2 * np.linalg.norm(way, axis=1).mean())
    caption(ax, title, text)
left, right = wide(figure, axes[1], 0, 1), wide(figure, axes[1], 2, 3)
for ax in (left, right):
    axes_of(ax, "σ/α as a part of the spacing of the arms: noise grows less to the right", "")
    ax.set_xscale("log")
    ax.set_xticks([2, 1, 0.5, 0.25, 0.125], ["2", "1", "0.5", "0.25", "0.125"])
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.axvline(0.5, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
left.plot(levels["share"], levels["exact"], "o-", color=INK, markersize=4, label="exact denoiser")
left.plot(levels["share"], levels["trained"], "s--", color=COLOURS[0], markersize=4, label="trained network")
left.annotate("two arms: 0.5", (0.5, 1.55), (-4, 0), textcoords="offset points", size=8.5, color=MUTED, ha="right")
left.legend(frameon=False, fontsize=9, loc="center left")
caption(left, "Spread of the attractors", "0: all arrows lead to one point; 1.63: to the spiral")
right.plot(levels["share"], levels["winding"] / np.log(2), "o-", color=COLOURS[2], markersize=4)
right.set_ylim(0, 1.02)
right.axhline(0.5, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
caption(right, "From which winding of the spiral?", "entropy in bits: 1 is a coin, 0 is known")
chapter.save(figure)
chapter.film((frame(level) for level in levels), milliseconds=220, last=2000)
