"""The same with os.path and bytes."""

import os
import stat
from pathlib import Path
from urllib.parse import unquote_to_bytes


def resolve(root, target):
    raw = unquote_to_bytes(target.split("?", 1)[0])
    if b"\\" in raw or b"\x00" in raw:
        return None
    base = os.path.realpath(os.fsencode(root))
    # A slash more or less is nothing to a file system.
    real = os.path.realpath(base + b"/" + raw)
    if os.path.commonpath([base, real]) != base:
        return None
    try:
        mode = os.stat(real, follow_symlinks=False).st_mode
    except OSError:
        return None
    return Path(os.fsdecode(real)) if stat.S_ISREG(mode) else None
