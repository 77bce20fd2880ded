"""Checks respond."""

import os
import re

from respond import respond

DATA = b"0123456789"
STRONG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


class File:
    """A file, and the last answer that was given for it."""

    def __init__(self, check, data=DATA):
        self.check = check
        self.data = data
        self.path = check.folder / "data.bin"
        self.path.write_bytes(data)
        self.status = 0
        self.body = b""
        self.headers = {}

    def ask(self, *headers):
        """Ask, with these headers."""
        check = self.check
        self.status = 0
        answer = check.call(respond, self.path, list(headers))
        check.called = f"respond(path, {list(headers)})"  # unabridged
        for name in ("status", "headers", "body"):
            check.that(
                hasattr(answer, name), "that it returns a Response", f"{answer}"
            )
        self.status, self.body = answer.status, answer.body
        self.headers = {name.lower(): value for name, value in answer.headers}

    def is_answered(self, status):
        got = f"{self.status}, with the body {self.body!r:.60}"
        self.check.that(self.status == status, f"the status {status}", got)

    def tag(self):
        """Return the ETag of the last answer."""
        check = self.check
        tag = self.headers.get("etag", "")
        check.mistake(
            "The tag is weak: `W/` says that two versions with the same tag "
            "may differ in their bytes.",
            lambda it: tag.startswith("W/"),
        )
        what = f"a strong ETag, in quotes, in the {self.status}"
        got = repr(tag) if tag else "there is none"
        check.that(STRONG.fullmatch(tag), what, got)
        return tag

    def now(self):
        """Ask for all of it; return the ETag."""
        self.ask()
        self.is_whole()
        return self.tag()

    def is_whole(self):
        self.is_answered(200)
        self.check.equal(bytes(self.body), self.data, "the body")
        self.has_length()
        got = repr(self.headers.get("content-range"))
        no_part = "content-range" not in self.headers
        self.check.that(no_part, "no Content-Range in a 200", got)

    def is_part(self, first, last):
        self.is_answered(206)
        part = self.data[first : last + 1]
        self.check.equal(bytes(self.body), part, "the body")
        where = f"bytes {first}-{last}/{len(self.data)}"
        self.check.equal(
            self.headers.get("content-range"), where, "Content-Range"
        )
        self.has_length()
        self.tag()

    def is_not_new(self):
        self.is_answered(304)
        self.check.equal(bytes(self.body), b"", "the body")
        self.tag()

    def is_nowhere(self):
        self.is_answered(416)
        size = f"bytes */{len(self.data)}"
        self.check.equal(
            self.headers.get("content-range"), size, "Content-Range"
        )

    def has_length(self):
        length = self.headers.get("content-length", str(len(self.body)))
        self.check.equal(length, str(len(self.body)), "Content-Length")


def test_all_of_it(check):
    """The client asks for the file, without any condition, twice."""
    file = File(check, b"\r\n\x00\xff" + DATA)
    tag = file.now()
    check.equal(file.now(), tag, "the ETag of the same file")


def test_a_part(check):
    """The client asks for parts: Range: bytes=FIRST-LAST."""
    file = File(check)
    span = 2, 5
    check.mistake(
        "LAST belongs to the part, other than the end of a slice in Python: "
        "`data[first : last + 1]`.",
        lambda it: len(file.body) == span[1] - span[0],
    )
    check.mistake(
        "Parts need their ETag too: without it a client cannot tell whether "
        "two parts are of the same version.",
        lambda it: file.status == 206 and "etag" not in file.headers,
    )
    for span in ((2, 5), (0, 0), (9, 9), (0, 9)):
        file.ask(("Range", "bytes={}-{}".format(*span)))
        file.is_part(*span)


def test_to_the_end(check):
    """The client asks for all from a position on, and for too much."""
    file = File(check)
    check.mistake(
        "A LAST behind the end means up to the end. Content-Range says what "
        "is really there.",
        lambda it: "-99/" in file.headers.get("content-range", ""),
    )
    for text in ("bytes=4-", "bytes=4-99"):
        file.ask(("Range", text))
        file.is_part(4, 9)


def test_the_last_bytes(check):
    """The client asks for the last three bytes, then for the last 99."""
    file = File(check)
    check.mistake(
        "`bytes=-3` are the last three bytes, not those up to position 3.",
        lambda it: file.body[:3] == b"012" and len(file.body) in (3, 4),
    )
    file.ask(("Range", "bytes=-3"))
    file.is_part(7, 9)
    check.mistake(
        "The last 99 bytes are more than there are, and that is fine: all of "
        "them. The first position must not become negative.",
        lambda it: "-99" in check.called,
    )
    file.ask(("Range", "bytes=-99"))
    file.is_part(0, 9)


def test_behind_the_end(check):
    """The client asks for bytes from position 10 of ten, and for none."""
    file = File(check)
    check.mistake(
        "A 416 says how long the file is, so that the client can ask better: "
        "`Content-Range: bytes */SIZE`.",
        lambda it: file.status == 416,
    )
    check.mistake(
        "`-0` are the last zero bytes: well formed, but there is nothing to "
        "send, and `Content-Range` has no way to say so. It is a 416.",
        lambda it: "=-0" in check.called,
    )
    for text in ("bytes=10-", "bytes=10-12", "bytes=99-100", "bytes=-0"):
        file.ask(("Range", text))
        file.is_nowhere()


def test_names_in_any_case(check):
    """The client writes the names of its headers in another way."""
    file = File(check)
    check.mistake(
        "The names of headers are the same in any case: compare them in "
        "lower case.",
        lambda it: file.status == 200 and "Bytes" not in check.called,
    )
    for name in ("Range", "range", "RANGE", "rAnGe"):
        file.ask((name, "bytes=2-5"))
        file.is_part(2, 5)
        file.ask((name, "Bytes=2-5"))
        file.is_part(2, 5)


MALFORMED = [
    *("bytes", "bytes=", "bytes=-", "bytes=abc", "bytes 2-5", "bytes=2"),
    *("bytes=2-5x", "bytes=--5", "bytes=2--5", "bytes=x-5", "2-5", ""),
]


def test_malformed(check):
    """The client sends a Range that is none."""
    file = File(check)
    check.mistake(
        "Nothing is raised, whatever a client sends. A Range that nobody "
        "understands counts for nothing: 200.",
        lambda it: it.error is not None,
    )
    check.mistake(
        "416 is for a range that is well formed and behind the end. What is "
        "malformed counts for nothing: 200.",
        lambda it: file.status == 416,
    )
    for text in MALFORMED:
        file.ask(("Range", text))
        file.is_whole()


NEARLY = ["+2-5", "2-+5", "2_0-50", "2-5_0", "2- 5", "2 -5", "²-5", "2-³"]


def test_nearly_digits(check):
    """The client sends numbers that are no plain digits."""
    file = File(check)
    check.mistake(
        "`isdigit` is true of `²` as well, which `int` refuses. Ask for the "
        "digits 0 to 9.",
        lambda it: it.error is not None,
    )
    check.mistake(
        "`int` reads more than digits: `+2`, `2_0` and ` 5` as well. They "
        "make the Range malformed.",
        lambda it: file.status in (206, 416),
    )
    for text in NEARLY:
        file.ask(("Range", f"bytes={text}"))
        file.is_whole()


def test_a_last_before_its_first(check):
    """The client asks for bytes 5 to 4."""
    file = File(check)
    check.mistake(
        "A LAST before its FIRST is malformed, so it counts for nothing.",
        lambda it: file.status in (206, 416),
    )
    for text in ("bytes=5-4", "bytes=99-98"):
        file.ask(("Range", text))
        file.is_whole()


def test_several_ranges_and_other_units(check):
    """The client asks for two parts, and counts in lines."""
    file = File(check)
    check.mistake(
        "The client asked for several ranges and got one of them, as if it "
        "were all. Here they count for nothing: 200.",
        lambda it: file.status == 206,
    )
    for text in ("bytes=0-1,4-5", "bytes=0-1, -2", "lines=0-1"):
        file.ask(("Range", text))
        file.is_whole()


def test_an_empty_file(check):
    """The file is empty; the client asks for all, and for parts."""
    file = File(check, b"")
    tag = file.now()
    check.mistake(
        "An empty file has no parts, so the Range counts for nothing: 200.",
        lambda it: file.status in (206, 416),
    )
    for text in ("bytes=0-", "bytes=0-0", "bytes=-5", "bytes=-0"):
        file.ask(("Range", text))
        file.is_whole()
    file.ask(("If-None-Match", tag))
    file.is_not_new()


def test_nothing_new(check):
    """The client has the file's ETag, alone, as a weak one, and in lists."""
    file = File(check)
    tag = file.now()
    file.ask(("If-None-Match", tag))
    file.is_not_new()
    check.mistake(
        "The tags were compared strongly. Here a weak tag will do: `W/` makes "
        "no difference.",
        lambda it: "W/" in check.called,
    )
    file.ask(("if-none-match", f"W/{tag}"))
    file.is_not_new()
    check.mistake(
        "If-None-Match is a list of tags, with commas between them.",
        lambda it: "old" in check.called,
    )
    file.ask(("If-None-Match", f'"old", {tag}'))
    file.is_not_new()
    file.ask(("If-None-Match", f'{tag},"old"'))
    file.is_not_new()
    check.mistake(
        "`*` stands for any version.", lambda it: "'*'" in check.called
    )
    file.ask(("If-None-Match", "*"))
    file.is_not_new()


def test_another_version(check):
    """The client has other versions; the tag of one contains the file's."""
    file = File(check)
    tag = file.now()
    file.ask(("If-None-Match", '"old"'))
    file.is_whole()
    check.mistake(
        "The ETag was found within another tag. Take the list apart and "
        "compare whole tags.",
        lambda it: file.status == 304,
    )
    file.ask(("If-None-Match", f'"old", "{tag[1:-1]}x", "x{tag[1:-1]}"'))
    file.is_whole()


def test_none_match_comes_first(check):
    """The client has the file, and asks for a part all the same."""
    file = File(check)
    tag = file.now()
    check.mistake(
        "If-None-Match comes first: whoever has the file needs no part of it.",
        lambda it: file.status in (200, 206, 416),
    )
    for text in ("bytes=2-5", "bytes=99-", "nonsense"):
        file.ask(("Range", text), ("If-None-Match", tag))
        file.is_not_new()
        file.ask(("If-None-Match", tag), ("If-Range", '"old"'), ("Range", text))
        file.is_not_new()
    file.ask(("If-None-Match", '"old"'), ("Range", "bytes=2-5"))
    file.is_part(2, 5)


def test_if_range(check):
    """The client wants a part if the file is still the same, or else all."""
    file = File(check)
    tag = file.now()
    file.ask(("Range", "bytes=2-5"), ("If-Range", tag))
    file.is_part(2, 5)
    file.ask(("If-Range", tag), ("Range", "bytes=10-"))
    file.is_nowhere()
    file.ask(("If-Range", tag))
    file.is_whole()
    check.mistake(
        "The client has the beginning of another version, and got a part of "
        "this one: together they are no file at all. If-Range says which "
        "version it has; if that is not this one, send all.",
        lambda it: file.status != 200 and "W/" not in check.called,
    )
    date = "Mon, 01 Jan 1990 00:00:00 GMT"
    for text in ("bytes=2-5", "bytes=10-"):
        for other in ('"old"', f'"x{tag[1:]}', date, f'"old", {tag}'):
            file.ask(("Range", text), ("If-Range", other))
            file.is_whole()
    check.mistake(
        "Who puts two parts together needs the same bytes. A weak tag does "
        "not promise them, so here it never holds.",
        lambda it: file.status != 200,
    )
    file.ask(("Range", "bytes=2-5"), ("If-Range", f"W/{tag}"))
    file.is_whole()


def test_a_change(check):
    """The file changes; its size and its time of change stay the same."""
    file = File(check)
    tag = file.now()
    before = file.path.stat()
    file.data = b"012345678X"
    file.path.write_bytes(file.data)
    os.utime(file.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    check.mistake(
        "Size and time of change are the same, but the bytes are not. A "
        "strong tag must tell the two versions apart: make it from the bytes.",
        lambda it: file.headers.get("etag") == tag,
    )
    new = file.now()
    check.that(new != tag, "another ETag than before", f"{new} again")
    file.ask(("If-None-Match", tag))
    file.is_whole()
    file.ask(("Range", "bytes=2-5"), ("If-Range", tag))
    file.is_whole()
