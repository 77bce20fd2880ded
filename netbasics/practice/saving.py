"""Notice that a file was saved, whichever way an editor saves.

Some write into the file, some write another one and rename it, some delete it
first, and some write in two pieces. A network drive may report a change late,
with times of whole seconds, or not at all. So the file is looked at again and
again, and what counts is what it holds.
"""

import os
import time
from pathlib import Path

__all__ = ["Saved"]

AT_LEAST = 1.0  # seconds: read anew, whatever the file's times say


class Saved:
    """What a file holds, as it changes.

    Args:
        path: The file. It may be missing for a while.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text: bytes | None = None
        self._looks: object = None
        self._read_at = 0.0
        self._missing_since: float | None = None
        self.changed()

    @property
    def missing(self) -> float:
        """For how many seconds the file could not be read."""
        if self._missing_since is None:
            return 0.0
        return time.monotonic() - self._missing_since

    def changed(self) -> bool:
        """Look at the file; say whether it holds another text than before."""
        now = time.monotonic()
        try:
            found = os.stat(self.path)
            looks = (found.st_mtime_ns, found.st_size, found.st_ino)
            if looks == self._looks and now - self._read_at < AT_LEAST:
                return False
            text = self.path.read_bytes()
        except OSError:  # deleted, and written again in a moment
            self._looks = None
            self._missing_since = self._missing_since or now
            return False
        self._looks, self._read_at = looks, now
        self._missing_since = None
        before, self.text = self.text, text
        return text != before
