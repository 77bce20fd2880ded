"""A small file that remembers, which people can read and cannot lose.

The course writes down how far a learner has come. Such a file is read by
people, changed by hand, copied between machines, and cut short when a disk is
full. So it is JSON with one entry a line; it is written beside the old one and
then put in its place; and one that cannot be understood is set aside under
another name, never overwritten.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record = Record(Path(folder) / "progress.json", version=1)
    ...     with record.changing() as entries:
    ...         entries["lesson"] = "01"
    ...     record.read()
    {'lesson': '01'}
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["Record", "write_whole"]


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it.

    Args:
        path: The file; its folder is made if need be. A link is followed.
        text: What it shall hold.

    Raises:
        OSError: It cannot be written; what was there is there still.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


class Record:
    """Entries that are kept in a JSON file.

    Args:
        path: The file; it and its folder are made when there is something to
            keep.
        version: Of the entries' shape. A file with a higher one was written
            by a newer program and is set aside.

    Attributes:
        notices: What the learner should know: that a file was set aside, or
            that nothing can be written. A sentence each.
    """

    def __init__(self, path: Path, *, version: int) -> None:
        self.path = path
        self.notices: list[str] = []
        self._version = version
        self._readable = True

    def read(self) -> dict[str, Any]:
        """Return the entries; empty if there are none.

        A file that is damaged or newer is set aside, with a notice.
        """
        try:
            text = self.path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except UnicodeDecodeError:
            return self._set_aside("damaged", "it is not UTF-8 text")
        except OSError as error:
            self._notice(
                f"{self.path} cannot be read ({error.strerror}): nothing is "
                "remembered until it can be."
            )
            self._readable = False
            return {}
        try:
            entries = json.loads(text)
        except (ValueError, RecursionError) as error:
            return self._set_aside("damaged", f"it is not JSON: {error}")
        version = entries.pop("version", None) if _is_dict(entries) else None
        if not isinstance(version, int) or version < 1:
            return self._set_aside("damaged", 'it has no "version"')
        if version > self._version:
            return self._set_aside(
                "newer",
                f"it has version {version}, this program knows {self._version}",
            )
        return dict(entries)

    @contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        """Give the entries to be changed, then write them.

        Another program's entries are kept: they are read anew each time. That
        nothing can be written is a notice, no error: a learner goes on. A file
        that is there and cannot be read stays as it is.
        """
        self._readable = True
        entries = self.read()
        yield entries
        if not self._readable:
            return
        whole = {"version": self._version, **entries}
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
        try:
            write_whole(self.path, text)
        except OSError as error:
            self._notice(
                f"{self.path} cannot be written ({error.strerror}): this is "
                "not remembered. Set NETBASICS_HOME to a folder that can be."
            )

    def set_aside(self, why: str) -> None:
        """Move a file away whose entries make no sense, with a notice."""
        self._set_aside("damaged", why)

    def _set_aside(self, kind: str, why: str) -> dict[str, Any]:
        for number in range(1, 1000):
            aside = self.path.with_name(f"{self.path.name}.{kind}-{number}")
            if not os.path.lexists(aside):
                break
        try:
            os.rename(self.path, aside)
        except OSError as error:
            self._notice(f"{self.path}: {why}, and {error.strerror}.")
        else:
            self._notice(f"{self.path} was set aside as {aside.name}: {why}.")
        return {}

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)
