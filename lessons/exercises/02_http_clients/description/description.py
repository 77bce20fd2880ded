"""2W One field of a JSON document."""


def description(url: str) -> str:
    """Fetch a JSON document and return its field `description`.

    The document is a JSON object, in UTF-8. The field is at its top level; its
    value is a text.

    Use any library. The server may take its time, but not for ever: when it
    has been silent for 2 seconds, and not earlier, you give up. (Redirects,
    other kinds of failure and documents without the field are not tested.)

    Args:
        url: An http URL, such as `"http://127.0.0.1:8000/repos/netbasics"`.

    Returns:
        The text, as the JSON document means it.

    Raises:
        TimeoutError: The server was silent for 2 seconds. This is Python's own
            `TimeoutError`; some libraries raise one of theirs.
        OSError: The status is 404, even if the body is a JSON document. An
            exception of a library will do if it is an `OSError`, but no
            `TimeoutError`, which is one too.
    """
    raise NotImplementedError("not written yet")
