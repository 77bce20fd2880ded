from urllib.parse import unquote


def resolve(root, target):
    path = unquote(target.partition("?")[0])
    if "\\" in path or "\0" in path:
        return None
    file = root / path.lstrip("/")
    return file.resolve() if file.is_file() else None
