# SPDX-License-Identifier: MIT
"""Writes what examples/guidance.cpp measured into docs/choosing_guidance.md, and draws it: docs/pictures/guidance.png.

    python3 examples/guidance.py [docs/guidance.csv]
"""
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

PAPER, INK, MUTED, FAINT = "#fcfbf8", "#20242c", "#6d7480", "#d9d7d0"
# What kin rules share is the colour.
FAMILIES = [("one scale throughout", INK, ["classifier_free"]),
            ("less, or none, where noise is large", "#12968a", ["interval", "scheduled", "mambo_g"]),
            ("a length that is kept", "#e4572e", ["rescaled", "renormalised", "adg"]),
            ("a part that is left out", "#5c4ac7", ["apg", "tangential", "cfg_zero_star"]),
            ("a memory of the steps before", "#c98a00", ["momentum", "sliding_mode"])]
STYLES = [("-", "o"), ((0, (5, 1.5)), "s"), ((0, (1.2, 1.2)), "^")]
NETWORKS = {"fashion": "Fashion-MNIST, 200 images in 10 steps", "spiral": "spiral, 768 points in 32 steps"}
SCALES = [2, 4, 8, 16]
ENOUGH = 0.9  # the share of the class from which on the least Fréchet distance is marked

docs = pathlib.Path(__file__).resolve().parent.parent / "docs"


class Measured:
    def __init__(self, rows):
        self.at = {(row["network"], row["rule"], int(row["scale"])): row for row in rows}

    def __call__(self, network, rule, scale):
        """The share of the class, the spread as a part of that of the data, the Fréchet distance."""
        row, data = self.at[network, rule, scale], self.at[network, "data", 0]
        return float(row["share"]), float(row["spread"]) / float(data["spread"]), float(row["frechet"])

    def calls(self, network, rule):
        return self.at[network, rule, SCALES[0]]["calls"]


def rules():
    return [name for _, _, names in FAMILIES for name in names]


def draw(measured):
    plt.rcParams.update({"figure.facecolor": PAPER, "savefig.facecolor": PAPER, "axes.facecolor": PAPER,
                         "font.family": "DejaVu Sans", "text.color": INK, "figure.dpi": 140})
    figure = plt.figure(figsize=(11, 16), layout="constrained")
    (_, alone, [plain]), *families = FAMILIES
    for part, (network, title) in zip(figure.subfigures(2, 1, height_ratios=[1.08, 1], hspace=0.03), NETWORKS.items()):
        part.suptitle(title[0].upper() + title[1:], x=0.01, ha="left", fontsize=12, weight="bold")
        axes = part.subplots(4, len(families), sharex="row", sharey="row")
        none, data = measured(network, "none", 1), measured(network, "data", 0)
        for column, (family, colour, names) in zip(axes.T, families):
            lines = [(plain, {"color": alone, "linestyle": "-", "marker": "o", "linewidth": 2, "zorder": 2})]
            lines += [(name, {"color": colour, "linestyle": line, "marker": marker, "linewidth": 1.5, "zorder": 3})
                      for name, (line, marker) in zip(names, STYLES)]
            for name, style in lines:
                points = [measured(network, name, scale) for scale in SCALES]
                for what in range(3):
                    column[what].plot(SCALES, [p[what] for p in points], label=name, markersize=4, **style)
                column[3].plot([none[0]] + [p[0] for p in points], [none[2]] + [p[2] for p in points], markersize=4, **style)
            if part is figure.subfigs[0]:
                legend = column[0].legend(title=family, loc="lower left", bbox_to_anchor=(-0.03, 1), fontsize=8.5, title_fontsize=9.5, frameon=False,
                                          handlelength=3, alignment="left")
                legend.get_title().set_color(colour)
            else:
                column[0].set_title(family, loc="left", fontsize=9.5, color=colour)
            for what, ax in enumerate(column):
                ax.grid(color=FAINT, linewidth=0.5)
                ax.tick_params(colors=MUTED, labelsize=8, which="both")
                for side in ax.spines.values():
                    side.set_visible(False)
                if what == 3:
                    ax.set_xlabel("share of the class", fontsize=8.5, color=MUTED)
                    for (share, _, distance), text, place in [(none, "unguided", {"xytext": (-5, 6), "ha": "left"}),
                                                              (data, "data", {"xytext": (5, -12), "ha": "right"})]:
                        ax.plot(share, distance, "o", color=MUTED, markersize=6, zorder=4)
                        ax.annotate(text, (share, distance), textcoords="offset points", fontsize=7.5, color=MUTED, **place)
                    continue
                ax.set_xscale("log", base=2)
                ax.set_xticks(SCALES, [str(s) for s in SCALES])
                if what == 2:
                    ax.set_xlabel("scale", fontsize=8.5, color=MUTED)
                else:
                    ax.tick_params(labelbottom=False)
                for value in (none[what], data[what]):
                    ax.axhline(value, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        for row, what in zip(axes, ["share of the class", "spread", "Fréchet distance", "Fréchet distance"]):
            row[0].set_ylabel(what, fontsize=9.5, color=INK)
        axes[1, 0].set_ylim(0.4, 1.6)
        for row in axes[2:]:
            row[0].set_yscale("log")
            row[0].yaxis.set_major_formatter("{x:g}")
            row[0].minorticks_off()
            row[0].set_ylim(0.4 * data[2], (60 if network == "fashion" else 5) * none[2])
        for what, ax in enumerate(axes[:3, -1]):
            alike = abs(none[what] - data[what]) < 0.05 * data[what]
            for text, value in {"data, unguided": data[what]}.items() if alike else {"unguided": none[what], "data": data[what]}.items():
                ax.annotate(text, (1, value), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=7.5,
                            color=MUTED, va="center")
    file = docs / "pictures/guidance.png"
    figure.savefig(file)
    Image.open(file).convert("RGB").quantize(64).save(file, optimize=True)


def said(numbers):
    share, spread, frechet = numbers
    return f"{100 * share:.0f} %, {spread:.2f}, {frechet:.2g}" if frechet < 100 else f"{100 * share:.0f} %, {spread:.2f}, {frechet:.0f}"


def section(measured):
    lines = []
    for network, title in NETWORKS.items():
        lines += [f"**{title[0].upper()}{title[1:]}**. Unguided: {said(measured(network, 'none', 1))}. As many of the data themselves: "
                  f"{said(measured(network, 'data', 0))}.", "",
                  "| rule | calls | " + " | ".join(f"scale {s}" for s in SCALES) + " |", "|---" * (2 + len(SCALES)) + "|"]
        for name in rules():
            found = [measured(network, name, scale) for scale in SCALES]
            best = min((f for f in found if f[0] >= ENOUGH), key=lambda f: f[2], default=None)
            cells = [f"**{said(f)}**" if f is best else said(f) for f in found]
            lines.append(f"| [`{name}`](guidance/{name}.md) | {measured.calls(network, name)} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    file = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else docs / "guidance.csv"
    measured = Measured(csv.DictReader(file.open()))
    draw(measured)
    page = docs / "choosing_guidance.md"
    begin, end = "<!-- written by examples/guidance.py -->\n", "<!-- end -->"
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + section(measured) + end + rest.split(end, 1)[1])


main()
