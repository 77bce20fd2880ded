import os
from pathlib import Path
from urllib.parse import unquote


def resolve(root, target):
    path = target.partition("?")[0]
    if "\\" in path or "\0" in path:
        return None
    root = os.path.realpath(root)
    file = os.path.realpath(root + "/" + path)
    if not file.startswith(root + "/"):
        return None
    file = os.path.realpath(root + "/" + unquote(path))
    return Path(file) if os.path.isfile(file) else None
