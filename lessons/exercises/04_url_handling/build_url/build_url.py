"""4.1 Build a URL."""


def build_url(base: str, *segments: str, **query: object) -> str:
    """Append segments to a URL's path, and parameters to its query.

    Whatever is in a text, a server must read this very text from the URL: a
    segment stays one segment, and a parameter one parameter.

    Args:
        base: A whole URL with a host, such as `https://shop.example/api`. It
            may have a path, a query and a fragment: they stay, and what is
            added stands behind that which is there. One slash at the end of
            the path is the one before the first segment: `/api/` and `/api`
            make no difference if there are segments.
        segments: Any texts. Each of them, the empty one too, adds a slash and
            itself to the path. A server decodes segments as UTF-8; there a
            `+` is a plus, not a blank.
        query: The parameters. A value that is None is left out; any other
            is sent as `str()` writes it, so 0, False and `""` too. A list or
            tuple repeats the name, once for each item; a None in it is left
            out. Names may have any characters
            (`build_url(base, **{"per page": 5})`).

    Returns:
        The URL, in ASCII.

    Raises:
        ValueError: A segment is exactly `.` or `..`. They mean another
            folder, however they are escaped. (`...` and `a..b` are names.)

    Example:
        `build_url("https://shop.example/api/", "bands", "AC/DC", page=2)` is
        `"https://shop.example/api/bands/AC%2FDC?page=2"`.
    """
    raise NotImplementedError("not written yet")
