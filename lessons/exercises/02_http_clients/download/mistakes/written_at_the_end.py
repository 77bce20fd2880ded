import urllib.error
import urllib.request
from http.client import HTTPException, IncompleteRead


def download(url, path):
    data = bytearray()
    etag = ""
    for _ in range(10):
        request = urllib.request.Request(url)
        if etag:
            request.add_header("Range", f"bytes={len(data)}-")
            request.add_header("If-Range", etag)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                if answer.status == 200:
                    data.clear()
                etag = answer.headers["ETag"]
                try:
                    data += answer.read()
                except IncompleteRead as error:
                    data += error.partial
                    continue
        except urllib.error.HTTPError as error:
            with error:
                if error.code < 500:
                    raise
            continue
        except (OSError, HTTPException):
            continue
        path.write_bytes(data)
        return
    raise OSError(f"ten requests, and only {len(data)} bytes")
