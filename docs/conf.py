"""Sphinx reads this to make HTML pages: `sphinx-build docs docs/_build`."""

from pathlib import Path

from sphinx.application import Sphinx

project = "netbasics"
author = "the netbasics authors"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "netbasics"
# The pages link to README.md above them, for those who read them on a forge.
suppress_warnings = ["myst.xref_missing"]


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Add the list of pages to the index, for the sidebar.

    It does not stand in index.md, where a forge would show it as code.
    """
    if name == "index":
        pages = sorted(path.stem for path in Path(__file__).parent.glob("*.md"))
        pages.sort(key=lambda page: not page.startswith("lesson"))
        listed = "\n".join(page for page in pages if page != "index")
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"


def setup(app: Sphinx) -> None:
    """Let Sphinx know."""
    app.connect("source-read", add_contents)
