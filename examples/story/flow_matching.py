# SPDX-License-Identifier: MIT
"""Draws what examples/story/flow_matching.cpp measured: a run of 50 calls on images, and solvers and shifts on the spiral."""
from drawing import COLOURS, MUTED, Chapter, axes_of, caption, note, np, sheet, wide
from demo import show

chapter = Chapter()
frames, far, shifts = chapter["frames"], chapter["far"], chapter["shifts"]
calls = [5, 10, 20, 30, 40, 50]
figure, axes = sheet(
    "On straight paths, with a shift",
    "Two images of one run, in ink: UniPC with 50 calls, shift 5, guidance scale 5 and the negative prompt “patterned”. Above, what the run has in hand after some "
    "calls. Below that, what the network believes that the image will be. The plots show how far both are from the end, and "
    "solvers and shifts on the spiral.", 5, 6, 1.7, left=1.0, top=1.9, bottom=0.65, gap=(0.12, 0.16))
for row in axes[4]:
    box = row.get_position()
    row.set_position([box.x0, box.y0, box.width, box.height * 0.88])
for column, call in enumerate(calls):
    left = far["time"][far["call"] == call][0]
    caption(axes[0, column], f"{call} calls", f"t = {left:.2f}" if left else "t = 0: the result")
    for row, (image, name) in enumerate(((0, "x"), (0, "believed"), (1, "x"), (1, "believed"))):
        at = frames[(frames["call"] == call) & (frames["image"] == image)]
        show(axes[row, column], np.clip(at[name], -1, 1))
for row, text in enumerate(("dress\nx", "dress\nbelieved", "boot\nx", "boot\nbelieved")):
    note(axes[row, 0], text, (0, 0.5), (-8, 0), size=10, ha="right", va="center", color=MUTED)
way, energy = wide(figure, axes[4], 0, 2), wide(figure, axes[4], 3, 5)
axes_of(way, "calls", "")
for name, label, colour, at in (("x", "x", COLOURS[0], 34), ("believed", "believed", COLOURS[1], 19)):
    way.plot(far["call"], far[name], color=colour)
    way.annotate(label, (far["call"][at], far[name][at]), (8, 4), textcoords="offset points", color=colour, size=10, weight="bold")
note(way, "distance to the result", (0, 1), (0, 5), size=10, weight="bold", va="bottom")
axes_of(energy, "steps", "")
for shift, colour in zip((1, 3, 5, 8), ("#1a9850", "#4575b4", "#e08214", "#b2182b")):
    for solver, style in (("euler", ":"), ("unipc", "-")):
        at = shifts[(shifts["solver"] == solver) & (shifts["shift"] == shift)]
        energy.loglog(at["steps"], at["energy"], style, color=colour, label=f"shift {shift}" if solver == "unipc" else None)
energy.axhline(shifts["chance"][0], color=MUTED, linewidth=0.7, linestyle="--")
energy.set_xticks([5, 10, 20, 50], ["5", "10", "20", "50"])
energy.minorticks_off()
energy.legend(frameon=False, fontsize=8, ncols=2, loc="upper right", labelcolor=MUTED)
note(energy, "energy distance on the spiral", (0, 1), (0, 5), size=10, weight="bold", va="bottom")
note(energy, "dotted: Euler; solid: UniPC", (1, 1), (0, 5), size=9, color=MUTED, va="bottom", ha="right")
energy.annotate("chance", (5, shifts["chance"][0]), (-12, -10), textcoords="offset points", color=MUTED, size=8)
chapter.save(figure)
