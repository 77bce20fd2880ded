"""Clients for JSON APIs: a key that stays hidden, pages that end, clear errors.

    >>> from netbasics import apis, lab
    >>> with lab.slow(0, content=b"<h1>Bad Gateway</h1>") as peer:
    ...     with apis.APIClient(peer.url, api_key="s3cret") as api:
    ...         api.get("/users")
    Traceback (most recent call last):
    netbasics.errors.APIError: GET http://127.0.0.1:.../users: 200, but it is
    not JSON: ...; what came (application/json): '<h1>Bad Gateway</h1>'

Read `client` first, then `sending` (retries, turns). The others do no I/O:
`endpoints` (joining a base and a path), `keys`, `links` (the Link header),
`paging` (which page comes next, and when to stop), `failures` (the errors).
"""

from netbasics.apis.client import APIClient
from netbasics.apis.failures import TooLate, Unreachable
from netbasics.apis.keys import Key, MissingVariable
from netbasics.apis.links import Link, parse_link_header
from netbasics.apis.paging import ByCursor, ByLink, ByPage
from netbasics.errors import APIError

__all__ = [
    "APIClient",
    "APIError",
    "ByCursor",
    "ByLink",
    "ByPage",
    "Key",
    "Link",
    "MissingVariable",
    "TooLate",
    "Unreachable",
    "parse_link_header",
]
