"""Can it be called with so many arguments?"""

from typing import Any

__all__ = ["check_handler", "takes"]


def takes(function: Any, count: int) -> bool:
    """Whether it can be called with that many positional arguments.

    >>> takes(lambda sock, peer: None, 2), takes(lambda: None, 2)
    (True, False)
    """
    # Imported here: it is large, and a server of our own needs it once.
    import inspect

    try:
        inspect.signature(function).bind(*[None] * count)
    except (TypeError, ValueError):
        return False
    return True


def check_handler(handler: object, server: str, *arguments: str) -> None:
    """Refuse at once what could not be called when a client comes.

    Args:
        handler: What was given.
        server: Who wants to call it, for the message.
        arguments: The names of what it will be called with.

    Raises:
        TypeError: It cannot be called so.
    """
    if not callable(handler) or not takes(handler, len(arguments)):
        raise TypeError(
            f"a {server} calls its handler as handler({', '.join(arguments)}); "
            f"that cannot be done with {handler!r}"
        )
