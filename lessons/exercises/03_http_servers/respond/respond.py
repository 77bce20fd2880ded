"""3.3* Parts, and nothing new."""

from pathlib import Path

from netbasics.practice import Response


def respond(path: Path, headers: list[tuple[str, str]]) -> Response:
    """Answer a GET for a file: all of it, a part, or that it is not new.

    These rules are tried in this order (RFC 9110, section 13.2.2):

    1. If-None-Match has the file's ETag in its list, or is `*`: 304, with an
       empty body. This holds whatever the other headers say. The tags are
       compared weakly: a `W/` before a tag makes no difference.
    2. There is a Range, and no If-Range or one that holds: look at the Range.
       If-Range holds if it is exactly the file's ETag: a `W/` before it, any
       other tag or a date make the Range count for nothing.
    3. The Range is one range of bytes that begins within the file: 206, with
       the part as its body and `Content-Range: bytes FIRST-LAST/SIZE`.
    4. It is one range of bytes that does not: 416, with
       `Content-Range: bytes */SIZE`. Its body does not matter.
    5. Anything else: 200, with the whole file.

    One range of bytes is `bytes=` (in any case) and then `FIRST-LAST`,
    `FIRST-` or `-COUNT`, in ASCII digits. Positions count from 0, and LAST
    belongs to the part; a LAST behind the end means up to the end. `-COUNT`
    are the last COUNT bytes, or the whole file if it has fewer; `-0` begins
    nowhere, so it is a 416. Several ranges, another unit, a LAST before its
    FIRST, or anything that is malformed count for nothing: that is a 200.

    Of an empty file, there are no parts: a Range counts for nothing.

    The answers 200, 206 and 304 have an `ETag`, such as `"5d41402a"`: in
    double quotes, and strong, which means that it has no `W/` and that it
    changes whenever a byte of the file changes, even if the file's size and
    its time of change stay the same. While nothing changes, it stays.

    Args:
        path: A regular file, which exists. Read it each time; nothing is kept
            between two calls. It is small enough to be read at once.
        headers: Those of the request, as pairs; names in any case. None of
            them comes twice.

    Returns:
        The Response. Header names may be in any case, and there may be other
        headers; a Content-Length is not needed, but if there is one in a 200
        or 206 it is that of the body.

        Nothing is raised, whatever the headers are.

    Example:
        Of a file with the ten bytes `0123456789`, the Range `bytes=2-4` gives
        206, the body `b"234"`, and `Content-Range: bytes 2-4/10`.
    """
    raise NotImplementedError("not written yet")
