"""Checks read_lines."""

from itertools import repeat

from read_lines import read_lines

from netbasics import lab

LATE = (
    "A line is there as soon as its LF has come, and the peer may wait for an "
    "answer to it. Here something more was waited for."
)
NO_LIMIT = (
    "This line is longer than it may be, and still more is waited for. The "
    "LF of an endless line never comes: look at what has come so far after "
    "each `recv`."
)
REPLACED = (
    "A piece may end inside a character, so a piece cannot be decoded by "
    "itself. Cut the bytes into lines first, then decode each whole line."
)


def lines_are(check, lines, expected):
    """Compare, and say which line is the first to differ."""
    for number, (got, line) in enumerate(zip(lines, expected, strict=False), 1):
        check.equal(got, line, f"line {number}")
    check.equal(len(lines), len(expected), "number of lines")


def test_a_few_lines(check):
    """The peer sends three lines in one piece, and closes."""
    peer = check.peer(lab.feeds([b"one\ntwo\nthree\n"]))
    sock = check.connect(peer)
    check.mistake(
        "`recv` returned `b''`, which means: the peer has closed, and no more "
        "will come. Here it was taken for `nothing yet`.",
        lambda it: it.hung,
    )
    check.mistake(
        "The LF belongs to the end of a line, and not to the line.",
        lambda it: it.value[0] == "one\n",
    )
    check.mistake(
        "After the last LF nothing came, so there is no line.",
        lambda it: it.value[3:] == [""],
    )
    lines_are(
        check, check.collect(read_lines, sock, 100), ["one", "two", "three"]
    )


def test_one_byte_at_a_time(check):
    """The peer sends four lines, one byte at a time, then closes.

    They end with LF and with CRLF; one of them is empty.
    """
    peer = check.peer(lab.feeds(lab.pieces_of(b"one\r\ntwo\n\nthree\r\n")))
    sock = check.connect(peer)
    check.mistake(
        "One piece was taken for one line, or for all lines. `recv` returns "
        "what is there by now: keep what has no LF yet for the next time.",
        lambda it: not it.value or len(it.value[0]) < 3,
    )
    check.mistake(
        "In CRLF the CR belongs to the end of the line as well. It may have "
        "come in the piece before the LF.",
        lambda it: "one\r" in it.value,
    )
    check.mistake(
        "An empty line is a line.",
        lambda it: it.value == ["one", "two", "three"],
    )
    check.mistake(
        "The piece ended between CR and LF, and each was taken for an end.",
        lambda it: it.value[:2] == ["one", ""],
    )
    lines = check.collect(read_lines, sock, 100)
    lines_are(check, lines, ["one", "two", "", "three"])


def test_as_soon_as_it_is_there(check):
    """The peer sends one line with its LF, then says nothing for ever."""
    peer = check.peer(
        lab.feeds([b"hello\n"], then="hold"), "for an answer to its line"
    )
    sock = check.connect(peer)
    check.mistake(LATE, lambda it: it.hung)
    lines, error = check.collected(read_lines, sock, 100, most=1)
    check.that(not error, "the line 'hello'", f"{error!r}")
    lines_are(check, lines, ["hello"])


def test_the_last_line_has_no_end(check):
    """The peer sends a line, and one without an LF; then it closes."""
    peer = check.peer(lab.feeds(lab.pieces_of(b"one\ntwo")))
    sock = check.connect(peer)
    check.mistake(
        "What came after the last LF is lost. It is a line too.",
        lambda it: it.value == ["one"],
    )
    check.mistake(
        "What came after the last LF is lost, or was made an error. It is a "
        "line too.",
        lambda it: it.error is not None,
    )
    lines_are(check, check.collect(read_lines, sock, 100), ["one", "two"])


def test_characters_in_pieces(check):
    """The peer sends letters of two to four bytes, one byte at a time."""
    text = "Grüße\r\n世界\n🙂"
    peer = check.peer(lab.feeds(lab.pieces_of(text.encode())))
    sock = check.connect(peer)
    check.mistake(REPLACED, lambda it: isinstance(it.error, UnicodeDecodeError))
    check.mistake(REPLACED, lambda it: it.value[0] in ("Gre", "Gr????e"))
    check.mistake(
        "It was decoded, but not as UTF-8.",
        lambda it: len(it.value[0]) == len("Grüße".encode()),
    )
    lines = check.collect(read_lines, sock, 100)
    lines_are(check, lines, ["Grüße", "世界", "🙂"])


def test_only_lf_ends_a_line(check):
    r"""The peer sends lines with a lone CR and other odd characters in them.

    One of them is U+2028, for which `str.splitlines` ends a line as well.
    """
    odd = ["a\rb", "  c\r", "d\u2028e\x0bf\x85g", "\th ", "\r"]
    text = "a\rb\n  c\r\r\nd\u2028e\x0bf\x85g\n\th \n\r"
    peer = check.peer(lab.feeds(lab.pieces_of(text.encode())))
    sock = check.connect(peer)
    check.mistake(
        "A CR that is not just before an LF is part of the line. (A file that "
        "is opened as text takes it for an end, and so does `splitlines`.)",
        lambda it: it.value[0] == "a",
    )
    check.mistake(
        "More was cut off than one LF or CRLF: blanks and other CRs belong to "
        "the line. (`strip` and `rstrip` take all that they find.)",
        lambda it: it.value[1] in ("c", "  c", "c\r"),
    )
    check.mistake(
        "`splitlines` knows many ends of lines. Here only LF is one, after a "
        "CR or not.",
        lambda it: it.value[2] == "d",
    )
    check.mistake(
        "A CR stands before the end of the stream, and no LF follows. So it "
        "is part of the last line.",
        lambda it: it.value[:4] == odd[:4],
    )
    lines_are(check, check.collect(read_lines, sock, 100), odd)


def test_just_as_long_as_allowed(check):
    """The peer sends three lines of five bytes, one byte at a time.

    Five bytes are allowed. The first line ends with CRLF.
    """
    peer = check.peer(lab.feeds(lab.pieces_of(b"hello\r\nworld\nagain")))
    sock = check.connect(peer)
    check.mistake(
        "The LF or CRLF does not count, and a line of just `max_length` bytes "
        "is fine. While the last byte is a CR, an LF may follow.",
        lambda it: isinstance(it.error, ValueError),
    )
    lines_are(
        check, check.collect(read_lines, sock, 5), ["hello", "world", "again"]
    )


def test_many_short_lines_at_once(check):
    """The peer sends a thousand lines of five bytes in one piece.

    Five bytes are allowed for each line.
    """
    peer = check.peer(lab.feeds([b"hello\n" * 1000]))
    sock = check.connect(peer)
    check.mistake(
        "The limit is for one line. What `recv` returns may have many.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.equal(len(check.collect(read_lines, sock, 5)), 1000, "lines")


def refused(check, pieces, limit, before=(), then="hold"):
    """Expect ValueError after the lines before, with not a byte more."""
    peer = check.peer(lab.feeds(pieces, then=then), "and will send no more")
    sock = check.connect(peer)
    check.mistake(NO_LIMIT, lambda it: it.hung)
    lines, error = check.collected(read_lines, sock, limit)
    check.mistake(
        "The limit is in bytes, and this line has more of them than letters.",
        lambda it: any(len(line) < len(line.encode()) for line in it.value),
    )
    check.mistake(
        "A line was yielded that is longer than it may be. The limit holds "
        "for every line, also if it came as a whole, and for the last.",
        lambda it: any(len(line) > limit for line in it.value),
    )
    check.mistake(
        "The lines before the bad one are good, and they are missing.",
        lambda it: (
            isinstance(it.error, ValueError) and len(lines) < len(before)
        ),
    )
    check.that(
        isinstance(error, ValueError),
        "that it raises ValueError",
        f"it raised {error!r}" if error else f"it yielded {lines!r:.60}",
    )
    lines_are(check, lines, list(before))


def test_one_byte_too_many(check):
    """The peer sends a good line, then six bytes, and no more for ever.

    Five bytes are allowed, so six are too many, whatever comes.
    """
    refused(check, lab.pieces_of(b"good\nhello!"), 5, ["good"])


def test_a_cr_that_ends_nothing(check):
    """The peer sends six bytes, the last a CR; then an `x`, and no more.

    Five bytes are allowed. The `x` shows that the CR is part of the line.
    """
    refused(check, lab.pieces_of(b"hello\rx"), 5)


def test_a_cr_at_the_end(check):
    """The peer sends six bytes, the last a CR, and closes.

    Five bytes are allowed. No LF follows, so the CR is part of the line.
    """
    refused(check, lab.pieces_of(b"hello\r"), 5, then="close")


def test_too_long_at_once(check):
    """The peer sends three lines in one piece; the second is too long."""
    refused(check, [b"good\nhello!\nlast\n"], 5, ["good"])


def test_the_limit_is_in_bytes(check):
    """The peer sends a line of four letters that are eight bytes, and closes.

    Seven bytes are allowed.
    """
    refused(check, ["ääää\n".encode()], 7, then="close")


def test_an_endless_line(check):
    """The peer sends a line that never ends, 1,000 bytes at a time."""
    refused(check, repeat(b"x" * 1000), 5000)


def test_not_utf_8(check):
    """The peer sends a good line, and one that is Latin-1, not UTF-8."""
    peer = check.peer(lab.feeds([b"good\n", b"Gr\xfc\xdfe\n", b"last\n"]))
    sock = check.connect(peer)
    check.mistake(
        "Bytes that are not UTF-8 were left out or replaced. A line that is "
        "not what it should be is refused.",
        lambda it: it.error is None,
    )
    lines, error = check.collected(read_lines, sock, 100)
    check.that(
        isinstance(error, ValueError),
        "that it raises ValueError",
        f"it raised {error!r}" if error else f"it yielded {lines!r}",
    )
    lines_are(check, lines, ["good"])
