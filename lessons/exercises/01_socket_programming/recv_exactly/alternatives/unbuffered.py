"""A file object without a buffer, for its `read` and nothing ahead of it."""


def recv_exactly(sock, count):
    if count < 0:
        raise ValueError(f"{count} bytes were asked for")
    pieces, got = [], 0
    with sock.makefile("rb", buffering=0) as file:
        while got < count:
            piece = file.read(count - got)
            if not piece:
                raise EOFError(f"the peer closed after {got}/{count} bytes")
            pieces.append(piece)
            got += len(piece)
    return b"".join(pieces)
