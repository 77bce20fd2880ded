"""What a learner reads, and what the catalogue says of an exercise."""

import pytest
from practice_help import exercise

from netbasics.practice import catalogue, find
from netbasics.practice.findings import Finding, Line, short
from netbasics.practice.messages import prose, tell, tell_hint, tell_in_a_line


@pytest.fixture
def double(tmp_path):
    return exercise(tmp_path)


def test_a_message_has_all_that_is_known_within_80_columns(double):
    finding = Finding(
        "failed",
        "double does not do what it should",
        story="The peer " + "waits and " * 20,
        called="double(" + "9" * 200 + ")",
        got="it returned " + "x " * 90,
        expected="it returns 6",
        mistake="A mistake.\n\n- one\n- two",
        notes=["The peer saw nothing."],
        diagram="  a diagram",
        lines=[Line(3, "return " + "y" * 200)],
        printed="p" * 300 + "\n\x1b[31mred\x00",
    )
    told = tell(double, finding)
    assert max(map(len, told.splitlines())) <= 80
    assert "- one\n- two" in told
    assert "\x1b" not in told
    assert "\x00" not in told
    order = ["called:", "expected:", "got:", "A mistake.", "What passed:"]
    places = [told.index(word) for word in [*order, "Your lines", "printed"]]
    assert places == sorted(places)


def test_blanks_of_a_value_are_kept(double):
    value = "it returned " + "'a  b'" * 30
    told = tell(double, Finding("failed", "x", got=value))
    assert "a  b" in told


def test_what_is_not_written_is_one_line(double):
    finding = Finding("not written", "double is not written yet")
    line = tell_in_a_line(double, finding)
    assert line == "1.1 double is not written yet: Double a number."
    assert "double(number: int) -> int" in tell(double, finding)


def test_a_finding_survives_the_way_to_the_parent():
    finding = Finding("failed", "x", lines=[Line(1, "é")], notes=["a\nb"])
    assert Finding.loads(finding.dumps()) == finding
    assert "\n" not in finding.dumps()


def test_code_in_a_hint_keeps_its_shape(double):
    assert tell_hint(double, 3).endswith("  return 2 * number")
    text = tell_hint(find("recv_exactly"), 3)
    assert "  while len(data) < count:\n      piece" in text


def test_prose_is_wrapped_and_code_is_not():
    wrapped = prose("word " * 40 + "\n\n    code    code")
    assert "\n\n    code    code" in wrapped
    assert max(map(len, wrapped.splitlines())) <= 76


class Rude:
    def __repr__(self):
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"x" * 10_000_000, "(10,000,000 bytes)"),
        ("x" * 500, "(500 characters)"),
        (list(range(1000)), "..."),
        (Rude(), "whose repr raises"),
    ],
    ids=["bytes", "text", "list", "rude"],
)
def test_a_value_of_any_kind_fits_into_a_message(value, words):
    text = short(value)
    assert words in text
    assert len(text) < 260


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('number = "1.1"', "", "has no 'number'"),
        ("[mistakes]", "colour = 1\n[mistakes]", "unknown keys: colour"),
        ('"1.1"', '"1.1', "exercise.toml: "),
        ("[mistakes]", "[nothing]", "has no 'mistakes'"),
    ],
)
def test_a_toml_that_makes_no_sense_is_named(double, old, new, complaint):
    path = double.place / "exercise.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ValueError, match=complaint):
        catalogue.read(double.place)


@pytest.mark.parametrize(
    "name", ["1.1", "recv_exactly", "RECV_EXACTLY", "recv_exactly.py", "1.1*"]
)
def test_an_exercise_is_found_by_name_and_number(name):
    assert find(name).number == "1.1"


@pytest.mark.parametrize("name", ["recv_exatly", "exactly"])
def test_a_misspelt_name_gets_a_suggestion(name):
    with pytest.raises(LookupError, match=r"did you mean.*recv_exactly"):
        find(name)


def test_the_order_is_that_of_the_course():
    numbers = [each.number for each in catalogue.exercises()]
    assert numbers == sorted(numbers, key=lambda n: n.replace("W", ".0"))
