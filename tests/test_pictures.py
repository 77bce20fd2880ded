"""Pictures: they fit, they are honest, and any terminal can show them."""

import io
import pickle
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netbasics import pictures
from netbasics.course import texts
from netbasics.pictures.amounts import Scale, scale_for, ticks
from netbasics.pictures.paper import STYLE
from netbasics.pictures.texts import ASCII, axis, bar
from netbasics.wire.terminals import columns

SVG = "{http://www.w3.org/2000/svg}"

numbers = st.floats(0, 1e12) | st.integers(0, 10**12)
names = st.text(max_size=30)
spans = st.tuples(numbers, numbers).map(lambda pair: tuple(sorted(pair)))
drawings = st.one_of(
    st.builds(
        pictures.bars,
        st.dictionaries(names, numbers, max_size=8),
        unit=st.sampled_from(["s", "ms", "", "requests/s"]),
        title=names,
        width=st.integers(40, 120),
    ),
    st.builds(
        pictures.line,
        st.lists(numbers | st.none(), max_size=90)
        | st.dictionaries(
            names, st.lists(numbers | st.none(), max_size=9), max_size=8
        ),
        unit=st.sampled_from(["s", "ms", ""]),
        title=names,
        width=st.integers(40, 120),
        height=st.integers(4, 12),
    ),
    st.builds(
        pictures.timeline,
        st.dictionaries(names, st.lists(numbers | spans, max_size=9)),
        unit=st.sampled_from(["s", "ms", ""]),
        title=names,
        width=st.integers(40, 120),
    ),
)


def examples():
    """One of each kind that uses as many signs as there are."""
    nights = [0.1 * n for n in range(1, 9)]
    return {
        "bars": pictures.bars({f"b{n}": 1 + n / 80 for n in range(9)}),
        "line": pictures.line(
            {f"l{n}": [n, None, n + 1] for n in range(1, 7)}, title="Lines"
        ),
        "timeline": pictures.timeline({"a": nights, "b": [(0, 0.5)]}),
    }


@given(drawings)
def test_a_picture_fits_its_width_and_is_well_formed_whatever_comes(picture):
    for row in picture.text().split("\n"):
        assert columns(row) <= picture.width, row
    ET.fromstring(picture.svg())
    assert repr(picture).isprintable()
    assert picture.text().replace("\n", "").isprintable()


@given(drawings)
def test_a_drawing_is_ascii_where_names_are(picture):
    given_names = set(picture._words() + picture.title)
    left = set(picture.text().translate(ASCII)) - given_names
    assert all(sign.isascii() for sign in left), left


def test_the_course_has_an_ascii_sign_for_each_sign_of_a_picture():
    for picture in examples().values():
        assert texts.readable(picture.text(), "ascii").isascii()
    for sign, instead in ASCII.items():
        if chr(sign) != "…":
            assert texts.ASCII[sign] == instead, chr(sign)


def test_lengths_are_in_proportion_and_little_is_not_nothing():
    text = pictures.bars({"a": 1, "b": 2, "c": 1e-9, "d": 0}, unit="").text()
    a, b, c, d = [row.split("│")[1] for row in text.split("\n")]
    assert abs(2 * a.count("█") - b.count("█")) <= 1
    assert c.startswith("▏")
    assert d == " 0"


def test_bars_of_equal_values_are_equally_long():
    text = pictures.bars({"a": 0.3, "b": 0.3}).text()
    assert len({row.removeprefix(row[0]) for row in text.split("\n")}) == 1


@pytest.mark.parametrize("part", [0, 1e-12, 0.1, 0.5, 0.999, 1])
def test_a_bar_is_as_long_as_its_part_to_an_eighth(part):
    full = "█" * 40
    assert len(bar(part, 40)) <= len(full)
    assert abs(len(bar(part, 40)) - part * 40) <= 1


def test_values_are_shown_in_one_unit():
    text = pictures.bars({"a": 0.5, "b": 0.0005}).text()
    assert "500.0 ms" in text or "500 ms" in text
    assert "0.5 ms" in text
    text = pictures.bars({"a": 5, "b": 0.05}).text()
    assert "5.00 s" in text
    assert "0.05 s" in text
    assert "ms" not in text


def test_counts_are_shown_exactly():
    text = pictures.bars({"a": 7312, "b": 23}, unit="requests/s").text()
    assert "7,312 requests/s" in text
    assert "23 requests/s" in text


def test_huge_ratios_keep_the_small_number_readable():
    text = pictures.bars({"a": 1e9, "b": 0.00012}, unit="").text()
    assert "1,000,000,000" in text
    assert "0.0001" in text


@pytest.mark.parametrize(
    "draw", [pictures.bars, pictures.line, pictures.timeline]
)
def test_nothing_to_draw_is_said(draw):
    picture = draw({})
    assert picture.text() == "(nothing to draw)"
    assert "nothing to draw" in repr(picture)
    ET.fromstring(picture.svg())


def test_one_value_only_and_gaps_only():
    assert "●" in pictures.line([5]).text()
    text = pictures.line([None, None]).text()
    assert "●" not in text
    assert text.count("✕") == 2


def test_a_line_is_not_drawn_over_a_gap():
    with_gap = pictures.line([1, 1, None, 1, 1]).text()
    without = pictures.line([1, 1, 1, 1, 1]).text()
    assert without.count("∙") > with_gap.count("∙")
    (row,) = [row for row in with_gap.split("\n") if "●" in row]
    assert "   " in row.strip().partition("●")[2].rstrip()
    drawn = ET.fromstring(pictures.line([1, 1, None, 1, 1]).svg())
    assert len(list(drawn.iter(f"{SVG}polyline"))) == 2


def test_several_lines_can_be_told_apart_also_where_they_meet():
    text = pictures.line({"a": [1, 5], "b": [1, 3], "c": [None, 4]}).text()
    assert "● a   ▲ b   ■ c" in text
    assert "* several at one place" in text
    assert "✕ no value" in text
    assert "several" not in pictures.line({"a": [1], "b": [9]}).text()


def test_a_higher_value_stands_higher():
    rows = pictures.line([1, 9], height=10).text().split("\n")
    first = next(n for n, row in enumerate(rows) if row.endswith("●"))
    last = max(n for n, row in enumerate(rows) if "●" in row)
    assert first < last


def test_a_timeline_has_its_marks_where_the_axis_says():
    text = pictures.timeline({"a": [0, 1, 2], "b": [(1, 2)]}).text()
    marks, spans, line, labels = text.split("\n")
    places = [n for n, sign in enumerate(marks) if sign == "●"]
    ends = [n for n, sign in enumerate(line) if sign == "┬"]
    assert (places[0], places[-1]) == (ends[0], ends[-1])
    assert spans.index("├") == places[1]
    assert spans.rindex("┤") == places[2]
    assert labels.split() == ["s", *labels.split()[1:-1], "2.0"]


def test_overlapping_spans_get_rows_of_their_own_up_to_a_limit():
    text = pictures.timeline({"a": [(0, 2), (1, 3), (2, 4)]}).text()
    assert text.count("├") == 3
    assert len(text.split("\n")) == 4  # two rows and the axis
    many = pictures.timeline({"a": [(0, 1)] * 100})
    assert many.text().count("├") == 12
    assert "88 more at the same time" in many.text()
    assert "88 more at the same time" in many.svg()


def test_marks_in_one_column_are_counted():
    text = pictures.timeline({"a": [0, 0, 1], "b": [1] * 12}).text()
    assert text.startswith("a 2")
    assert text.split("\n")[1].endswith("+")


def test_times_of_a_late_clock_use_the_whole_width():
    text = pictures.timeline({"a": [86400.0, 86401.0]}).text()
    marks = text.split("\n")[0]
    assert marks.rindex("●") - marks.index("●") > 60


@pytest.mark.parametrize(
    "bad", [-1, -0.001, float("nan"), float("inf"), -float("inf"), 1e300]
)
def test_what_cannot_be_drawn_is_refused_by_name(bad):
    with pytest.raises(ValueError, match=r"'mail'.*from 0 to"):
        pictures.bars({"mail": bad})
    with pytest.raises(ValueError, match=r"value 2 .*from 0 to"):
        pictures.line([1, bad])
    with pytest.raises(ValueError, match=r"'mail'.*from 0 to"):
        pictures.timeline({"mail": [(0, bad)]})


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="'mail' is '3', a str"):
        pictures.bars({"mail": "3"})
    with pytest.raises(TypeError, match="'mail' is None"):
        pictures.bars({"mail": None})
    with pytest.raises(TypeError, match="a pair"):
        pictures.timeline({"a": [(1, 2, 3)]})
    with pytest.raises(ValueError, match="cannot end before"):
        pictures.timeline({"a": [(2, 1)]})


def test_too_narrow_and_too_low_are_refused():
    with pytest.raises(ValueError, match=r"width=39.*40"):
        pictures.bars({}, width=39)
    with pytest.raises(ValueError, match=r"height=3.*4"):
        pictures.line([], height=3)


def test_long_names_are_cut_and_short_ones_stand_at_the_right():
    text = pictures.bars({"x" * 100: 1, "b": 1}, width=60).text()
    first, second = text.split("\n")
    assert "x…" in first
    assert second.lstrip().startswith("b │")
    assert first.index("│") == second.index("│")


def test_a_drawing_makes_room_for_names_but_not_for_any_name():
    svg = pictures.bars({"a script that imports click": 1, "x" * 100: 2}).svg()
    assert ">a script that imports click<" in svg
    assert "…" in svg


def test_print_asks_what_the_place_can_show(monkeypatch):
    picture = pictures.bars({"a": 1, "b": 0.3})
    ascii_only = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert str(picture).isascii()
    assert "####" in str(picture)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert "█" in str(picture)


def test_files(tmp_path):
    picture = pictures.bars({"a": 1}, title="Ünïcode <&>")
    path = picture.save(tmp_path / "a.svg")
    assert path.read_text("utf-8") == picture.svg()
    assert "Ünïcode &lt;&amp;&gt;" in picture.svg()
    text = picture.save(str(tmp_path / "a.TXT")).read_text("utf-8")
    assert text == picture.text() + "\n"
    with pytest.raises(ValueError, match=r"end it in \.svg or \.txt"):
        picture.save(tmp_path / "a.png")


@pytest.mark.parametrize("kind", examples())
def test_the_svg_needs_nothing_else_and_can_be_read_aloud(kind):
    picture = examples()[kind]
    text = picture.svg()
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}desc").text == picture._words()
    for foreign in ("href", "url(", "@import", "@font-face", "<script"):
        assert foreign not in text
    assert text.count("http") == 1  # the name space
    assert "prefers-color-scheme: dark" in text
    assert picture._repr_svg_() == text


def test_the_style_touches_only_pictures():
    """Within a page, a rule for `text` would change other drawings."""
    rules = STYLE.replace("@media (prefers-color-scheme: dark) {", "")
    for rule in rules.split("}"):
        selector = rule.partition("{")[0].strip()
        assert not selector or selector.startswith(".picture"), selector


def test_nothing_is_drawn_outside_of_the_svg():
    for picture in examples().values():
        root = ET.fromstring(picture.svg())
        wide, high = float(root.get("width")), float(root.get("height"))
        for box in root.iter(f"{SVG}rect"):
            if box.get("class") != "ground":
                assert float(box.get("x")) + float(box.get("width")) <= wide
                assert float(box.get("y")) + float(box.get("height")) <= high
        for text in root.iter(f"{SVG}text"):
            assert 0 <= float(text.get("x")) <= wide
            assert 0 <= float(text.get("y")) <= high


def test_a_picture_can_be_pickled():
    for picture in examples().values():
        assert pickle.loads(pickle.dumps(picture)).text() == picture.text()


@given(numbers, numbers, st.integers(2, 12))
@example(5e-324, 5e-324, 2)  # the smallest number there is
def test_ticks_are_round_cover_the_range_and_are_not_too_many(one, two, most):
    low, high = sorted((one, two))
    found = ticks(low, high, most)
    slack = max(high, 1e-9) * 1e-9
    assert found[0][0] <= low + slack
    assert found[-1][0] >= high - slack
    assert 2 <= len(found) <= most + 1
    steps = {round(b - a, 12) for (a, _), (b, _) in pairwise(found)}
    if high < 1000:
        assert max(steps) - min(steps) < 1e-6
    assert len({label for _, label in found}) == len(found)


def test_ticks_are_1_2_or_5_apart():
    assert [label for _, label in ticks(0, 1, 6)] == [
        "0.0", "0.2", "0.4", "0.6", "0.8", "1.0",
    ]  # fmt: skip
    assert [label for _, label in ticks(0, 2300, 5)] == [
        "0", "1,000", "2,000", "3,000",
    ]  # fmt: skip
    in_ms = ticks(0, 0.3, 4, Scale(1000, "ms", 0))
    assert [label for _, label in in_ms] == ["0", "100", "200", "300"]


def test_labels_of_an_axis_do_not_touch():
    line, labels = axis([(0, "1000"), (3, "1001"), (9, "1002")], 12)
    assert line.count("┬") == 3
    assert labels.split() == ["1000", "1002"]


def test_seconds_stay_seconds_from_one_on():
    assert scale_for([1.0, 0.5], "s").unit == "s"
    assert scale_for([0.999], "s").unit == "ms"
    assert scale_for([0.0], "s").unit == "s"
    assert scale_for([0.5], "MB").unit == "MB"


def test_the_import_brings_no_heavy_package():
    code = (
        "import sys; import netbasics.pictures; "
        "print(sorted({'socket', 'ssl', 'asyncio', 'requests', 'rich', "
        "'xml.sax', 'dataclasses'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert done.stdout.strip() == "[]"
