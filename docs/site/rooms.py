# SPDX-License-Identifier: MIT
"""What the pages take from the tree, so that nothing is typed twice.

    {members}          the pages beside this one, each with its first sentence
    {parameters} [F]   the members of the page's type, or the arguments of the function F, with their defaults;
                       the body says what each is, "name: text", and must name them all
    {facts}            the constants of the page's type; of a solver also what its update costs, by its tests
    {solvers}          the constants of all solvers
    {orders}           the order of every solver, as examples/orders.cpp has just measured it
    {arguments}        the arguments of the rooms that are refused, and what is allowed instead, as the headers say it
    {cuda_speed}       what benchmarks/cuda/run.sh measured, where docs/cuda.csv is there
    {static_asserts}   every sentence that the library says at compile time, with the concept's page
    {rooms}            the rooms as a picture, an arrow to each that a room includes
    {reference} [PATH] what the page's header declares

A page docs/ROOM/STEM.md belongs to include/fokker/ROOM/STEM.hpp, and docs/api/STEM.md to include/fokker/STEM.hpp.
"""

import csv
import itertools
import pathlib
import re
import shutil
from xml.etree import ElementTree

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.logging import getLogger

logger = getLogger(__name__)
docs = pathlib.Path(__file__).resolve().parent.parent
include = docs.parent / "include" / "fokker"
tests = docs.parent / "tests"


def first_sentence(page):
    """The line that follows the title of a page."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.strip()]
    if len(lines) < 2 or not lines[0].startswith("# ") or not lines[1].endswith("."):
        raise ExtensionError(f"{page.relative_to(docs)} does not begin with a title and a line that is one sentence")
    return lines[1]


def parts_of_list(text):
    """A list of C++ arguments, divided at its outer commas."""
    depth, quoted, found = 0, False, [""]
    for c in text:
        quoted ^= c == '"'
        depth += 0 if quoted else (c in "({<[") - (c in ")}>]")
        if c == "," and depth == 0 and not quoted:
            found.append("")
        else:
            found[-1] += c
    return [part.strip() for part in found if part.strip()]


def body_of(text, name):
    """The body of the struct or class `name`."""
    begin = re.search(rf"^(?:struct|class) {name}\b[^;{{]*{{", text, re.M)
    return text[begin.end():text.index("\n};", begin.end())] if begin else ""


def constants(text):
    return dict(re.findall(r"^  static constexpr [^=()]*?(\w+) =\s+([^;]+);", text, re.M))


def yes_or_no(value):
    return {"true": "yes", "false": "no"}.get(value, value)


def choices(text, name):
    """What the arguments of a type's template may be: {name: (default or None, [all])}."""
    head = re.search(rf"^template <(.*)>\nstruct {name}\b", text, re.M)
    found = {}
    for parameter in parts_of_list(head[1]) if head else []:
        declared, _, default = (part.strip() for part in parameter.partition(" = "))
        kind, own = declared.rsplit(" ", 1)
        if kind == "int":
            bounds = re.search(rf"\b{own} >= (\d+) && {own} <= (\d+)", text)
            found[own] = int(default) if default else None, list(range(int(bounds[1]), int(bounds[2]) + 1)) if bounds else []
        elif kind == "bool":
            found[own] = default == "true", [False, True]
        elif kind != "class":
            found[own] = default.rpartition("::")[2], sorted(set(re.findall(rf"\b{kind}::(\w+)", text)))
    return found


def evaluated(text, name, expression):
    """A constant in words: its value or, where it depends on the template's arguments, that of the defaults and all others."""
    if re.fullmatch(r"\d+|true|false", expression):
        return yes_or_no(expression)
    if inner := re.findall(r"\b([A-Z]\w+)(?:::|\.)\w+", re.sub(r"\border_of\((\w+)\)", r"\1::order", expression)):
        if " ? " in expression:
            return f"the {'smaller' if ' < ' in expression else 'larger'} one of both"
        return f"as the {inner[0].lower()} inside" if len(inner) == 1 else "the sum of both rules"
    python = re.sub(r"\b\w+::(\w+)", r"'\1'", re.sub(r"\(std::(min|max)\)", r"\1", expression))
    python = python.replace("||", " or ").replace("&&", " and ")
    if parts := re.fullmatch(r"(.*) \? (.*) : (.*)", python):
        python = f"({parts[2]}) if ({parts[1]}) else ({parts[3]})"
    free = choices(text, name)
    free = {own: free[own] for own in free if re.search(rf"\b{own}\b", python)}
    if not free:
        return f"`{expression}`"

    def at(arguments):
        return int(eval(python, {"min": min, "max": max}, dict(zip(free, arguments))))

    found = sorted({at(each) for each in itertools.product(*(values for _, values in free.values()))})
    defaults = [default for default, _ in free.values()]
    span = f"{found[0]} {'or' if len(found) == 2 else 'to'} {found[-1]}" if found else f"`{expression}`"
    return span if None in defaults else f"{at(defaults)} ({span})"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


class FromTree(SphinxDirective):
    """A directive whose content is Markdown made from the tree."""

    optional_arguments = 1

    def run(self):
        self.env.note_dependency(__file__)
        container = nodes.Element()
        self.state.nested_parse(StringList(self.lines(), source="rooms.py"), 0, container)
        return container.children

    @property
    def header(self):
        room, _, stem = self.env.docname.rpartition("/")
        return include / f"{stem}.hpp" if room == "api" else include / room / f"{stem}.hpp"

    @property
    def stem(self):
        return self.env.docname.rpartition("/")[2]


class Members(FromTree):
    def lines(self):
        folder = (docs / self.env.docname).parent
        pages = {page.relative_to(folder).as_posix().removesuffix(".md"): page
                 for page in sorted(folder.rglob("*.md")) if page.stem != "index"}
        rows = [[f"[`{name.replace('/', '::')}`]({name}.md)", first_sentence(page)] for name, page in pages.items()]
        tree = ["```{toctree}", ":hidden:", "", *pages, "```", ""]
        return table(["page", "in one sentence"], rows) + tree


class Parameters(FromTree):
    has_content = True

    def lines(self):
        text = self.header.read_text(encoding="utf-8")
        if self.arguments:
            found = re.search(rf"\b{self.arguments[0]}\(((?:[^()]|\([^()]*\))*)\) {{", text)
            declared = parts_of_list(found[1].replace("\n", " ")) if found else []
        else:
            declared = re.findall(r"^  ((?!static|using|return)\w[\w:<> *]* \w+(?: =\s+(?:[^;(){}]+|{}|\w+\([\w{}]*\)))?);",
                                  body_of(text, self.stem), re.M)
        said = dict(line.split(":", 1) for line in self.content if line.strip())
        rows = []
        for declaration in declared:
            left, _, default = (part.strip() for part in declaration.partition("="))
            kind, name = left.rsplit(" ", 1)
            default = f"`{default.rsplit('::')[-1]}`" if default and "(" not in default else ""  # what is computed, the text says
            rows.append([f"`{name}`", f"`{kind}`", default, said.pop(name, "").strip()])
            if not rows[-1][-1]:
                raise ExtensionError(f"{self.env.docname}: nothing is said of the parameter {name}")
        if said:
            raise ExtensionError(f"{self.env.docname}: {', '.join(said)}: no such parameter in the header")
        first = f"parameter of `{self.arguments[0]}`" if self.arguments else "parameter"
        return table([first, "type", "default", "meaning"], rows)


def solver_row(stem):
    text = (include / "solver" / f"{stem}.hpp").read_text(encoding="utf-8")
    facts, own = constants(text), stem.rpartition("/")[2]
    return [evaluated(text, own, facts[name]) for name in ("order", "evaluations", "history", "stochastic")]


class Facts(FromTree):
    def lines(self):
        if not self.env.docname.startswith("solver/"):
            text = self.header.read_text(encoding="utf-8")
            facts = constants(body_of(text, self.stem))
            return table(["constant", "value"], [[f"`{name}`", evaluated(text, self.stem, value)] for name, value in facts.items()])
        name = self.env.docname.removeprefix("solver/")
        test = (tests / "solver" / f"{name}.cpp").read_text(encoding="utf-8")
        names = ("inputs", "normals", "rows", "buffers")
        costs = [[f"`{solver}`", *(re.search(rf"\.{name} = (\d+)", counts)[1] for name in names)]
                 for solver, counts in re.findall(r"test::costs\(([\w:<>, ]+{[^}]*}), {([^}]*)}\);", test)]
        if not costs:
            raise ExtensionError(f"tests/solver/{name}.cpp does not say what the solver costs")
        return (table(["order", "network calls a step", "earlier predictions used", "can draw noise"],
                      [solver_row(name)])
                + ["What an update reads, draws and writes, and the tensors that live between calls, `x` among them; one "
                   "denoiser. The numbers are those that the tests assert.", ""]
                + table(["", "operands read", "normals drawn", "results written", "tensors alive"], costs))


class Solvers(FromTree):
    def lines(self):
        up = "" if self.env.docname.startswith("solver/") else "solver/"
        names = (path.relative_to(include / "solver").as_posix().removesuffix(".hpp")
                 for path in sorted((include / "solver").rglob("*.hpp"))
                 if "static constexpr int order" in path.read_text(encoding="utf-8"))
        rows = [[f"[`{name.replace('/', '::')}`]({up}{name}.md)", *solver_row(name)] for name in names]
        return table(["solver", "order", "calls a step", "history", "noise"], rows)


class Orders(FromTree):
    def lines(self):
        head, *rows = csv.reader(pathlib.Path(self.config.orders_path).read_text(encoding="utf-8").splitlines())
        return table(head, [[f"[`{name}`](solver/{name.split('<')[0].replace('::', '/')}.md)", *rest] for name, *rest in rows])


def refusals(text):
    """(argument, allowed) of each call refuse(argument, value, allowed), as C++."""
    found = []
    for call in re.finditer(r"\brefuse(?:_entry|_its)?\(", text):
        depth, quoted, end = 1, False, call.end()
        while depth > 0:
            c = text[end]
            if c == '"' and text[end - 1] != "\\":
                quoted = not quoted
            depth += 0 if quoted else (c == "(") - (c == ")")
            end += 1
        given = parts_of_list(text[call.end():end - 1])
        if len(given) > 1 and not re.match(r"(std::string_view|const) ", given[0]):
            found.append((given[0], given[-1]))
    return found


def words_of(cpp):
    """The strings in an expression, with … for what stands between them."""
    if choice := re.fullmatch(r"[^\"]*? \? (.*?)\s+: (.*)", cpp, re.S):
        return " or ".join(filter(None, map(words_of, choice.groups())))
    cpp = re.sub(r"^(?:\w+::)*joined\(\{(.*)\}\)$", r"\1", cpp, flags=re.S)
    pieces = re.split(r'"([^"]*)"', re.sub(r'"\s+"', "", cpp))
    said = (piece if i % 2 else "…" if re.search(r"\w", piece) else "" for i, piece in enumerate(pieces))
    return re.sub(r"\s+", " ", re.sub(r"\s*…\s*", " … ", "".join(said))).replace("… ,", "…,").replace("… :", "…:").strip() if len(pieces) > 1 else ""


class Arguments(FromTree):
    def lines(self):
        rows = {}
        for path in sorted(include.glob("*/**/*.hpp")):
            name = path.relative_to(include).as_posix().removesuffix(".hpp")
            page = f"[{name.partition('/')[2].replace('/', '::')}]({name}.md)" if (docs / f"{name}.md").is_file() else f"`{name}`"
            if name.split("/")[0] in ("schedule", "grid", "parameterization", "solver", "guidance", "noise", "model", "training", "embedding"):
                for argument, allowed in refusals(re.sub(r"//.*", "", path.read_text(encoding="utf-8"))):
                    if words_of(argument) and words_of(allowed):
                        rows.setdefault((words_of(argument), words_of(allowed)), {})[page] = True
        return table(["argument", "allowed", "of"], [[f"`{argument}`", allowed, ", ".join(pages)]
                                                     for (argument, allowed), pages in sorted(rows.items())])
class CudaSpeed(FromTree):
    def lines(self):
        path = docs / "cuda.csv"
        if not path.is_file():
            return ["There are no numbers yet: `docs/cuda.csv` is not there.", ""]
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        if missing := {"card", "by", "step", "elements", "samples", "type", "microseconds", "of the copy"} - set(rows[0] if rows else {}):
            raise ExtensionError(f"docs/cuda.csv has no {', '.join(sorted(missing))}")
        lines = []
        for row in rows:
            if row["by"] != "fokker":
                continue
            peers = [p for p in rows if p["by"] != "fokker" and all(p[key] == row[key] for key in ("card", "step", "elements", "type"))]
            best = max(peers, key=lambda p: float(p["of the copy"]), default=None)
            size = int(row["elements"])
            lines.append([row["step"], f"{size >> 20} Mi" if size >= 1 << 20 else str(size or ""), row["samples"], row["type"].replace("none", ""),
                          row["microseconds"], row["of the copy"], f"{best['by']}, {best['of the copy']}" if best else ""])
        cards = ", ".join(dict.fromkeys(row["card"] for row in rows))
        head = ["step", "elements", "samples", "type", "µs", "of a copy", "fastest peer, of its copy"]
        return [*table(head, lines), f"By {cards}.", ""]


class StaticAsserts(FromTree):
    def lines(self):
        rows = []
        for path in sorted(include.rglob("*.hpp")):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(include).as_posix().removesuffix(".hpp")
            for message in re.findall(r'static_assert\([^;]*?,\s*((?:"[^"]*"\s*)+)\)', text):
                said = "".join(re.findall(r'"([^"]*)"', message)).removeprefix("fokker: ")
                said, _, page = said.partition("; docs/")
                page = page or f"{name}.md"
                said = re.sub(r"'([^']*)'|(<[\w/.]+>)", lambda m: f"`{m[1] or m[2]}`", said)
                shown = pathlib.Path(page).stem
                rows.append([said, f"[{shown}]({page})" if (docs / page).is_file() else f"`{name}`"])
        return table(["the compiler says", "the page"], rows)


class Rooms(FromTree):
    """Arrows to concept/ and detail/, where nearly all lead, are left out, and those that follow from others."""

    def lines(self):
        plain = {"level", "config", "half", "bfloat16", "version"}  # types of their own, not the run
        leads = {}
        for path in include.rglob("*.?*"):
            room = path.relative_to(include).parts[0] if path.parent != include else "run"
            for other in re.findall(r"#\s*include <fokker/([^>]+)\.\w+>", path.read_text(encoding="utf-8")):
                if path.stem not in plain | {"fokker"} and other not in plain:
                    leads.setdefault(room, set()).add(other.split("/")[0] if "/" in other else "run")
        leads = {room: others - {"concept", "detail", room} for room, others in leads.items() if room not in ("concept", "detail")}

        def reached(room):
            return leads.get(room, set()).union(*(reached(other) for other in leads.get(room, ())))

        arrows = [f'  "{room}" -> "{other}"' for room, others in sorted(leads.items()) for other in sorted(others)
                  if not any(other in reached(between) for between in others - {other})]
        return ["```{graphviz}", ":alt: The rooms, with arrows to what each includes", "", "digraph {",
                '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11, height=0.3]',
                *(f'  "{room}"' for room in sorted(leads)), *arrows, "}", "```", ""]


class Reference(FromTree):
    def lines(self):
        path = "fokker/" + (self.arguments[0] if self.arguments else self.header.relative_to(include).as_posix())
        xml = pathlib.Path(self.config.breathe_projects["fokker"])
        lines = [f"`#include <{path}>`", ""]

        def render(directive, name, *options):
            lines.extend([f"```{{{directive}}} {name}", *options, "```", ""])

        classes = set()
        compounds = ElementTree.parse(xml / "index.xml").findall("compound")
        for compound in sorted(compounds, key=lambda c: (c.get("kind") == "namespace", c.findtext("name"))):
            name = compound.findtext("name")
            if compound.get("kind") not in ("struct", "class", "namespace") or "<" in name:
                continue
            root = ElementTree.parse(xml / f"{compound.get('refid')}.xml").find("compounddef")
            if compound.get("kind") != "namespace":
                outer = name.rpartition("::")[0]
                if root.find("location").get("file") == path and outer not in classes:
                    render(f"doxygen{compound.get('kind')}", name, ":members:", ":undoc-members:")
                if root.find("location").get("file") == path:
                    classes.add(name)
                continue
            for member in root.findall("sectiondef/memberdef"):
                kind, own = member.get("kind"), member.findtext("name")
                full = f"{name}::{own}"
                if member.find("location").get("file") != path or full in classes:  # the latter deduces a class
                    continue
                if kind == "function" and not own.startswith(("operator", "check_")):
                    types = ", ".join("".join(t.itertext()) for t in member.findall("param/type"))
                    render("doxygenfunction", f"{full}({types})")
                elif kind in ("enum", "typedef", "variable"):
                    render(f"doxygen{kind}", full)
        return lines


def forget_derived(app):
    """Breathe would refer to specialisations, of which there is no reference here."""
    for path in pathlib.Path(app.config.breathe_projects["fokker"]).glob("*.xml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"<derivedcompoundref.*?</derivedcompoundref>", "", text), encoding="utf-8")


def check_errors(app):
    """A thrown message that docs/errors.md does not name is a mistake, but for one that says itself what is allowed."""
    page = " ".join((docs / "errors.md").read_text(encoding="utf-8").split())
    for header in sorted(include.rglob("*.hpp")):
        text = re.sub(r"//.*", "", header.read_text(encoding="utf-8"))
        said = [argument for argument, allowed in refusals(text) if not words_of(allowed)]
        said += re.findall(r"\bthrow std::\w+\(((?:[^;])*)\);", text)
        for word in itertools.chain.from_iterable(re.findall(r'"([^"]*)"', each) for each in said):
            word = word.removeprefix("fokker: ").split("[")[0].strip(" :;(),.'")
            if len(word) > 2 and " ".join(word.split()) not in page:
                logger.warning("docs/errors.md does not name '%s', an error of %s", word, header.name)


def name_lines(app, doctree):
    """A picture that lies beside it as SVG stands in the page itself, where pointing at a line names it: the line's id is
    "named X"."""
    if app.builder.format != "html":
        return
    for image in list(doctree.findall(nodes.image)):
        drawn = (docs / app.env.docname).parent / pathlib.Path(image["uri"]).with_suffix(".svg")
        if drawn.is_file():
            svg = drawn.read_text(encoding="utf-8").partition("<svg")[2]
            svg = re.sub(r' width="[^"]*"| height="[^"]*"', "", svg.partition(">")[0]) + ">" + svg.partition(">")[2]
            svg = re.sub(r'<g id="named ([^"]*)">', r'<g class="named"><title>\1</title>', svg)
            image.replace_self(nodes.raw("", f'<div class="drawn"><svg role="img" aria-label="{image["alt"]}"{svg}</div>', format="html"))


def visit_inline(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math") + self.encode(node.astext()) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    self.body.append(self.starttag(node, "div", "", CLASS="math") + self.encode(node.astext()) + "</div>")
    raise nodes.SkipNode


def copy_katex(app, error):
    """Into the site itself: it is read without a network."""
    if error or app.builder.format != "html":
        return
    source, target = pathlib.Path(app.config.katex_path), pathlib.Path(app.outdir) / "_static" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for name in ("katex.min.js", "katex.min.css"):
        shutil.copy(source / name, target)
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copy(font, target / "fonts")


def setup(app):
    for name, directive in {"members": Members, "parameters": Parameters, "facts": Facts, "solvers": Solvers, "orders": Orders,
                            "cuda_speed": CudaSpeed, "arguments": Arguments, "static_asserts": StaticAsserts, "rooms": Rooms,
                            "reference": Reference}.items():
        app.add_directive(name, directive)
    app.add_config_value("katex_path", "", "html")
    app.add_config_value("orders_path", "", "env")
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    app.config.html_math_renderer = "katex"
    app.add_css_file("katex/katex.min.css")
    app.add_js_file("katex/katex.min.js")
    app.add_js_file("katex.js")
    app.connect("builder-inited", forget_derived)
    app.connect("builder-inited", check_errors)
    app.connect("doctree-read", name_lines)
    app.connect("build-finished", copy_katex)
    return {"parallel_read_safe": True}
