"""Predictions: reading answers, and comparing them with the run."""

import pytest

from netbasics.course import Choice, Number, Text

CHOICE = Choice("Which?", {"one": "r1", "two": "r2"}, truth="two")


def number(truth=1000.0, **options):
    options = {"unit": "bytes", "right": "R", "low": "L", "high": "H"} | options
    return Number("How many?", truth=truth, **options)


def words(**options):
    return Text("What?", truth="b''", right="R", wrong="W", **options)


@pytest.mark.parametrize(
    ("typed", "meant"), [("1", "one"), (" 2 ", "two"), ("two", "two")]
)
def test_a_choice_is_a_number_or_its_words(typed, meant):
    assert CHOICE.read(typed) == meant


@pytest.mark.parametrize("typed", ["0", "3", "three", "²", "1.0", "-1"])
def test_what_is_no_choice_is_refused(typed):
    with pytest.raises(ValueError, match="1-2"):
        CHOICE.read(typed)


def test_each_choice_has_its_reply():
    assert CHOICE.judge("one", {}).reply == "r1"
    assert CHOICE.judge("one", {}).right is False
    assert CHOICE.judge("two", {}).right is True


def test_without_an_answer_the_run_still_speaks():
    verdict = CHOICE.judge(None, {})
    assert (verdict.truth, verdict.right, verdict.reply) == ("two", None, "r2")


def test_the_run_decides():
    ask = Choice("?", {"a": "", "b": ""}, truth=lambda ran: ran.letter)
    assert ask.judge("a", {"letter": "b"}).right is False


def test_a_truth_that_is_no_choice_is_the_authors_mistake():
    with pytest.raises(ValueError, match="none of its answers"):
        Choice("?", {"a": "", "b": ""}, truth="c")
    ask = Choice("?", {"a": "", "b": ""}, truth=lambda ran: "c")
    with pytest.raises(ValueError, match="none of its answers"):
        ask.judge("a", {})
    with pytest.raises(ValueError, match="two to nine"):
        Choice("?", {"a": ""}, truth="a")


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("1000", "1,000 bytes"),
        ("1,000", "1,000 bytes"),
        ("1_000 bytes", "1,000 bytes"),
        (".25", "0.25 bytes"),
        ("-3", "-3 bytes"),
        ("1.5", "1.5 bytes"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed, tidy):
    assert number().read(typed) == tidy


@pytest.mark.parametrize("typed", ["", "many", "1 MB", "1 2", "nan", "1e"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValueError, match="a number"):
        number().read(typed)


@pytest.mark.parametrize(
    ("typed", "right", "reply"),
    [("999", False, "L"), ("1001", False, "H"), ("1000", True, "R")],
)
def test_a_number_is_exact_unless_a_tolerance_is_given(typed, right, reply):
    ask = number()
    verdict = ask.judge(ask.read(typed), {})
    assert (verdict.right, verdict.reply) == (right, reply)


def test_a_tolerance_is_relative_to_the_truth():
    ask = number(within=0.1)
    assert ask.judge(ask.read("900"), {}).right
    assert ask.judge(ask.read("1100"), {}).right
    assert not ask.judge(ask.read("1111"), {}).right


def test_what_reads_like_the_truth_is_right():
    ask = number(truth=0.123456)
    assert ask.judge(ask.read("0.123"), {}).right


@pytest.mark.parametrize("given", ["b''", "B''", "b", " b '' "])
def test_in_words_case_and_signs_do_not_count(given):
    assert words().judge(given, {}).right


def test_a_known_wrong_answer_has_a_reply_of_its_own():
    ask = words(replies={"None": "N"})
    assert ask.judge("none", {}).reply == "N"
    assert ask.judge("else", {}).reply == "W"
    assert ask.judge(None, {}).reply == "R"


def test_only_a_text_may_begin_with_any_letter():
    assert words().free
    assert not CHOICE.free
    assert not number().free
