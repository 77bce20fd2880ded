"""What views share: wrapping, signs, sentences."""

from netbasics.course.texts import readable, wrap


def test_signs_that_the_encoding_has_stay():
    assert readable("→ …", "utf-8") == "→ …"
    assert readable("→ …", "latin-1") == "-> ..."


def test_wrap_keeps_blocks_apart():
    text = "one\ntwo\n\n1. first\n2. second\n\n    code  here\n\n| a | b |"
    assert wrap(text) == (
        "one two\n\n1. first\n2. second\n\n    code  here\n\n| a | b |"
    )
