"""Practice APIs on this machine: ask them whatever you like.

The users API, written three times (`http.server`, Flask, FastAPI) over one
store; the textbook API, which answers what tutorials ask of public services;
and httpbin. Nobody's limits are used up, and nothing needs the internet.

    >>> import requests
    >>> with run() as play:
    ...     requests.get(play.users_flask + "/users/1").json()["name"]
    'Ada Lovelace'

The frameworks are imported when a service is first named, not here.
"""

from netbasics.playground.differences import DIFFERENCES, Difference
from netbasics.playground.offline import internet
from netbasics.playground.refusals import Refused
from netbasics.playground.runner import Playground, run
from netbasics.playground.services import PEOPLE, SERVICES, requests_to_try
from netbasics.playground.store import Store
from netbasics.playground.store_errors import (
    EmailTaken,
    NoSuchUser,
    StoreError,
)

__all__ = [
    "DIFFERENCES",
    "PEOPLE",
    "SERVICES",
    "Difference",
    "EmailTaken",
    "NoSuchUser",
    "Playground",
    "Refused",
    "Store",
    "StoreError",
    "internet",
    "requests_to_try",
    "run",
    "textbook",
    "users_fastapi",
    "users_flask",
    "users_stdlib",
]

APPS = ("textbook", "users_fastapi", "users_flask", "users_stdlib")


def __getattr__(name: str) -> object:
    """Import an app's module when it is first asked for (PEP 562)."""
    if name not in APPS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    """List the apps too, so that tab completion shows what there is."""
    return sorted({*globals(), *APPS})
