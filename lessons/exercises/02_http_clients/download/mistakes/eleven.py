import http.client
import os
from urllib.parse import urlsplit


def ask(url, headers):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", parts.path or "/", headers=headers)
    return connection, connection.getresponse()


def download(url, path):
    part = path.with_name(path.name + ".part")
    etag = None
    with open(part, "wb") as file:
        for _ in range(11):
            headers = {}
            if etag:
                headers["Range"] = f"bytes={file.tell()}-"
                headers["If-Range"] = etag
            try:
                connection, answer = ask(url, headers)
            except (OSError, http.client.HTTPException):
                continue
            try:
                if answer.status >= 400:
                    raise OSError(f"{answer.status} {answer.reason}")
                if answer.status == 200:
                    file.seek(0)
                    file.truncate()
                etag = answer.headers["ETag"]
                missing = int(answer.headers["Content-Length"])
                while piece := answer.read(8192):
                    file.write(piece)
                    missing -= len(piece)
            finally:
                connection.close()
            if missing == 0:
                break
        else:
            os.remove(part)
            raise OSError("not complete after ten requests")
    os.replace(part, path)
