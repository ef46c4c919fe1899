# SPDX-License-Identifier: MIT
"""Every C++ block of README and docs is a region of a compiled, asserting example, or what a header declares; relative
links lead somewhere. README's table of the rooms has every room, and names what their headers have.

The line before a block names its source: <!-- examples/FILE.cpp [region] -->, where a region stands between two lines
// [region] of that file; or <!-- include/fokker/FILE.hpp [name, ...] -->, the declarations of these names,
which are written to the pages with --write.
"""
import re
import sys
import textwrap

import common


def declaration(text):
    """The declaration that a text begins with, on one line below its template: no body, no initialisers of members."""
    end, depth = 0, 0
    while depth > 0 or not re.match(r"[;{]|\s: ", text[end:]):
        depth += (text[end] == "(") - (text[end] == ")")
        end += 1
    said = re.sub(r"\[\[[^]]*\]\] |\binline |FOKKER_HD ", "", text[:end])
    return re.sub(r"\s+", " ", re.sub(r"^ *(template.*)\n", r"\1@", said)).replace("@", "\n").strip() + ";"


def members(kind, body):
    """The public members of a type, other types excepted."""
    found = []
    for i, part in enumerate(re.split(r"^ (?=public:|private:)", body, flags=re.M)):
        if part.startswith("public:") or (i == 0 and kind == "struct"):
            starts = re.finditer(r"^  (?=[\w\[])(?:template [^\n]*\n  )?(?!using|struct|class|template|friend|static_assert|decltype)", part, re.M)
            found += [declaration(part[m.start():] + ";") for m in starts]
    return "\n".join("  " + re.sub(r"\n *", "\n  ", said) for said in found if "= delete" not in said and "operator=" not in said)


def declared(text, name):
    """What a header declares by a name, as its user needs it: every overload, no bodies and no comments."""
    text = re.sub(r" *//.*", "", text)
    head = r"^(?:template <[^\n]*>\n)?"
    types = re.finditer(rf"({head}(struct|class) {name}\b[^;{{]*?) {{\n(.*?)^}};", text, re.M | re.S)
    found = [f"{m[1]} {{\n{members(m[2], m[3])}\n}};" for m in types]
    found += [re.sub(r"\s+", " ", m[0]) for m in re.finditer(rf"^enum class {name}\b[^;]*;", text, re.M)]
    found += [m[1] for m in re.finditer(rf"({head}concept {name} = .*?;)\n(?=\n|template)", text, re.M | re.S)]
    functions = (declaration(text[m.start():] + ";") for m in re.finditer(rf"{head}(?!template|class|struct)[\w\[][^\n=;()]* {name}\(", text, re.M))
    return found + [said for said in functions if ") ->" not in said]


def of_rooms(readme):
    """What is wrong with README's table of the rooms: rooms that it lacks, and names that no header of their rooms has."""
    rows = {tuple(re.findall(r"\(include/fokker/(\w+)\)", row)): row for row in re.findall(r"^\| \[`\w+/`\].*$", readme, re.M)}
    folders = {p.name for p in (common.include / "fokker").iterdir() if p.is_dir()} - {"detail"}
    found = [f"README.md: the table of the rooms lacks {room}/" for room in sorted(folders - {room for rooms in rows for room in rooms})]
    for rooms, row in rows.items():
        headers = "".join(p.read_text() for room in rooms for p in (common.include / "fokker" / room).rglob("*.hpp"))
        found += [f"README.md: {' and '.join(rooms)}/ have no {name}" for name in re.findall(r"`(\w+)(?:\(\))?`", row)
                  if not re.search(rf"\b{name}\b", headers)]
    return found


problems = of_rooms((common.root / "README.md").read_text())
for page in [common.root / "README.md", *sorted((common.root / "docs").rglob("*.md"))]:
    name = page.relative_to(common.root)
    text = page.read_text()
    for block in re.finditer(r"(?:^<!-- (\S+) \[([^\]]+)\] -->\n)?^```cpp\n(.*?)^```$", text, re.M | re.S):
        line = text.count("\n", 0, block.start()) + 1
        file, region, shown = block.groups()
        if file is None:
            problems.append(f"{name}:{line}: a C++ block that no line <!-- FILE [region] --> ties to a program")
            continue
        source = common.root / file
        if not source.exists() or not re.match(r"(examples|tests|include/fokker)/", file):
            problems.append(f"{name}:{line}: there is no program {file}")
            continue
        if file.startswith("include/"):
            said = [declared(source.read_text(), wanted.strip()) for wanted in region.split(",")]
            meant = "\n\n".join("\n".join(each) for each in said)
            if not all(said):
                problems.append(f"{name}:{line}: {file} does not declare all of {region}")
            elif "--write" in sys.argv:
                page.write_text(page.read_text().replace(block[0], f"<!-- {file} [{region}] -->\n```cpp\n{meant}\n```"))
            elif meant.strip() != shown.strip():
                problems.append(f"{name}:{line}: the block differs from what {file} declares:\n{meant}")
            continue
        parts = re.split(rf"^[ \t]*// \[{re.escape(region)}\]\n", source.read_text(), flags=re.M)
        if len(parts) != 3:
            problems.append(f"{name}:{line}: {file} has no region [{region}]")
            continue
        meant = textwrap.dedent(re.sub(r"^[ \t]*// \[\w+\]\n", "", parts[1], flags=re.M))  # without the marks of regions within it
        if meant.strip() != shown.strip():
            problems.append(f"{name}:{line}: the block differs from {file} [{region}], which is\n{meant}")
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.S)):
        if "://" not in link and not (page.parent / link).exists():
            problems.append(f"{name}: the link {link} leads nowhere")
common.finish(problems, "Change the example and copy its region to the page, write what a header declares with --write, or mend the link.")
