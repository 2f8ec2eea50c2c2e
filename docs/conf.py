"""Settings of the documentation: ``make docs`` builds it.

The source folder is the repository itself, so that notebooks, reports and documents are pages where they lie, and links
between them are the same here as anywhere else. ``include_patterns`` says which files are pages.
"""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

import ziamath  # for the font for mathematics that it brings along

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "extensions")]  # this checkout is described, and no other installation

project = "glassgrad"
author = "the glassgrad developers"
project_copyright = author
version = release = version_of("glassgrad")
language = "en_GB"

root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/**/*.md",
    "docs/**/*.rst",
    "notebooks/*.ipynb",
    "notebooks/*.md",
    "benchmarks/*.md",
    "examples/*.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
]
exclude_patterns = [".*", "build", "dist", "out", "**/__pycache__"]  # not even looked into

extensions = [
    "myst_nb",  # pages in Markdown, and notebooks
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",  # docstrings in NumPy's style
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",  # cards on the first page
    "mathml",  # these are in docs/extensions
    "course",
    "interface",
    "pictures",
    "tables",
]

# Pages ---------------------------------------------------------------------------------------------------------------
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath", "attrs_inline"]
myst_heading_anchors = 4  # anchors as on GitHub; links to them are checked
nb_execution_mode = "off"  # their outputs are committed, and the tests execute them
nb_output_stderr = "error"
nb_render_markdown_format = "myst"  # outputs in Markdown have tables and formulas, too
copybutton_exclude = ".linenos, .gp, .go"  # no prompts, no results
highlight_language = "python3"
nitpicky = True

# Docstrings ----------------------------------------------------------------------------------------------------------
autodoc_typehints = "none"  # the docstrings say it, and shapes, in words
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "mappings"}  # a table of classes, longer than their description
autodoc_inherit_docstrings = False
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_param = False  # types are words, such as "array_like", not references
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]  # one list; several names may share an entry
add_module_names = True
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True
autodoc_preserve_defaults = True  # as they are written: np.float32
viewcode_line_numbers = True

# HTML ----------------------------------------------------------------------------------------------------------------
html_theme = "furo"
html_title = "glassgrad"
html_static_path = ["static", str(Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf")]
html_css_files = ["style.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_additional_pages = {"index": "start.html"}  # where everyone looks first
templates_path = ["templates"]
pygments_style = "friendly"
pygments_dark_style = "github-dark"

# Links ---------------------------------------------------------------------------------------------------------------
linkcheck_anchors = False  # of pages that are made by scripts, they cannot be had
linkcheck_timeout = 20
linkcheck_retries = 2
