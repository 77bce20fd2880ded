"""Certificates made on the spot: good ones, and each kind of bad one.

HTTPS is worth nothing to a client that does not check the certificate, and a
check is only seen to work when something fails it. No public authority gives
out a certificate for 127.0.0.1, nor an expired one to practise with. So we are
the authority: `Authority` signs what we ask for, and only a client that was
told to trust it accepts that.

    >>> authority = Authority()
    >>> authority.issue("127.0.0.1", "localhost")
    <Certificate for 127.0.0.1, localhost: valid now>
    >>> authority.issue("127.0.0.1", not_after=-timedelta(days=1))
    <Certificate for 127.0.0.1: expired>

What a client must refuse, and how to make it:

    ============== =====================================================
    expired        `authority.issue(name, not_after=-timedelta(days=1))`
    not valid yet  `authority.issue(name, not_before=timedelta(days=1))`
    wrong name     `authority.issue("other.example")`
    untrusted      `Authority().issue(name)`: an authority nobody knows
    ============== =====================================================

The keys live in memory and are worth nothing outside of this process. The work
is done by trustme. RFC 5280 says what a certificate is, RFC 9525 how its names
are checked.
"""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

__all__ = ["Authority", "Certificate"]

# Wide enough for any clock that is roughly right.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)


class Certificate:
    """One certificate with its private key, ready to be served.

    Get one from `Authority.issue()`.

    Attributes:
        names: The names and IP addresses it is valid for.
        not_before: The first moment at which it is valid.
        not_after: The last one.

    Example:
        >>> certificate = Authority().issue("127.0.0.1")
        >>> certificate.state
        'valid now'
        >>> certificate.server_context()
        <ssl.SSLContext object at ...>
    """

    def __init__(
        self,
        leaf: trustme.LeafCert,
        names: tuple[str, ...],
        not_before: datetime,
        not_after: datetime,
    ) -> None:
        self._leaf = leaf
        self.names = names
        self.not_before = not_before
        self.not_after = not_after

    @property
    def state(self) -> str:
        """What a clock says: `"valid now"`, `"expired"`, `"not valid yet"`."""
        now = datetime.now(UTC)
        if now < self.not_before:
            return "not valid yet"
        return "expired" if now > self.not_after else "valid now"

    @property
    def pem(self) -> bytes:
        """The certificate as PEM: public, without its private key."""
        return self._leaf.cert_chain_pems[0].bytes()

    def server_context(self) -> ssl.SSLContext:
        """Return the TLS settings for a server that shows this certificate.

        Hand it to `servers.serve(app, tls=...)` or `servers.TCPServer`.

        Returns:
            A new context at each call: TLS 1.2 or newer; clients need no
            certificate of their own.

        Example:
            >>> context = Authority().issue("localhost").server_context()
            >>> context.verify_mode.name        # of clients nothing is asked
            'CERT_NONE'
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A client that just closes is the usual case, and Python's sockets
        # call it the end anyway. To OpenSSL it would be an error after which
        # the server could not say goodbye any more.
        context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
        # OpenSSL reads keys from files only: trustme writes one that only
        # this user can read, and removes it at once.
        self._leaf.configure_cert(context)
        return context

    def __repr__(self) -> str:
        return f"<Certificate for {', '.join(self.names)}: {self.state}>"


class Authority:
    """A certificate authority of our own, as private as this process.

    Each one has a new key and a new name, so two of them never trust each
    other: a second authority is how an untrusted certificate is made.

    Example:
        >>> authority = Authority()
        >>> certificate = authority.issue("127.0.0.1")
        >>> context = authority.client_context()
        >>> context.verify_mode.name, context.check_hostname
        ('CERT_REQUIRED', True)

    It holds no socket and no open file; threads may share it.
    """

    def __init__(self) -> None:
        self._ca = trustme.CA(
            organization_name="netbasics",
            organization_unit_name="practice, trusted by nobody else",
        )

    def issue(
        self,
        *names: str,
        not_before: datetime | timedelta | None = None,
        not_after: datetime | timedelta | None = None,
    ) -> Certificate:
        """Sign a new certificate for the names, by default a good one.

        A client checks who signed it, the dates, and that the name in its URL
        is among the names. Leave one of the three wrong to see it refused.

        Args:
            *names: Host names (`"localhost"`, `"*.example.com"`) and IP
                addresses (`"127.0.0.1"`). An address is not a name: a client
                of https://127.0.0.1/ needs the address in here.
            not_before: The first moment of validity: a datetime with a time
                zone, or a timedelta from now.
            not_after: The last one, in the same way.

        Raises:
            ValueError: No name, a name that no host can have, a datetime
                without a time zone, or an end before the beginning.

        Example:
            >>> Authority().issue("a.example", not_before=timedelta(days=1))
            <Certificate for a.example: not valid yet>
        """
        if not names:
            raise ValueError(
                "a certificate without a name is valid for nobody: give the "
                "names that clients will ask for, such as '127.0.0.1'"
            )
        for name in names:
            _check_name(name)
        start = _moment(not_before, EARLIEST, "not_before")
        end = _moment(not_after, LATEST, "not_after")
        if end <= start:
            raise ValueError(
                f"not_after ({end:%Y-%m-%d %H:%M}) must be later than "
                f"not_before ({start:%Y-%m-%d %H:%M})"
            )
        try:
            leaf = self._ca.issue_cert(
                *names,
                # Nobody checks it any more; old programs print it.
                common_name=names[0] if len(names[0]) <= 64 else None,
                not_before=start,
                not_after=end,
            )
        except UnicodeError as error:  # what idna raises
            raise ValueError(
                f"one of {names} is no host name: {error}"
            ) from error
        return Certificate(leaf, names, start, end)

    def client_context(self) -> ssl.SSLContext:
        """Return TLS settings for a client that trusts this authority alone.

        It checks the chain and the name, and knows none of the authorities
        that the system trusts.

        Returns:
            A new context at each call, for `ssl`, `urllib`, `http.client`
            and aiohttp. requests wants a file: see `write_pem()`.
        """
        return ssl.create_default_context(cadata=self.pem.decode("ascii"))

    @property
    def pem(self) -> bytes:
        """The authority's own certificate as PEM: public, no key in it."""
        return self._ca.cert_pem.bytes()

    def write_pem(self, path: str | Path) -> Path:
        """Write `pem` to a file, for `requests` (`verify=`) and curl.

        Args:
            path: The file to write, or a folder: `authority.pem` inside it.

        Returns:
            The path of the file.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = Authority().write_pem(folder)
            ...     path.name, path.read_text()[:27]
            ('authority.pem', '-----BEGIN CERTIFICATE-----')
        """
        target = Path(path)
        if target.is_dir():
            target = target / "authority.pem"
        target.write_bytes(self.pem)
        return target

    def __repr__(self) -> str:
        return "<Authority: trusted only where client_context() is used>"


def _check_name(name: str) -> None:
    """Refuse a name that would end up as something else in a certificate.

    Raises:
        TypeError: It is no text.
        ValueError: It is empty, or has a port, a path or a scheme.
    """
    if not isinstance(name, str):
        raise TypeError(f"a name in a certificate is a str, not {name!r}")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if not name or set(name) & set(":/@ \t\r\n"):
            raise ValueError(
                f"{name!r} is no host name: give the bare name or address, "
                "without scheme, port or path, such as 'localhost'"
            ) from None


def _moment(
    value: datetime | timedelta | None, default: datetime, name: str
) -> datetime:
    """Return the point in time that was meant, in UTC."""
    if value is None:
        return default
    if isinstance(value, timedelta):
        return datetime.now(UTC) + value
    if value.tzinfo is None:
        raise ValueError(
            f"{name}={value} has no time zone, so nobody knows when that is: "
            "use datetime.now(timezone.utc) or a timedelta from now"
        )
    return value.astimezone(UTC)
