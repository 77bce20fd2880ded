"""2.5 A download over a poor line."""

from pathlib import Path


def download(url: str, path: Path) -> None:
    """Download a file over a line that is cut again and again.

    Send a GET for the file. If its answer is cut off, ask again, and only for
    what is missing; that goes on until the file is complete, or ten requests
    have been sent in all. Use any library, but let it repeat no request by
    itself. Pauses between the requests are not needed.

    How the server answers:

    - A request without `Range`: 200, the whole file.
    - `Range: bytes=N-` with `If-Range`: if that is the ETag of the file as it
      is now, 206 and the bytes from number N (counted from 0) to the end. If
      the file has changed since, 200 and the whole new file.
    - `Range` without `If-Range`: 206 and the bytes from N on, of whatever the
      file is now. They may not fit to what you have.
    - Each answer of these has a strong `ETag`, and a `Content-Length`: how
      many bytes of body come with this answer if it is not cut off.
    - Any status may come instead: 4xx says that asking again is no use (you
      may do so, or fail at once), 5xx may be another try.

    A request after a cut has `Range` and `If-Range`, and asks from the first
    byte not yet received: no byte that has come is sent again, not even of the
    piece in which the line was cut. (If no byte has come yet it may ask for the
    whole file, as the first one does.) After a 200 that is a new version: what
    you have of the old one, and its ETag, are of no use any more. A line that
    is cut before an answer, or before the first byte of a body, changes nothing
    of what you have. The server cuts by closing the connection in order, after
    all that it has sent has arrived.

    `path` appears (or is replaced) when the file is complete, in one step: at
    no time is there a part of it under that name, whoever looks. Until then
    another file in the same folder may have what has come. When the function
    returns or raises, that other file is gone.

    (Not tested: redirects, compression, an empty file, a server that keeps
    silent.)

    Args:
        url: An http URL.
        path: Where to; its folder exists. There may be an older file.

    Raises:
        OSError: It is not complete after ten requests, or the server answered
            4xx. An exception of a library will do if it is an `OSError`. If
            there was a file at `path`, it is as it was.
    """
    raise NotImplementedError("not written yet")
