"""The with-block in which names lead to the playground."""

import os
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from netbasics.playground.offline.hosting import Hosting
from netbasics.playground.offline.names import Table
from netbasics.playground.offline.patching import Patches

__all__ = ["Internet", "install", "internet"]

_switching = threading.Lock()
_taken = False


def internet(*, extra: Mapping[str, Any] | None = None) -> "Internet":
    """Make an internet that fits on a laptop, for a with-block or `start()`.

    Textbook code runs in it as it is printed: `api.github.com`,
    `api.example.com`, `httpbin.org`, `www.example.com` and their kin are
    served on this machine, over HTTP and HTTPS. Every other name, and every
    address that is not this machine's, fails at once and says why. Proxies of
    the environment are ignored.

    It is for the whole process: all threads and all libraries, also those that
    were imported before. When it ends, everything is as it was.

    Args:
        extra: More names, or others for the ones there are. Each leads to an
            app (what `servers.serve()` takes), or to what runs on this machine
            already, as a `Server` or a URL such as `http://127.0.0.1:8000`.

    Raises:
        ValueError: An extra name cannot be one, or its URL leads elsewhere.

    Starting it raises RuntimeError where one is on already: it does not nest.

    Example:
        >>> import requests
        >>> with internet():
        ...     requests.get("https://api.github.com/users/octocat").json()[
        ...         "name"
        ...     ]
        'The Octocat'

    Child processes are outside of it; `netbasics offline` takes them in.
    """
    return Internet(extra=extra)


class Internet:
    """The offline internet; `internet()` makes one.

    Attributes:
        names: What it holds, once it is started; empty before and after.

    `start()` and `stop()` may be called from any thread.
    """

    def __init__(self, *, extra: Mapping[str, Any] | None = None) -> None:
        self._hosting = Hosting(extra)
        self._patches: Patches | None = None

    @property
    def names(self) -> list[str]:
        """The names that it holds; none while it is off."""
        if self._patches is None:
            return []
        return [host.name for host in self._hosting.table.hosts]

    def start(self) -> Self:
        """Start the servers, lead the names to them, return self.

        Raises:
            RuntimeError: One is on already, this one or another.
            TypeError: An extra app is none.
        """
        _take()
        try:
            self._hosting.start()
            self._patches = _patch(self._hosting.table)
        except BaseException:
            self._hosting.stop()
            _give_back()
            raise
        return self

    def stop(self) -> None:
        """Put everything back and stop the servers. Twice is fine."""
        with _switching:
            patches, self._patches = self._patches, None
        if patches is None:
            return
        # Whatever one of these raises, the next is done all the same.
        try:
            patches.undo()
        finally:
            try:
                self._hosting.stop()
            finally:
                _give_back()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self._patches is None:
            return "<Internet: off>"
        return f"<Internet: on, with {', '.join(self.names)}>"


def install(table: Table) -> None:
    """Lead names to servers of another process, as long as this one lives."""
    _take()
    _patch(table)


def _take() -> None:
    """Note that the offline internet is on, unless it is."""
    global _taken
    with _switching:
        if _taken:
            raise RuntimeError(
                "the offline internet is on already, in this block or by "
                "`netbasics offline`: there is one for the whole process, and "
                "it does not nest. Leave the inner block out"
            )
        _taken = True


def _give_back() -> None:
    global _taken
    with _switching:
        _taken = False


def _patch(table: Table) -> Patches:
    """Change how this process resolves, connects, and whom it trusts."""
    # ssl is slow to import, and the door of the playground imports this file.
    from netbasics.playground.offline.connecting import patch_connecting
    from netbasics.playground.offline.resolving import patch_resolving
    from netbasics.playground.offline.trust import patch_trust

    patches = Patches()
    try:
        patches.environment(without_proxies(os.environ))
        patch_trust(patches, table)
        patch_resolving(patches, table)
        patch_connecting(patches, table)
    except BaseException:
        patches.undo()
        raise
    return patches


def without_proxies(before: Mapping[str, str]) -> dict[str, str | None]:
    """Return the changes of an environment after which no proxy counts."""
    found: dict[str, str | None] = {
        name: None for name in before if name.lower().endswith("_proxy")
    }
    # Also for those who have read the variables already, such as the opener
    # that urllib keeps, and for systems that keep proxies elsewhere.
    return found | {"no_proxy": "*"}
