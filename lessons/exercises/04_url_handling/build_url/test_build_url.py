"""Checks build_url."""

import json
import re

import pytest
from build_url import build_url

from netbasics import lab, sockets

PLAIN = re.compile(r"[!-~]*")  # what may stand in the first line of a request
BEHIND = (
    "What was added stands behind the `?` or the `#` of the base. A path ends "
    "where the query begins, and a query where the fragment begins: take the "
    "base apart first (`urllib.parse.urlsplit`)."
)


def read(check, url, peer):
    """Send a request for the URL; return what the server read from it."""
    check.that(
        isinstance(url, str) and url.startswith(peer.url),
        f"that the URL begins with {peer.url}",
        f"it returned {url!r:.200}",
    )
    target = url.removeprefix(peer.url).partition("#")[0] or "/"
    check.that(
        PLAIN.fullmatch(target) and target.startswith("/"),
        "a URL without blanks and of ASCII letters only, the rest escaped",
        f"it returned {url!r:.200}",
    )
    request = f"GET {target} HTTP/1.1\r\nHost: {peer.host}\r\n\r\n"
    data = sockets.ask(peer.address, request.encode())
    reading = json.loads(data.partition(b"\r\n\r\n")[2])
    return reading["path"], [(name, value) for name, value in reading["query"]]


def gives(check, base, segments=(), query=None, *, path, pairs=(), fragment=""):
    """Check what a server reads from the URL that the function makes."""
    peer = check.peer(lab.echoes())
    # What the mistakes below look at; set before the request can fail.
    url = check.call(build_url, peer.url + base, *segments, **(query or {}))
    check.outcome.value = {"url": url, "path": [], "query": []}
    got_path, got_pairs = read(check, url, peer)
    check.outcome.value = {"url": url, "path": got_path, "query": got_pairs}
    check.equal(got_path, list(path), "the segments that the server reads")
    check.equal(got_pairs, list(pairs), "the parameters that the server reads")
    got_fragment = url.partition("#")[2]
    check.equal(got_fragment, fragment, "the fragment")


@pytest.mark.parametrize("base", ["", "/"])
def test_one_segment(check, base):
    """One segment is appended to a host. A server says what it reads."""
    check.mistake(
        "Two slashes in a row are an empty segment between them. One slash "
        "at the end of the base is the one before the first segment.",
        lambda it: it.value["path"] == ["", "bands"],
    )
    gives(check, base, ["bands"], path=["bands"])


@pytest.mark.parametrize("base", ["/api/v1", "/api/v1/"])
def test_the_path_of_the_base_stays(check, base):
    """The base has a path. A server says what it reads."""
    check.mistake(
        "`urljoin` follows a link as a browser does: it replaces the last "
        "segment. It does not append.",
        lambda it: (
            it.value["path"] in (["api", "bands"], ["api", "v1", "7"])
            or it.value["path"] == ["api", "7"]
        ),
    )
    check.mistake(
        "Two slashes in a row are an empty segment between them. One slash "
        "at the end of the base is the one before the first segment.",
        lambda it: it.value["path"] == ["api", "v1", "", "bands", "7"],
    )
    gives(check, base, ["bands", "7"], path=["api", "v1", "bands", "7"])


@pytest.mark.parametrize(
    "name", ["who?", "AC/DC", "no#1", "/", "what?a=b&c#d", "a\\b"]
)
def test_signs_of_a_url_in_a_segment(check, name):
    """A segment has signs in it that mean something in a URL."""
    check.mistake(
        "`quote` leaves the slash as it is, for it is made for whole paths. "
        "For one segment: `quote(segment, safe='')`.",
        lambda it: it.value["path"] == ["bands", *name.split("/"), "x"],
    )
    check.mistake(
        "The segment was not escaped, so its signs became signs of the URL.",
        lambda it: f"/bands/{name}/x" in it.value["url"],
    )
    gives(check, "", ["bands", name, "x"], path=["bands", name, "x"])


@pytest.mark.parametrize("name", ["100%", "%2F", "%41", "%252F"])
def test_percent_signs_in_a_segment(check, name):
    """A segment has percent signs in it, which are part of the name."""
    check.mistake(
        "The text has a percent sign, and it was taken for an escape that is "
        "there already. Whoever gives a text means this text: `%` is `%25`.",
        lambda it: f"/bands/{name}" in it.value["url"],
    )
    gives(check, "", ["bands", name], path=["bands", name])


@pytest.mark.parametrize("name", ["Iron Maiden", "a+b", "Motörhead", "a\r\nb"])
def test_blanks_and_other_letters_in_a_segment(check, name):
    """A segment has blanks, a plus, or letters outside ASCII."""
    check.mistake(
        "In a path a blank is `%20`. The `+` is for queries only; in a path "
        "it is a plus.",
        lambda it: it.value["path"][-1] == name.replace(" ", "+") != name,
    )
    check.mistake(
        "The segment was not escaped. Only ASCII may stand in a URL, and no "
        "blanks.",
        lambda it: f"/bands/{name}" in it.value["url"],
    )
    gives(check, "", ["bands", name], path=["bands", name])


def test_an_empty_segment_stays(check):
    """One of the segments is empty, and the last one too."""
    check.mistake(
        "The empty segment is lost. It is an empty name, such as a folder's "
        "slash at the end, and counts like any other.",
        lambda it: (
            it.value["path"] in (["a", "b"], ["a", "", "b"])
            or it.value["path"] == ["a", "b", ""]
        ),
    )
    gives(check, "", ["a", "", "b", ""], path=["a", "", "b", ""])


def test_no_segments_and_no_parameters(check):
    """Nothing is appended, so the URL is the base."""
    gives(check, "/api/", path=["api", ""])


@pytest.mark.parametrize("segment", [".", ".."])
def test_dots_are_refused(check, segment):
    """A segment means another folder, and is refused."""
    check.mistake(
        "A server would read `.` and `..` as steps to another folder, even "
        "when they are escaped: nobody can send them as names. Refuse them "
        "with a ValueError.",
        lambda it: it.error is None,
    )
    base = "http://shop.example/api"
    check.raises(ValueError, build_url, base, "bands", segment, "x")


def test_other_dots_are_names(check):
    """Segments with dots in them, which are names like any other."""
    check.mistake(
        "Only the segments that are exactly `.` or `..` mean another folder.",
        lambda it: isinstance(it.error, ValueError),
    )
    names = ["...", "a..b", ".hidden", "../x", "%2e%2e"]
    gives(check, "", names, path=names)


def test_parameters(check):
    """Parameters are added. A server says what it reads."""
    check.mistake(
        "Parameters need a `?` before the first one, and `&` between them.",
        lambda it: not it.value["query"],
    )
    query = {"q": "R&D", "page": 2, "sort by": "a=b+c d%ü#"}
    pairs = [("q", "R&D"), ("page", "2"), ("sort by", "a=b+c d%ü#")]
    gives(check, "", ["find"], query, path=["find"], pairs=pairs)


def test_none_is_left_out(check):
    """One parameter is None. A server says what it reads."""
    check.mistake(
        "None was sent as the word `None`. It means that the parameter is "
        "not wanted.",
        lambda it: ("tag", "None") in it.value["query"],
    )
    query = {"page": 2, "tag": None}
    gives(check, "/find", (), query, path=["find"], pairs=[("page", "2")])


def test_zero_false_and_nothing_are_sent(check):
    """Parameters are 0, False and an empty text: values like any other."""
    check.mistake(
        "0, False and `''` are false in an `if`, and values all the same. "
        "Only None is left out: `is not None`.",
        lambda it: len(it.value["query"]) < 3,
    )
    query = {"start": 0, "all": False, "q": ""}
    pairs = [("start", "0"), ("all", "False"), ("q", "")]
    gives(check, "/find", (), query, path=["find"], pairs=pairs)


def test_a_list_repeats_its_name(check):
    """A parameter is a list, another one a tuple."""
    check.mistake(
        "The list was written as Python writes it. Each of its items is a "
        "field of its own, with the same name (`doseq=True`).",
        lambda it: any("[" in v or "(" in v for _, v in it.value["query"]),
    )
    query = {"tag": ["new", "a&b"], "size": (4, 5)}
    pairs = [("tag", "new"), ("tag", "a&b"), ("size", "4"), ("size", "5")]
    gives(check, "/find", (), query, path=["find"], pairs=pairs)


def test_none_in_a_list_is_left_out(check):
    """A list has None, 0, False and an empty text in it; another is empty."""
    check.mistake(
        "None was sent as the word `None`. It is left out in a list too.",
        lambda it: ("a", "None") in it.value["query"],
    )
    query = {"a": [None, 0, False, "", None], "b": [], "c": [None]}
    pairs = [("a", "0"), ("a", "False"), ("a", "")]
    gives(check, "/find", (), query, path=["find"], pairs=pairs)


def test_the_query_of_the_base_stays(check):
    """The base has a query; segments and parameters are added."""
    check.mistake(BEHIND, lambda it: it.value["path"] == ["api"])
    check.mistake(
        "The query of the base is lost. New parameters go behind those that "
        "are there.",
        lambda it: it.value["query"] == [("page", "2")],
    )
    old = [("key", "a&b"), ("x", "")]
    gives(
        check,
        "/api?key=a%26b&x=",
        ["bands"],
        {"page": 2},
        path=["api", "bands"],
        pairs=[*old, ("page", "2")],
    )


def test_the_query_of_the_base_alone(check):
    """The base has a query, and only a segment is added."""
    path = ["api", "bands"]
    gives(check, "/api/?x=1&x=2", ["bands"], path=path, pairs=[*TWICE])


TWICE = (("x", "1"), ("x", "2"))


def test_the_fragment_stays_last(check):
    """The base has a fragment; segments and parameters are added."""
    check.mistake(BEHIND, lambda it: not it.value["url"].endswith("#top?/"))
    gives(
        check,
        "/api?x=1#top?/",
        ["bands"],
        {"x": 2},
        path=["api", "bands"],
        pairs=TWICE,
        fragment="top?/",
    )


def test_escapes_of_the_base_stay(check):
    """The path of the base has escapes in it. A server says what it reads."""
    check.mistake(
        "The base was escaped once more: its `%2F` became `%252F`. A URL is "
        "escaped already; only what is added needs it.",
        lambda it: "%252F" in it.value["url"],
    )
    check.mistake(
        "The base was decoded, so that its `%2F` became a slash.",
        lambda it: it.value["path"][:3] == ["a", "b", "c d"],
    )
    gives(check, "/a%2Fb/c%20d", ["x"], path=["a/b", "c d", "x"])
