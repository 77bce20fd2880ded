"""An API key that is sent where it belongs, and shown nowhere.

A key as a plain text is in every repr, every `vars()`, every traceback that
prints local variables, and in the pickle that somebody makes of the client.
"""

import os
from typing import NoReturn

from requests import PreparedRequest
from requests.auth import AuthBase

from netbasics.errors import NetbasicsError
from netbasics.urls import validate

__all__ = ["Key", "KeyAuth", "MissingVariable", "from_environment"]


class MissingVariable(NetbasicsError, LookupError):
    """A setting that was to come from the environment is not there."""


class Key:
    """A secret text that can be used, but neither printed nor pickled.

    Args:
        value: The key.

    Raises:
        ValueError: It cannot be sent in a header. It is not shown.
        TypeError: It is not a text.

    Example:
        >>> Key("abc")
        <key, hidden>
    """

    # With a `__dict__`, `vars(key)` would show it.
    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            kind = type(value).__name__
            del value
            raise TypeError(f"a key is a text, not {kind}")
        if not value or not value.isascii() or not value.isprintable():
            # Or a traceback with local variables would show it.
            del value
            raise ValueError(
                "the key (not shown) is empty, or has a line break or a "
                "character outside ASCII: if it was read from a file, strip() "
                "it; for no key give None"
            )
        self._value = value

    def header(self, name: str) -> str:
        """Return the value of the header that carries the key.

        In `Authorization` it is a bearer token (RFC 6750, 2.1); in a header of
        another name it stands alone.
        """
        bearer = name.lower() == "authorization"
        return f"Bearer {self._value}" if bearer else self._value

    def hide(self, text: str) -> str:
        """Return a text without the key: servers echo what they were sent."""
        return text.replace(self._value, "***")

    def __repr__(self) -> str:
        return "<key, hidden>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a key is not pickled, for the file would be as secret as the "
            "key: make a new client where it is needed (APIClient.from_env)"
        )


class KeyAuth(AuthBase):
    """Puts a key into each request to one origin, and into no other.

    Args:
        key: The key.
        origin: The only one that may see it.
        name: The header's name.
    """

    def __init__(self, key: Key, origin: str, name: str) -> None:
        self._key = key
        self._origin = origin
        self._name = name

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header, unless the request goes somewhere else."""
        if validate(request.url or "").origin == self._origin:
            request.headers[self._name] = self._key.header(self._name)
        return request

    def __repr__(self) -> str:
        return f"<key for {self._origin}, hidden>"


def from_environment(prefix: str) -> tuple[str, Key]:
    """Return the URL and the key that the environment names.

    Args:
        prefix: `"API"` for API_URL and API_KEY.

    Raises:
        MissingVariable: One of them is not set, or blank; it is named. Their
            values are not shown.

    Example:
        >>> from_environment("NOBODY_SETS_THIS")
        Traceback (most recent call last):
        netbasics.apis.keys.MissingVariable: NOBODY_SETS_THIS_URL and
        NOBODY_SETS_THIS_KEY are not set: ...
    """
    names = f"{prefix}_URL", f"{prefix}_KEY"
    missing = [name for name in names if not os.environ.get(name, "").strip()]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise MissingVariable(
            f"{' and '.join(missing)} {verb} not set: set the environment "
            f"variable before the program starts, as in "
            f"`export {missing[0]}=...` (Windows: `set {missing[0]}=...`)"
        )
    return os.environ[names[0]].strip(), Key(os.environ[names[1]].strip())
