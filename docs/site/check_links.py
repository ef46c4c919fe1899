# SPDX-License-Identifier: MIT
"""Every link of the built pages leads somewhere, and no page loads anything from elsewhere: check_links.py FOLDER"""

import pathlib
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page links to, what it loads, and which places in it have names."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.names = [], [], {""}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.names.update(attributes[name] for name in ("id", "name") if attributes.get(name))
        if "src" in attributes:
            self.loads.append(attributes["src"])
        if "href" in attributes:
            (self.links if tag == "a" else self.loads).append(attributes["href"])


root = pathlib.Path(sys.argv[1]).resolve()
pages = {path: Page(path.read_text(encoding="utf-8")) for path in root.rglob("*.html")}
broken = []
for path, page in pages.items():
    here = path.relative_to(root)
    for link in page.links + page.loads:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            if link in page.loads and url.scheme != "data":
                broken.append(f"{here} loads {link}")
            continue
        target = (path.parent / unquote(url.path)).resolve() if url.path else path
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file():
            broken.append(f"{here}: {link} does not exist")
        elif target in pages and unquote(url.fragment) not in pages[target].names:
            broken.append(f"{here}: {link} names no place of that page")
for style in root.rglob("*.css"):
    if re.search(r"url\(['\"]?(http|/)", style.read_text(encoding="utf-8", errors="replace")):
        broken.append(f"{style.relative_to(root)} loads from elsewhere")
print("\n".join(sorted(set(broken))) or f"{len(pages)} pages, every link leads somewhere")
sys.exit(bool(broken))
