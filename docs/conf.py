"""Sphinx reads this to make the HTML pages: `sphinx-build docs docs/_build`."""

project = "netbasics"
author = "the netbasics authors"
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "netbasics"
master_doc = "index"
# The pages link to README.md above them, for those who read them on a forge.
suppress_warnings = ["myst.xref_missing"]
