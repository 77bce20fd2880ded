import os
from pathlib import Path
from urllib.parse import unquote


def resolve(root, target):
    path = unquote(target.partition("?")[0])
    if "\\" in path:
        return None
    root = os.path.realpath(root)
    file = os.path.realpath(root + "/" + path)
    if not file.startswith(root + "/") or not os.path.isfile(file):
        return None
    return Path(file)
