"""Checks decode_frame."""

from decode_frame import decode_frame

from netbasics import lab
from netbasics.practice import Frame

HELLO = bytes.fromhex("818537fa213d7f9f4d5158")  # of RFC 6455, section 5.7
KEY = b"\x37\xfa\x21\x3d"
MIB = 1 << 20


def masked(data, key=KEY):
    """Return the data as a client sends it; quick also for a mebibyte."""
    keys = (key * (len(data) // 4 + 1))[: len(data)]
    both = int.from_bytes(data, "big") ^ int.from_bytes(keys, "big")
    return key + both.to_bytes(len(data), "big")


def frame(data, *, first=0x82, width=None, key=KEY):
    """Return a frame of a client, its length in 0, 2 or 8 more bytes."""
    size = len(data)
    if width is None:
        width = 0 if size < 126 else 2 if size < 65536 else 8
    short = {0: size, 2: 126, 8: 127}[width]
    head = bytes([first, 0x80 | short]) + size.to_bytes(width or 1, "big")
    return head[: 2 + width] + masked(data, key)


def decodes(check, buffer, expected):
    """The buffer gives this frame; a large payload is told by its length."""
    got = check.call(decode_frame, buffer)
    if not isinstance(got, Frame):
        check.fail("a Frame", repr(got))
    for name in ("opcode", "consumed"):
        check.equal(getattr(got, name), getattr(expected, name), name)
    check.equal(got.fin, expected.fin, "fin")
    check.equal(bytes(got.payload), expected.payload, "payload")


def test_hello(check):
    """The client sends one masked text frame with `Hello`."""
    check.mistake(
        "It is still masked. Combine each byte with a byte of the key by `^`.",
        lambda it: it.value.payload == HELLO[6:],
    )
    check.mistake(
        "All four bytes of the key are used in turn: byte i of the payload "
        "goes with byte i % 4 of the key.",
        lambda it: it.value.payload[:1] == b"H" != it.value.payload,
    )
    check.mistake(
        "A frame is its header, four bytes of the key, and the payload: all "
        "of them are consumed.",
        lambda it: it.value.consumed == 7,
    )
    decodes(check, HELLO, Frame(True, 1, b"Hello", 11))


def test_not_complete(check):
    """Nothing of a frame has come, then one byte more each time."""
    check.mistake(
        "Nothing has come yet, or one byte, and the header has two at least. "
        "That is not complete: None.",
        lambda it: isinstance(it.error, IndexError),
    )
    check.mistake(
        "A part of the payload was returned as if it were all of it.",
        lambda it: it.value.opcode == 1,
    )
    for size in range(len(HELLO)):
        check.returns(None, decode_frame, HELLO[:size])


def test_two_frames(check):
    """The client sends two frames at once, and a byte of a third."""
    check.mistake(
        "The bytes behind the payload belong to the next frame. Take as many "
        "as the length says, and say in `consumed` where it ends.",
        lambda it: it.value.consumed > 11,
    )
    second = frame(b"and more", first=0x89, key=b"\1\2\3\4")
    both = HELLO + second + b"\x81"
    decodes(check, both, Frame(True, 1, b"Hello", 11))
    decodes(check, both[11:], Frame(True, 9, b"and more", len(second)))


def test_lengths(check):
    """The client sends payloads whose lengths take 7, 16 and 64 bits."""
    size = 0
    check.mistake(
        "127 means that the length is in the next eight bytes.",
        lambda it: size > 65_535 and it.error is None,
    )
    check.mistake(
        "The lengths are big-endian: the highest byte comes first.",
        lambda it: size > 125,
    )
    for size in (0, 1, 125, 126, 127, 65_535, 65_536, 70_001):
        data = (bytes(range(251)) * (size // 251 + 1))[:size]
        whole = frame(data)
        decodes(check, whole + b"\x81", Frame(True, 2, data, len(whole)))


def test_half_a_header(check):
    """Of long frames, the bytes of the length come one at a time."""
    check.mistake(
        "The bytes of the length are not all there. That is not complete: "
        "None.",
        lambda it: it.error is not None,
    )
    for size in (126, 65_536):
        whole = frame(bytes(size))
        for count in range(20):
            check.returns(None, decode_frame, whole[:count])
    # A mebibyte and a byte: the last byte of the length decides.
    header = bytes([0x82, 0xFF]) + (MIB + 1).to_bytes(8, "big")
    check.returns(None, decode_frame, header[:9])


def test_over_a_connection(check):
    """The client sends three frames over TCP, one byte at a time."""
    sent = [b"Hello", b"", b"x" * 126]
    data = HELLO + frame(b"", first=0x8A) + frame(sent[2])
    sock = check.connect(
        check.peer(lab.feeds(lab.pieces_of(data), then="hold"))
    )
    sock.settimeout(5)
    buffer, got, left = b"", [], len(data)
    while len(got) < 3:
        found = check.call(decode_frame, buffer)
        if found is None:
            whole = left == 0
            check.that(not whole, "a frame", f"None for {buffer!r:.60}")
            piece = sock.recv(100)
            buffer, left = buffer + piece, left - len(piece)
        else:
            check.that(found.consumed > 0, "consumed > 0", str(found.consumed))
            got.append(bytes(found.payload))
            buffer = buffer[found.consumed :]
    check.equal(got, sent, "the payloads")


def test_not_masked(check):
    """The client sends frames without a mask, in whole and in part."""
    check.mistake(
        "A client must mask; a server that takes what is not masked can be "
        "used against a proxy in front of it.",
        lambda it: it.value is not None,
    )
    check.mistake(
        "The second byte shows that it is not masked: two bytes are enough to "
        "refuse it.",
        lambda it: it.error is None,
    )
    check.raises(ValueError, decode_frame, b"\x81\x05Hello")
    check.raises(ValueError, decode_frame, b"\x81\x05He")
    check.raises(ValueError, decode_frame, b"\x81\x00")
    check.raises(ValueError, decode_frame, b"\x81\x05")
    check.raises(ValueError, decode_frame, b"\x82\x7e")
    check.raises(ValueError, decode_frame, b"\x82\x7f\x00")


def test_too_large(check):
    """The client promises more than a mebibyte, and sends the header only."""
    size = MIB + 1
    header = bytes([0x82, 0xFF]) + size.to_bytes(8, "big")
    check.mistake(
        "It waits for the key, or for some of the payload. Refuse as soon as "
        "the length is there: who waits lets a client fill the memory.",
        lambda it: refused(header + KEY) or refused(header + KEY + b"x"),
    )
    check.mistake(
        "The header promises more than 1 MiB, and nobody refuses it.",
        lambda it: it.error is None,
    )
    for size in (MIB + 1, 1 << 31, (1 << 63) - 1):
        header = bytes([0x82, 0xFF]) + size.to_bytes(8, "big")
        check.raises(ValueError, decode_frame, header)
        check.raises(ValueError, decode_frame, header + KEY)
        check.raises(ValueError, decode_frame, header + KEY + b"the beginning")


def refused(buffer):
    try:
        decode_frame(buffer)
    except ValueError:
        return True
    return False


def test_one_mebibyte(check):
    """The client sends exactly a mebibyte; first, all but the last byte."""
    data = bytes(range(256)) * (MIB // 256)
    whole = frame(data)
    check.mistake(
        "Exactly 1 MiB is fine; one byte more is not.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.returns(None, decode_frame, whole[:-1])
    got = check.call(decode_frame, whole)
    check.that(got is not None, "a Frame", "None")
    right = got.payload == data and got.consumed == len(whole)
    sizes = f"{len(got.payload):,} bytes, {got.consumed:,} consumed"
    expected = f"{MIB:,} bytes as sent, {len(whole):,} consumed"
    check.that(right, expected, f"{sizes}, or other bytes")


def test_fin_and_opcode(check):
    """The client sends pieces of a message, and opcodes that are unknown."""
    check.mistake(
        "Unknown opcodes are no affair of this function: whoever gets the "
        "frame decides.",
        lambda it: it.error is not None,
    )
    for first in (0x01, 0x00, 0x80, 0x88, 0x03, 0x8F, 0x09):
        whole = frame(b"abc", first=first)
        fin, opcode = first >= 0x80, first % 16
        decodes(check, whole, Frame(fin, opcode, b"abc", len(whole)))


def test_nothing_else_is_refused(check):
    """The client sets reserved bits, and writes lengths longer than needed."""
    check.mistake(
        "The opcode is in the lowest four bits; the three above are reserved.",
        lambda it: it.value.opcode > 15,
    )
    whole = frame(b"abc", first=0xF1)
    decodes(check, whole, Frame(True, 1, b"abc", len(whole)))
    check.mistake(
        "The length would have fitted in fewer bytes. Here that is fine.",
        lambda it: it.error is not None,
    )
    for width in (2, 8):
        whole = frame(b"abc", width=width)
        decodes(check, whole, Frame(True, 2, b"abc", len(whole)))
    long = frame(b"p" * 200, first=0x89)
    decodes(check, long, Frame(True, 9, b"p" * 200, len(long)))
