"""2.2 Redirects, and who gets the token."""

from netbasics.practice import Response


def follow(
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes | None,
    limit: int,
) -> Response:
    """Send a request, follow its redirects, and return the last answer.

    Use any library for the single requests, but let it follow no redirect.

    A redirect is an answer with status 301, 302, 303, 307 or 308; it has a
    `Location`, which may be relative to the URL that was asked last. Any other
    answer is the last one, also a 304, a 404 or a 503. Nothing is raised for
    a status.

    The next request goes to the `Location`. It differs from the one before in
    this:

    - After a 303, and after a 301 or 302 if the method was POST, it is a GET:
      without a body, and without the headers whose names begin with
      `Content-` (`Content-Type`, `Content-Length`, ...). After all others
      method, body and headers stay.
    - `Authorization` is for the origin of `url`, and never leaves it. An
      origin is scheme, host and port; `localhost` and `127.0.0.1` are two
      hosts. Within the origin the header stays. Once it has been left away
      for another origin it may stay away, even if a later redirect leads
      back. All other headers of `headers` stay.

    (Not tested: HEAD, cookies, user names in URLs, other schemes than http.)

    Args:
        method: `"GET"`, `"POST"`, `"PUT"`, ... in upper case.
        url: An http URL.
        headers: Pairs of name and value, names in any case. Each name is
            there once. What the library adds by itself (`Host`,
            `Content-Length`, `User-Agent`, ...) is not among them.
        body: What to send, or None.
        limit: How many redirects to follow at most. With 0, none.

    Returns:
        The last answer: its status, its headers as pairs, its body.

    Raises:
        ValueError: There is one redirect more than `limit`. Its `Location` is
            not asked.
    """
    raise NotImplementedError("not written yet")
