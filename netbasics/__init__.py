"""Networking in Python, learned by running it.

The package is a door that opens room by room: `import netbasics` loads nothing
else, and each module arrives when it is first named.

    >>> import netbasics
    >>> netbasics.urls.parse("http://example.com:8080/a?b=c").port
    8080

See `netbasics.sockets`, `netbasics.servers`, `netbasics.clients`,
`netbasics.urls` and `netbasics.apis` to begin with, or run `netbasics learn`.
"""

__version__ = "0.1.0"

__all__ = [
    "aio",
    "apis",
    "certs",
    "clients",
    "course",
    "deadlines",
    "dns",
    "errors",
    "guard",
    "http1",
    "lab",
    "limits",
    "pictures",
    "playground",
    "retries",
    "servers",
    "sockets",
    "urls",
    "wire",
]


def __getattr__(name: str) -> object:
    """Import a module of the package when it is first asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'netbasics' has no attribute {name!r}")
    # Imported here, not above: it is the one cost of the door itself.
    from importlib import import_module

    return import_module(f"netbasics.{name}")


def __dir__() -> list[str]:
    """List the modules too, so that tab completion shows what there is."""
    return sorted({*globals(), *__all__})
