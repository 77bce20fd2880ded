from urllib.parse import unquote


def resolve(root, target):
    path = unquote(target.partition("?")[0])
    if "\\" in path or "\0" in path:
        return None
    root = root.resolve()
    try:
        file = (root / path.lstrip("/")).resolve()
        if file.is_relative_to(root) and file.exists():
            return file
    except (OSError, RuntimeError):
        pass
    return None
