"""The glossary has every term that a lesson introduces, once, in order."""

import re
from pathlib import Path

import pytest

from netbasics.course import locate

TEXT = (Path(__file__).parent.parent / "docs" / "glossary.md").read_text(
    "utf-8"
)
ENTRY = re.compile(
    r"^\*\*(.+)\*\* \(\[lesson (\d)\]\(lesson_0\2\.md\)\):\n(.+)", re.M
)
# A term is set in *emphasis* where a lesson introduces it.
INTRODUCED = re.compile(r"(?<![\w*])(\*{1,2})([A-Za-z][\w -]*)\1(?![\w*])")

entries = ENTRY.findall(TEXT)
terms = {
    part.strip().lower() for term, *_ in entries for part in term.split(",")
}


def plain(term):
    return re.sub(r"[^a-z0-9]", "", term.lower())


def test_entries_are_in_order_and_each_is_there_once():
    names = [plain(term) for term, *_ in entries]
    assert len(names) > 100
    assert len(entries) == TEXT.count("\n**")
    assert names == sorted(set(names))


@pytest.mark.parametrize("script", locate.scripts(), ids=lambda p: p.stem)
def test_every_introduced_term_is_explained(script):
    introduced = [
        term.lower()
        for _, term in INTRODUCED.findall(script.read_text("utf-8"))
    ]
    assert introduced
    missing = [term for term in introduced if not explained(term)]
    assert not missing


def explained(term):
    """Whether an entry begins with it; plurals count."""
    singular = term.removesuffix("s")
    return any(entry.startswith((term, singular)) for entry in terms)
