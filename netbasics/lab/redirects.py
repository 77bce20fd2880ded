"""Redirects that lead nowhere, elsewhere, or out of HTTP."""

from netbasics.lab.catalogue import fault
from netbasics.lab.messages import OK, answer
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.visits import Visit

__all__ = [
    "Redirect",
    "redirect_loop",
    "redirect_to_other_host",
    "redirect_to_other_scheme",
]


def redirect(visit: Visit, location: str, status: int = 302) -> None:
    """Read a request, and send the client to another place."""
    visit.read_request()
    visit.send(answer(b"", status=status, headers=[("Location", location)]))


@fault("http", should="fail", because="it never ends")
def redirect_loop(length: int = 2) -> Peer:
    """Redirect in a circle: /0 leads to /1, /1 to /0.

    Real world: one rule adds a slash and another one takes it away; a page
    that wants a cookie which the client never sends back.

    The caller sees: `TooManyRedirects` in `requests`, after 30 requests.
    `requests` of the peer shows how many there were.

    Args:
        length: How many places the circle has.

    Raises:
        ValueError: It has less than one.
    """
    if length < 1:
        raise ValueError(f"a circle of {length} places: give 1 or more")

    def script(visit: Visit) -> None:
        redirect(visit, f"/{visit.number % length}")

    return TCPPeer("redirect_loop", script)


class Redirect(TCPPeer):
    """A peer that sends its clients to another one.

    Attributes:
        other: The peer they are sent to, which answers correctly. Its
            `requests` show what they told it.
    """

    def __init__(self, name: str, *, content: bytes, status: int) -> None:
        def elsewhere(visit: Visit) -> None:
            # A name against an address: another host in every client's eyes.
            location = f"http://localhost:{self.other.port}/"
            redirect(visit, location, status)

        def arrived(visit: Visit) -> None:
            visit.read_request()
            visit.send(answer(content))

        super().__init__(name, elsewhere, content=content)
        self.other = TCPPeer(f"{name}.other", arrived, content=content)

    def _open(self) -> tuple[str, int]:
        self.other.start()
        return super()._open()

    def _close(self) -> None:
        super()._close()
        self.other.stop()


@fault(
    "http",
    should="succeed",
    because="following is fine, without the secrets meant for the first host",
)
def redirect_to_other_host(status: int = 302) -> Redirect:
    """Redirect to another host, which answers correctly.

    Real world: downloads that move to a storage service; on purpose, a way to
    collect tokens.

    The caller sees: success. What matters is what the other host sees:
    `Authorization` and cookies were meant for the first one. `urllib` sends
    `Authorization` on; `requests` and aiohttp do not. Look at
    `peer.other.requests`.

    Args:
        status: 301, 302, 303, 307 or 308. The first three let a client turn
            POST into GET, the last two do not.
    """
    return Redirect("redirect_to_other_host", content=OK, status=status)


@fault("http", should="fail", because="no HTTP client should open that")
def redirect_to_other_scheme(location: str = "file:///etc/hostname") -> Peer:
    """Redirect out of HTTP: to a file of the client's own machine.

    Real world: an attack on programs that fetch a URL for somebody else and
    show them the result.

    The caller sees: `InvalidSchema` in `requests`; `urllib` refuses `file:`
    and does follow `ftp:`.

    Args:
        location: Where to.
    """

    def script(visit: Visit) -> None:
        redirect(visit, location)

    return TCPPeer("redirect_to_other_scheme", script)
