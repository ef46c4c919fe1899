# SPDX-License-Identifier: MIT
"""Draws what examples/story/fokker_planck.cpp measured: paths with noise and without it, and how many steps samplers need."""
from drawing import COLOURS, FAINT, INK, MUTED, Chapter, axes_of, caption, np, plane, sheet

chapter = Chapter()
ways, ends, data, steps = chapter["ways"], chapter["ends"], chapter["data"], chapter["steps"]
figure, axes = sheet(
    "One distribution, two kinds of paths",
    "From the same noise, 200 steps. With noise (SDE) points stagger, without it (ODE) they run smoothly, and they end at other "
    "places. All ends together are the same distribution. On the right, how far samples are from the data after so many steps.",
    1, 3, 3.5, top=1.95, bottom=0.65, gap=(0.16, 0.6))
for ax, way, colour, text in zip(axes[0], ("SDE", "ODE"), COLOURS, ("DDPM", "DDIM")):
    ax.scatter(data["x"], data["y"], s=3, color=FAINT, linewidths=0)
    at = ends[ends["way"] == way]
    ax.scatter(at["x"], at["y"], s=5, color=colour, linewidths=0)
    for point in range(5):
        line = ways[(ways["way"] == way) & (ways["point"] == point)]
        ax.plot(line["x"], line["y"], color=MUTED, linewidth=0.7)
        ax.plot(line["x"][0], line["y"][0], "o", color=INK, markersize=4)
    plane(ax, 3.3)
    caption(ax, "with noise" if way == "SDE" else "without noise", text)
ax = axes[0, 2]
axes_of(ax, "steps", "")
ax.set_position([ax.get_position().x0 + 0.03, *ax.get_position().bounds[1:2], ax.get_position().width - 0.03, ax.get_position().height])
for solver, colour in zip(("DDPM", "DDIM", "DPM-Solver++(2M)", "Euler in time"), (COLOURS[0], COLOURS[1], COLOURS[2], INK)):
    line = steps[steps["solver"] == solver]
    ax.loglog(line["steps"], line["energy"], "o-", color=colour, markersize=4, label=solver)
ax.axhline(steps["chance"][0], color=MUTED, linewidth=0.8, linestyle=":")
ax.set_xticks(np.unique(steps["steps"]), [str(n) for n in np.unique(steps["steps"])], minor=False)
ax.minorticks_off()
ax.legend(frameon=False, fontsize=8, loc="upper right")
caption(ax, "Energy distance to the data", "dotted: what chance leaves")
chapter.save(figure)
