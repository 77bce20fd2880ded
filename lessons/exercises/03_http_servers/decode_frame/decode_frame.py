"""3.4* A WebSocket frame."""

from netbasics.practice import Frame


def decode_frame(buffer: bytes) -> Frame | None:
    """Read one WebSocket frame, as a server gets it, from what has come.

    A frame is (RFC 6455, section 5.2):

    - a byte: its highest bit says that the message ends here (`fin`), the
      next three are reserved, the lowest four are the `opcode`;
    - a byte: its highest bit says that the payload is masked; the lowest
      seven are the payload's length, 0 to 125. There, 126 means that the
      length is in the next two bytes instead, and 127 that it is in the next
      eight; both are big-endian;
    - if it is masked: four bytes, the key;
    - the payload. If it is masked, byte number i was combined with byte
      number i modulo 4 of the key by XOR. The same again gives it back.

    A client must mask what it sends, so a frame that is not masked is
    refused, and so is one with more than 1 MiB (1,048,576 bytes) of payload;
    exactly 1 MiB is fine. Both are refused as soon as the header shows it:
    the first when two bytes have come, the second when all bytes of the
    length have come, and whether or not the key and the payload are there.

    Nothing else is refused: neither reserved bits, nor unknown opcodes, nor
    a length that would have fitted into fewer bytes.

    Args:
        buffer: What has come so far: nothing, a part of a frame, a frame, or
            more than that. It begins where a frame begins.

    Returns:
        None while the frame is not complete, with all of its payload. Then a
        Frame: `fin`, a bool; `opcode`; `payload`, unmasked, as bytes; and
        `consumed`, how many bytes of the buffer the frame took, so that the
        next one begins at `buffer[consumed:]`.

    Raises:
        ValueError: The frame is refused.

    Example:
        A masked text frame with `Hello`, and a byte of the next one:
        `decode_frame(bytes.fromhex("818537fa213d7f9f4d515889"))` is
        `Frame(fin=True, opcode=1, payload=b"Hello", consumed=11)`.
    """
    raise NotImplementedError("not written yet")
