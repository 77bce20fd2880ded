import os

import requests


def download(url, path):
    part = path.with_name(path.name + ".part")
    etag = None
    with open(part, "wb") as file:
        for _ in range(10):
            headers = {}
            if etag:
                headers = {"Range": f"bytes={file.tell()}-", "If-Range": etag}
            try:
                answer = requests.get(
                    url, headers=headers, stream=True, timeout=10
                )
                answer.raise_for_status()
                if answer.status_code == 200:
                    file.seek(0)
                    file.truncate()
                etag = answer.headers["ETag"]
                for piece in answer.iter_content(8192):
                    file.write(piece)
            except requests.HTTPError:
                os.remove(part)
                raise
            except requests.RequestException:
                continue
            break
        else:
            os.remove(part)
            raise OSError("not complete after ten requests")
    os.replace(part, path)
