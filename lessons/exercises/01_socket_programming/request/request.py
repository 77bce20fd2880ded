"""1.4 A reliable datagram."""


def request(
    address: tuple[str, int], data: bytes, tries: int, timeout: float
) -> bytes:
    """Ask a server over UDP, and ask again while no answer comes.

    A request is one datagram: an id of four bytes, then the data. The server
    answers with the same id, then its own data. A datagram may get lost, come
    twice, or come late, and others may come that answer something else.

    Each call takes a new id (so that an answer to an earlier call is not
    taken for one to this) and one new socket. A retry sends the very same
    datagram, with the same id, from the same socket: a late answer to the
    first try is then welcome during the second.

    A datagram that does not come from `address`, or does not begin with the
    id, is left aside: it neither ends a try nor makes it longer.

    Args:
        address: Where the server listens: host (as digits) and port.
        data: What to ask, at most 65,503 bytes; it may be empty.
        tries: How often to send at most; 1 or more.
        timeout: How many seconds to wait for an answer after each send. As
            soon as the answer is there, it is returned.

    Returns:
        The data of the answer, without the id: up to 65,503 bytes.

    Raises:
        TimeoutError: After exactly `tries` sends, each with its `timeout`,
            there is no answer. Also when nobody listens there (the system
            may know that at once; then a try need not wait).
    """
    raise NotImplementedError("not written yet")
