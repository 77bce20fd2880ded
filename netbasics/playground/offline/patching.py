"""Replace functions for a while, and put back what was there.

The change is made where the function lives and not where it is used, so that
it also reaches libraries that were imported long before.
"""

import functools
import os
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Patches"]

MISSING: Any = object()


class Patches:
    """What was replaced, and how to undo it.

    Example:
        >>> import math
        >>> before = math.floor
        >>> patches = Patches()
        >>> patches.replace(math, "floor", lambda original: lambda x: 0)
        >>> math.floor(2.5)
        0
        >>> kept = math.floor
        >>> patches.undo()
        >>> math.floor is before, kept(2.5)      # who kept ours has theirs back
        (True, 2)
    """

    def __init__(self) -> None:
        self._active = True
        self._undo: list[Callable[[], object]] = []

    def replace(
        self,
        owner: Any,
        name: str,
        make: Callable[[Callable[..., Any]], Callable[..., Any]],
        *,
        static: bool = False,
    ) -> None:
        """Replace a function of a module, or a method of a class.

        Args:
            owner: The module or the class.
            name: The function's name in it.
            make: Gets the function that is there, returns the new one.
            static: Whether it is a method that gets no object, as `__new__`.
        """
        original = getattr(owner, name)
        inside = make(original)

        @functools.wraps(original)
        def patched(*args: Any, **keywords: Any) -> Any:
            # Somebody may have taken it away with him: `from socket import
            # gethostbyname` in the block, used after it.
            function = inside if self._active else original
            return function(*args, **keywords)

        # Not getattr: it would not tell what is inherited from what is there,
        # and would give a static method without its wrapper.
        before = vars(owner).get(name, MISSING)
        setattr(owner, name, staticmethod(patched) if static else patched)
        self._undo.append(lambda: _put_back(owner, name, before))

    def environment(self, changes: Mapping[str, str | None]) -> None:
        """Set variables of the environment; None removes one."""
        before = {name: os.environ.get(name) for name in changes}
        self._undo.append(lambda: _set_variables(before))
        _set_variables(changes)

    def undo(self) -> None:
        """Put everything back, the last change first. Twice is fine."""
        self._active = False
        while self._undo:
            self._undo.pop()()


def _put_back(owner: Any, name: str, before: Any) -> None:
    if before is MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, before)


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
