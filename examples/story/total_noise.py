# SPDX-License-Identifier: MIT
"""Draws what examples/story/total_noise.cpp measured: what is learned from either target, and its error."""
from drawing import COLOURS, INK, MUTED, Chapter, axes_of, caption, np, plane, sheet

chapter = Chapter()
fields, errors = chapter["fields"], chapter["errors"]
fields = fields[fields["count"] >= 4]
x, y = (0.2 * (fields[name] - 15.5) for name in ("column", "row"))
figure, axes = sheet(
    "Two lessons with one answer",
    "Arrows against the mean noise of the points in a cell. Each of 16,000 noisy points is told all its noise, or only that of the last of its "
    "steps, of which the walk has a thousand. Both lessons have one answer, but the second one hides it behind noise of its own.",
    1, 4, 2.9, top=1.85, bottom=0.65, gap=(0.16, 0.6))
for ax, key, title, text in zip(axes[0], ("exact", "total", "step"), ("The answer", "Learned from all noise", "Learned from the last step"),
                                ("computed", "16,000 samples", "the same samples")):
    way = -np.stack([fields[f"{key}_x"], fields[f"{key}_y"]], 1)
    arrow = 0.2 * way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1)
    ax.quiver(x, y, *arrow.T, angles="xy", scale_units="xy", scale=1, width=0.0036, headwidth=4, headlength=4.5,
              headaxislength=4, minlength=0, color=INK, pivot="middle")
    plane(ax, 3)
    caption(ax, title, text)
ax = axes[0, 3]
axes_of(ax, "samples", "")
ax.set_position([ax.get_position().x0 + 0.025, *ax.get_position().bounds[1:2], ax.get_position().width - 0.025, ax.get_position().height])
for key, label, colour in (("step", "the last step", COLOURS[0]), ("total", "all noise", COLOURS[1])):
    ax.loglog(errors["samples"], errors[f"{key}_derived"], color=colour)
    ax.loglog(errors["samples"], errors[key], "o", color=colour, markersize=5)
    ax.annotate(label, (errors["samples"][1], errors[key][1]), (4, 8), textcoords="offset points", color=colour, size=10, weight="bold")
caption(ax, "Mean squared error", "dots: measured; lines: derived")
ax.set_ylim(errors["total"].min() / 2, errors["step"].max() * 3)
chapter.save(figure)
