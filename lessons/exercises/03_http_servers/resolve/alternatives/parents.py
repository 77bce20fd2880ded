"""Ask the file for its parents."""

from pathlib import Path
from urllib.parse import unquote


def resolve(root, target):
    try:
        name = unquote(target.split("?")[0], errors="strict")
        if set(name) & {"\\", "\0"}:
            return None
        top = Path(root).resolve(strict=True)
        file = Path(f"{top}/{name}").resolve(strict=True)
        if top in file.parents and file.is_file():
            return file
    except (OSError, RuntimeError, ValueError):
        pass
    return None
