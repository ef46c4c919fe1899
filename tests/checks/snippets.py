# SPDX-License-Identifier: MIT
"""Every C++ block of README and docs is a region of a compiled, asserting example; relative links lead somewhere.

The line before a block names its region: <!-- examples/FILE.cpp [region] -->; a region stands between two lines
// [region] of that file.
"""
import re
import textwrap

import common

problems = []
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
        if not source.exists() or not re.match(r"(examples|tests)/", file):
            problems.append(f"{name}:{line}: there is no program {file}")
            continue
        parts = re.split(rf"^[ \t]*// \[{re.escape(region)}\]\n", source.read_text(), flags=re.M)
        if len(parts) != 3:
            problems.append(f"{name}:{line}: {file} has no region [{region}]")
        elif textwrap.dedent(parts[1]).strip() != shown.strip():
            problems.append(f"{name}:{line}: the block differs from {file} [{region}], which is\n{textwrap.dedent(parts[1])}")
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.S)):
        if "://" not in link and not (page.parent / link).exists():
            problems.append(f"{name}: the link {link} leads nowhere")
common.finish(problems, "Change the example and copy its region to the page, or mend the link.")
