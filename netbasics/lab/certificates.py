"""HTTPS with something wrong in the certificate."""

from datetime import timedelta

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = [
    "expired_certificate",
    "good_certificate",
    "not_yet_valid_certificate",
    "untrusted_certificate",
    "wrong_name_certificate",
]

HERE = ("127.0.0.1", "localhost")
DAY = timedelta(days=1)


def serve_https(fault_name: str, *names: str, **validity: timedelta) -> Peer:
    """Return a peer that answers correctly, with that certificate."""
    # Certificates need trustme, which takes a while to import.
    from netbasics.certs import Authority

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(answer())

    authority = Authority()
    certificate = authority.issue(*names, **validity)
    peer = TCPPeer(
        fault_name,
        script,
        scheme="https",
        content=OK,
        tls=certificate.server_context(),
    )
    peer.authority = authority
    return peer


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
