from urllib.parse import unquote


def resolve(root, target):
    path = unquote(target.partition("?")[0])
    if "\\" in path or "\0" in path:
        return None
    try:
        file = (root / path.lstrip("/")).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return file if root in file.parents and file.is_file() else None
