# SPDX-License-Identifier: MIT
"""The configuration of the site; docs/CMakeLists.txt says the version and where things lie."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

project = "fokker"
project_copyright = "its authors, MIT licence"
extensions = ["myst_parser", "breathe", "sphinx.ext.graphviz", "rooms", "furo_whole"]
exclude_patterns = ["site"]
root_doc = "index"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

breathe_projects = {}
breathe_default_project = "fokker"
breathe_show_include = False

# Names in signatures are links where this site explains them; the standard library's are not here.
nitpick_ignore_regex = [("cpp:identifier", ".*")]
primary_domain = "cpp"
highlight_language = "text"
graphviz_output_format = "svg"

html_theme = "furo"
html_title = "fokker"
html_static_path = ["katex.js", "lines.js", "live/spiral.js", "site.css"]
html_css_files = ["site.css"]
html_js_files = ["lines.js", "spiral.js"]
html_copy_source = False
html_show_sphinx = False
