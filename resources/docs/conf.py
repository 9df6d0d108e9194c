"""Settings of the documentation: ``sphinx-build -W resources/docs OUT``."""

from __future__ import annotations

from kd_core import __version__

project = "Endoscope"
copyright = "the Endoscope maintainers, Apache-2.0"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Review recorded endoscopy with a model that learns from its reader.",
    "fixed_sidebar": True,
}
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": False}
# Signatures are written with the short names of the sources.
add_module_names = False
python_use_unqualified_type_names = True
