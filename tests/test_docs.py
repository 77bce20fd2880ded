"""Every example in README.md and docs/ is run, every link leads somewhere."""

import doctest
import re
from pathlib import Path

import pytest

import netbasics

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


@pages
def test_examples_at_the_prompt_do_what_the_page_says(
    page, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    blocks = [
        block
        for language, block in FENCE.findall(page.read_text("utf-8"))
        if ">>> " in block
    ]
    parser = doctest.DocTestParser()
    # One namespace for a page: what it imports once carries on.
    test = parser.get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pages
def test_python_blocks_compile(page):
    for language, block in FENCE.findall(page.read_text("utf-8")):
        if language == "python" and ">>> " not in block:
            compile(block, page.name, "exec")


@pages
def test_links_within_the_project_lead_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        if not re.match(r"https?:|mailto:|#", target):
            path = target.partition("#")[0]
            assert (page.parent / path).exists(), f"{page.name}: {target}"


@pages
def test_pages_name_no_path_of_a_machine(page):
    text = page.read_text("utf-8")
    assert not re.search(r"/(home|root|work|tmp/pytest)/", text)


def test_every_public_module_has_a_page_that_the_index_lists():
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    for name in netbasics.__all__:
        assert (ROOT / "docs" / f"{name}.md").exists(), name
        assert f"({name}.md)" in index, name
