"""Which addresses may be contacted: a guard for URLs that came from outside.

A server that fetches a URL for somebody (a preview, a webhook, an import) can
be told to fetch from itself and from its neighbours: `http://localhost/admin`,
the cloud's key store at 169.254.169.254, a printer. That is server-side
request forgery, SSRF. A list of forbidden names does not help, since an
address has many spellings and anyone may give a name of theirs any address.

The guard resolves the name once, looks at the addresses themselves, and hands
back those very addresses. Connect to them, not to the name: a second look-up
may answer something else (DNS rebinding). At a redirect, ask the guard again.

    >>> from netbasics import guard
    >>> checked = guard.check_public(
    ...     "https://example.org/", resolver=lambda host: ["8.8.8.8"]
    ... )
    >>> checked.addresses
    (('8.8.8.8', 443),)
    >>> guard.check_public("http://[::ffff:127.0.0.1]/")
    Traceback (most recent call last):
    ...
    netbasics.errors.UnsafeURL: 'http://[::ffff:127.0.0.1]/': ::ffff:127.0.0.1
    is not public (127.0.0.1 inside IPv6: loopback, this machine itself)
"""

from netbasics.guard.addresses import is_public, why_not
from netbasics.guard.checking import CheckedURL, check_public, resolve

__all__ = ["CheckedURL", "check_public", "is_public", "resolve", "why_not"]
