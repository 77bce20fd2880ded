"""2.1 One time for all of it."""


def get(url: str, total: float) -> bytes:
    """Fetch a URL, and be done after `total` seconds, whatever the server does.

    The time counts from the call: to connect, to wait, to read the headers and
    to read the body share it. A server that sends a byte now and then does not
    get more of it.

    Use any library. The answers have a body and a `Content-Length`: one that
    is complete names it in its headers. When so many bytes have come the body
    is complete, even if the server keeps the connection open. There are no
    redirects.

    Args:
        url: An http URL with a host that needs no lookup, such as
            `"http://127.0.0.1:8000/file"`.
        total: How long it may take in all, in seconds.

    Returns:
        The body.

    Raises:
        TimeoutError: It was not finished within `total` seconds. This is
            Python's own `TimeoutError`. It is raised as soon as the time is
            over, and not before.
        OSError: The status is 400 or more. An exception of a library will do
            if it is an `OSError`, but no `TimeoutError`, which is one too.
        EOFError: The server closed the connection in the midst of the headers
            or of the body.
    """
    raise NotImplementedError("not written yet")
