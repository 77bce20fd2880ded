from urllib.parse import unquote


def resolve(root, target):
    path = unquote(target.partition("?")[0])
    if "\\" in path or "\0" in path or ".." in path:
        return None
    root = root.resolve()
    try:
        file = (root / path.lstrip("/")).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    return file if file.is_relative_to(root) and file.is_file() else None
