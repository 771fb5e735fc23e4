"""The documentation site: the Markdown files of this folder. `make docs` builds it in docs/_build.

The same files are read on GitHub, so they are plain Markdown with relative links. On the site,
more is in three places: the commands and the limits, from the code, and in project/ the text of
files of the top folder. _ext/ has the extensions for that.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

from referee import __version__  # noqa: E402

project = "Referee"
author = copyright = "The Referee developers"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx_click",
    "commands",
    "limits",
    "top_folder",
    "math_as_mathml",
    "nothing_from_elsewhere",
]
exclude_patterns = ["_build"]
root_doc = "index"
nitpicky = True

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4  # as on GitHub, so that page.md#heading is a link there and here
default_role = "code"  # the help of commands has `single` quotes

# `make docs` checks links within the site, and needs no network. This looks at the others:
# sphinx-build -b linkcheck docs docs/_build/links
linkcheck_anchors = False

html_theme = "pydata_sphinx_theme"
html_title = "Referee"
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_sidebars = {"**": ["all-pages.html"]}
html_theme_options = {
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "show_toc_level": 2,
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
