"""6.3 What is wrong with this server?"""

from netbasics.practice import Cause


def diagnose(host: str, port: int) -> Cause:
    """Find out why a server does not answer plain HTTP; or that it does.

    Ask in plain HTTP first: many servers that do not speak TLS wait for ever
    when somebody begins with it. Only if no HTTP came back, try TLS, on a
    second connection.

    A status line begins with `HTTP/1.0` or `HTTP/1.1`, a space and three
    digits, and ends with LF or CRLF. It may arrive in any number of pieces.

    Args:
        host: A name or an IP address.
        port: The port.

    Returns:
        The first of these that is true:

        - `Cause.REFUSED`: The connection was refused.
        - `Cause.HEALTHY`: A whole status line came, with any status. What
          comes after it does not matter, not even whether it comes.
        - `Cause.TIMEOUT`: The server neither closed nor sent anything that
          cannot begin a status line, but there is no whole status line within
          2 seconds. It may not even answer the connect.
        - `Cause.TLS`: It closed, reset, or sent something else than a status
          line; but a TLS handshake with it succeeds. Its certificate may be
          any; it is not checked.
        - `Cause.RESET`: It reset the connection before the status line was
          complete.
        - `Cause.NOT_HTTP`: It sent a line that is no status line; or closed
          before the status line was complete, perhaps without a word.

    The 2 seconds are for the whole call, with both connections. An answer is
    returned as soon as it is certain. Nothing is raised for what the server
    does.
    """
    raise NotImplementedError("not written yet")
