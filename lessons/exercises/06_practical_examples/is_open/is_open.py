"""6W Is the port open?"""


def is_open(host: str, port: int) -> bool:
    """Say whether somebody accepts TCP connections on a port.

    Only the connection counts. Nothing is sent and nothing is waited for: a
    server that accepts and then says nothing is open.

    Args:
        host: A name or an IP address: `"localhost"`, `"127.0.0.1"`. A name
            may stand for several addresses.
        port: The port, a number.

    Returns:
        True if a connection was made; it is closed again. False if it is
        refused, if the host's name is unknown, or if no connection is made
        within 1 second. That second is for the whole call, however many
        addresses the name has.

    No error is raised for any of these.

    Example:
        `is_open("localhost", 22)` is True where an SSH server runs.
    """
    raise NotImplementedError("not written yet")
