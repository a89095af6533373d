"""The site: written pages, and pages that ``generated`` makes of what exists as data."""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import mathml

from bounds.version import __version__

project = "Self-consuming loops"
author = "the project's contributors"
copyright = author
version = release = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_use_rtype = False
suppress_warnings = ["mystnb.unknown_mime_type"]


def setup(app: Any) -> None:
    """Formulas are MathML, which browsers show without a script."""
    app.add_html_math_renderer("mathml", (mathml.inline, None), (mathml.displayed, None))
