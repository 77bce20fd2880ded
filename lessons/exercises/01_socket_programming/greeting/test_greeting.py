"""Checks greeting."""

from greeting import greeting

from netbasics import lab

GREETING = "Hello, whoever you are.\n"
FOREIGN = "Grüße, 世界, 🙂!"
LINES = "  one\r\ntwo\n\nthree\rfour \n"
NO_END = (
    "`recv` returned `b''`, which means: the server has closed, and no more "
    "will come. Here it was taken for `nothing yet`."
)
ONE_PIECE = (
    "One piece was taken for the whole text. `recv` returns what is there by "
    "now: go on until it returns `b''`."
)


def test_a_greeting(check):
    """The server sends one line, and closes."""
    peer = check.peer(lab.feeds([GREETING.encode()]))
    check.mistake(NO_END, lambda it: it.hung and peer.attempts)
    check.mistake(
        "What came is bytes. `decode` makes text of it; `str(data)` is only "
        "a picture of the bytes.",
        lambda it: isinstance(it.value, bytes) or it.value.startswith("b'"),
    )
    check.mistake(
        "The text ends with a line end, and that is missing. Give back what "
        "came, unchanged.",
        lambda it: it.value == GREETING.strip(),
    )
    check.returns(GREETING, greeting, peer.address)


def test_one_byte_at_a_time(check):
    """The server sends its line one byte at a time, and closes."""
    peer = check.peer(lab.feeds(lab.pieces_of(GREETING.encode())))
    check.mistake(NO_END, lambda it: it.hung)
    check.mistake(
        ONE_PIECE,
        lambda it: (
            len(it.value) < len(GREETING) and GREETING.startswith(it.value)
        ),
    )
    check.returns(GREETING, greeting, peer.address)


def test_a_character_in_pieces(check):
    """The server sends letters that are two to four bytes long, in UTF-8.

    They come one byte at a time.
    """
    peer = check.peer(lab.feeds(lab.pieces_of(FOREIGN.encode())))
    check.mistake(
        "A piece may end inside a character, so a piece cannot be decoded by "
        "itself. Collect the bytes, and decode them once, at the end.",
        lambda it: (
            isinstance(it.error, UnicodeDecodeError)
            and it.error.encoding == "utf-8"
        ),
    )
    check.mistake(
        "A piece may end inside a character, so a piece cannot be decoded by "
        "itself. Leaving out or replacing what does not fit loses the "
        "character. Collect the bytes, and decode them once, at the end.",
        lambda it: (
            "\ufffd" in it.value
            or it.value == FOREIGN.encode().decode("ascii", "ignore")
        ),
    )
    check.mistake(
        "It was decoded, but not as UTF-8.",
        lambda it: (
            isinstance(it.error, UnicodeDecodeError)
            or len(it.value) == len(FOREIGN.encode())
        ),
    )
    check.returns(FOREIGN, greeting, peer.address)


def test_lines(check):
    """The server sends four lines, whose ends are of three kinds."""
    peer = check.peer(lab.feeds(lab.pieces_of(LINES.encode(), 5)))
    check.mistake(
        "The line ends were changed. A file that is opened as text makes "
        '`\\n` of each of them, unless it is opened with `newline=""`.',
        lambda it: it.value == LINES.replace("\r\n", "\n").replace("\r", "\n"),
    )
    check.mistake(
        "Only the first line was read. The text ends when the server closes, "
        "not at a line end.",
        lambda it: it.value.strip() == "one",
    )
    check.mistake(
        "Blanks or line ends at the beginning or the end are missing.",
        lambda it: it.value.strip() == LINES.strip(),
    )
    check.returns(LINES, greeting, peer.address)


def test_a_long_text(check):
    """The server sends 300,000 bytes at once, and closes."""
    text = "All work and no play. " * 13_637
    peer = check.peer(lab.feeds([text.encode()]))
    check.mistake(ONE_PIECE, lambda it: len(it.value) < len(text))
    got = check.call(greeting, peer.address)
    check.that(got == text, f"{len(text):,} characters", f"{len(got):,}")


def test_nothing(check):
    """The server closes without a word."""
    peer = check.peer(lab.feeds([]))
    check.returns("", greeting, peer.address)
