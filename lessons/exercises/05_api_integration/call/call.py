"""5.3 A call and what came of it."""

from netbasics.practice import Result


def call(base: str, method: str, path: str) -> Result:
    """Send one request to an API, and return what came of it.

    Whatever the API answers is a result, errors too: the caller looks at
    `status` and `error`. One call sends one request, and no second one. Any
    library may be used.

    Args:
        base: Where the API begins, without a slash at its end:
            `"http://127.0.0.1:8000/api/v1"`. It is plain http.
        method: GET, POST, PUT, PATCH or DELETE; sent without a body.
        path: What follows, with a slash in front: `"/users/7?full=1"`. The
            URL is `base + path`. Servers do not redirect here.

    Returns:
        A `Result` with these fields:

        - `status`: the status code.
        - `data`: the body, decoded from JSON, also if the status is an error.
          It does not matter what Content-Type says. None if there is no body
          or if it is bad.
        - `error`: None if all is well. A text of your own, not empty, if the
          status is 400 or above, or if the body is bad: it is not JSON (a
          page of HTML), or not UTF-8, or it is cut. It is cut when the JSON
          has no end, and also when the connection ends before as much has
          come as Content-Length says, whatever it looks like. A 204 has no
          body, and that is no error; all others have one.
        - `retry_after`: the header Retry-After of any answer, in seconds from
          now as a number. It has two forms: digits (`"120"`), or a date
          (`"Wed, 21 Oct 2026 07:28:00 GMT"`), which gives 0 when it is over.
          None if there is no such header, or it is anything else.

    Raises:
        OSError: There is no connection.
        TimeoutError: It took longer than 5 seconds in all, from the call to
            the last byte of the body, however slowly they come; it may be
            noticed a second late, as some libraries do. It is the builtin
            one; `requests.Timeout`, for example, is not.
    """
    raise NotImplementedError("not written yet")
