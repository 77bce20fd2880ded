"""Collect pieces and join them."""


def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("a negative count")
    pieces = []
    missing = count
    while missing:
        piece = sock.recv(min(missing, 65536))
        if piece == b"":
            raise EOFError(f"wanted {count} bytes and got {count - missing}")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
