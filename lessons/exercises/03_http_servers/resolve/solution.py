"""Decode once, follow every link, and only then compare."""

from pathlib import Path
from urllib.parse import unquote


def resolve(root: Path, target: str) -> Path | None:
    path = unquote(target.partition("?")[0])
    if "\\" in path or "\0" in path:
        return None
    real_root = root.resolve()
    try:
        # Strict: what is not there cannot be a file anyway.
        file = (real_root / path.lstrip("/")).resolve(strict=True)
        inside = file.is_relative_to(real_root) and file.is_file()
    except (OSError, RuntimeError):  # not there; a circle of links
        return None
    return file if inside else None
