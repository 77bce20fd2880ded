"""HTTPS with something wrong in the certificate, or without TLS at all."""

from datetime import timedelta
from typing import TYPE_CHECKING

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

if TYPE_CHECKING:
    import ssl

__all__ = [
    "expired_certificate",
    "good_certificate",
    "http_instead_of_tls",
    "not_yet_valid_certificate",
    "self_signed_certificate",
    "tls_instead_of_http",
    "untrusted_certificate",
    "wrong_name_certificate",
]

HERE = ("127.0.0.1", "localhost")
DAY = timedelta(days=1)


def serve_https(fault_name: str, *names: str, **validity: timedelta) -> Peer:
    """Return a peer with a certificate for these names and this time."""
    # Certificates need trustme, which takes a while to import.
    from netbasics.certs import Authority

    authority = Authority()
    context = authority.issue(*names, **validity).server_context()
    peer = answer_in_tls(fault_name, context)
    peer.authority = authority
    return peer


def answer_in_tls(fault_name: str, context: "ssl.SSLContext") -> Peer:
    """Return a peer that answers correctly, once the client accepts it."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(answer())

    return TCPPeer(fault_name, script, scheme="https", content=OK, tls=context)


@fault(
    "tls",
    should="fail",
    because="nobody the client trusts says who this is",
    trusted=False,
)
def untrusted_certificate() -> Peer:
    """Serve HTTPS with a certificate from an authority that nobody knows.

    Real world: a company's own authority, a development server, or somebody
    in between who pretends to be the server.

    The caller sees: `ssl.SSLCertVerificationError` ("unable to get local
    issuer certificate"), before anything is sent. The answer is to trust that
    one authority (`verify="its.pem"`), never `verify=False`.

    Example:
        >>> import urllib.request
        >>> from netbasics import lab
        >>> with lab.untrusted_certificate() as peer:
        ...     urllib.request.urlopen(peer.url, timeout=5)
        Traceback (most recent call last):
        urllib.error.URLError: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED]
        ...
    """
    return serve_https("untrusted_certificate", *HERE)


@fault("tls", should="succeed", because="nothing is wrong")
def good_certificate() -> Peer:
    """Serve HTTPS with a certificate that is fine: the counter-check.

    The caller sees: success, once it trusts `peer.authority`. A test of bad
    certificates shows nothing if the good one would fail as well.
    """
    return serve_https("good_certificate", *HERE)


@fault("tls", should="fail", because="the certificate is no longer valid")
def expired_certificate() -> Peer:
    """Serve HTTPS with a certificate whose time was over yesterday.

    Real world: nobody renewed it; or the client's clock is far ahead.

    The caller sees: `SSLCertVerificationError` ("certificate has expired"),
    also when it trusts `peer.authority`.
    """
    return serve_https("expired_certificate", *HERE, not_after=-DAY)


@fault("tls", should="fail", because="the certificate is not valid yet")
def not_yet_valid_certificate() -> Peer:
    """Serve HTTPS with a certificate that will be valid from tomorrow.

    Real world: the client's clock is behind, as after a flat battery.

    The caller sees: `SSLCertVerificationError` ("certificate is not yet
    valid"), also when it trusts `peer.authority`.
    """
    return serve_https("not_yet_valid_certificate", *HERE, not_before=DAY)


@fault("tls", should="fail", because="the certificate is somebody else's")
def wrong_name_certificate() -> Peer:
    """Serve HTTPS with a valid certificate for another name.

    Real world: a server of many names that has none for this one; an address
    used instead of the name; or somebody in between.

    The caller sees: `SSLCertVerificationError` ("IP address mismatch", or
    "Hostname mismatch" for a name), also when it trusts `peer.authority`.
    """
    return serve_https("wrong_name_certificate", "www.example.com")


@fault(
    "tls",
    should="fail",
    because="a certificate that only its owner vouches for proves nothing",
    trusted=False,
)
def self_signed_certificate() -> Peer:
    """Serve HTTPS with a certificate that signed itself.

    Real world: a printer, a router, a test server set up by a command from
    the web.

    The caller sees: `SSLCertVerificationError` ("self-signed certificate").
    """
    import ssl

    import trustme

    # An authority is nothing but a key that signed itself. Shown as if it
    # were a server's own, it is what `openssl req -x509` makes.
    owner = trustme.CA(organization_name="netbasics, self-signed")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # OpenSSL reads keys from files only; trustme removes this one at once.
    both = trustme.Blob(owner.private_key_pem.bytes() + owner.cert_pem.bytes())
    with both.tempfile() as path:
        context.load_cert_chain(path)
    return answer_in_tls("self_signed_certificate", context)


@fault("tls", should="fail", because="the peer does not speak TLS")
def http_instead_of_tls() -> Peer:
    """Speak plain HTTP where the client expects TLS.

    Real world: `https://` in front of a port that serves `http://`; a proxy
    whose address was given with the wrong scheme.

    The caller sees: `ssl.SSLError` with `WRONG_VERSION_NUMBER` or
    `RECORD_LAYER_FAILURE`, as the first bytes of "HTTP" are read as a version
    number. It says nothing of versions. `seen` has the client's hello, which
    begins with the byte 0x16.
    """

    def script(visit: Visit) -> None:
        visit.receive()
        visit.send(answer(b"this port speaks HTTP\n", status=400))

    return TCPPeer("http_instead_of_tls", script, scheme="https")


@fault("http", should="fail", because="what comes is TLS, not HTTP")
def tls_instead_of_http() -> Peer:
    r"""Speak TLS where the client expects plain HTTP.

    Real world: `http://` in front of a port that serves `https://`. Some
    servers answer in plain HTTP that this is wrong; the others do as TLS says
    (RFC 8446, section 6) and send an alert.

    The caller sees: seven bytes that are no status line:
    `BadStatusLine('\x15\x03\x03...')`, in `requests` a `ConnectionError`.
    """
    # An alert (21), TLS 1.2 (3.3), 2 bytes: fatal (2), unexpected message (10).
    alert = bytes([21, 3, 3, 0, 2, 2, 10])

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(alert)

    return TCPPeer("tls_instead_of_http", script)
