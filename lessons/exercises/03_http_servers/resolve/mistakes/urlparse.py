from urllib.parse import unquote, urlparse


def resolve(root, target):
    path = unquote(urlparse(target).path)
    if "\\" in path or "\0" in path:
        return None
    root = root.resolve()
    try:
        file = (root / path.lstrip("/")).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return file if file.is_relative_to(root) and file.is_file() else None
