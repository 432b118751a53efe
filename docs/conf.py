"""Configuration of Sphinx. `make docs` builds without a network, and every warning is an error."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "graddl"
author = "graddl developers"
copyright = author
version = release = version_of("graddl")

extensions = [
    "api_pages",  # docs/_ext: writes docs/api/generated
    "op_pages",
    "numpy_pages",
    "graddl.sphinx",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "_ext", "tutorials/GALLERY_HEADER.rst"]
default_role = "literal"  # `x` in a docstring is code

# Reference. Parameter types are prose ("ndarray of shape (N, D)"), so numpydoc links none of them.
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Tutorials. All of them run; a drawing is shown by its own HTML, in which the SVG stands inline.
sphinx_gallery_conf = {
    "examples_dirs": "../tutorials",
    "gallery_dirs": "tutorials",
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"/_",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "image_scrapers": (),
    "reset_modules": (),
    "default_thumb_file": str(Path(__file__).parent / "_static" / "thumbnail.svg"),
    "download_all_examples": False,
    "min_reported_time": 5,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "graddl"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_sidebars = {"tutorials/*": [], "engine": [], "pictures": []}  # room for pictures
html_show_sourcelink = False
html_theme_options = {"icon_links": [], "show_version_warning_banner": False}
