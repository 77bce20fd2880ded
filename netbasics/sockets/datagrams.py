"""Ask one question and return the answer, over UDP."""

import errno
import socket
from contextlib import suppress

from netbasics.deadlines import Deadline
from netbasics.errors import DeadlineExceeded, LimitExceeded
from netbasics.sockets.connecting import Address, host_and_port, look_up
from netbasics.sockets.waiting import Data, as_bytes

__all__ = ["LARGEST_DATAGRAM", "ask_udp"]

# 65,535 bytes for an IPv4 packet, less 20 for its header and 8 for UDP's.
LARGEST_DATAGRAM = 65507


def ask_udp(
    address: Address,
    data: Data,
    *,
    timeout: float = 1.0,
    tries: int = 3,
) -> bytes:
    """Send one datagram and return the datagram that answers it.

    UDP promises nothing: the question or the answer may be lost, come twice,
    or come from somebody else. A bare `sendto` and `recvfrom` waits for ever
    for a lost one, and takes whatever arrives first, whoever sent it.

    The socket here is connected, which for UDP sends nothing. It tells the
    kernel to drop what other addresses send, and to report it when the host
    says that nobody listens. A socket that is not connected has to compare
    the sender that `recvfrom` returns, and never hears of a refusal.

    What the address cannot tell is which question an answer belongs to. The
    same question is sent again, so an answer to an earlier try is as good;
    the socket is new for each call, so an answer to an earlier call goes
    elsewhere. Who asks many questions puts an id in each of them.

    Args:
        address: Host and port, as for `connect`.
        data: The question, at most 65,507 bytes; empty is possible.
        timeout: Seconds to wait for an answer to each try.
        tries: How many times to send, 1 or more. A question that must not
            take effect twice has to be sent with `tries=1`.

    Returns:
        The answer, whole; an empty one is an answer too.

    Raises:
        ConnectionRefusedError: The host says that nobody listens there. It is
            an answer, so there is no other try.
        DeadlineExceeded: No answer to any try. UDP cannot tell a lost
            datagram from a slow peer or none.
        LimitExceeded: The question does not fit into a datagram.
        ValueError: `tries` or `timeout` is not positive; as for `connect`.

    Example:
        >>> from netbasics import servers
        >>> with servers.UDPEchoServer() as server:
        ...     ask_udp(server.address, b"hello")
        b'hello'

    Source: RFC 768; RFC 1122, section 4.1.3.3 (ICMP errors are passed up).
    """
    question = as_bytes(data)
    host, port = host_and_port(address)
    if tries < 1 or not timeout > 0:
        raise ValueError(
            f"{tries} tries of {timeout} s: give 1 or more, of more than 0 s"
        )
    if len(question) > LARGEST_DATAGRAM:
        raise LimitExceeded(
            "the datagram", limit=LARGEST_DATAGRAM, size=len(question)
        )
    where = f"{host} port {port}"
    total = Deadline(timeout * tries)
    found = look_up(host, port, socket.SOCK_DGRAM, total)
    for place, (family, kind, protocol, _, sockaddr) in enumerate(found):
        with socket.socket(family, kind, protocol) as sock:
            try:
                sock.connect(sockaddr)
                return _ask(sock, question, timeout, tries, where)
            except DeadlineExceeded:
                raise
            except OSError as error:
                # `localhost` has two addresses, and a server often has one.
                if place == len(found) - 1:
                    raise _refused(error, where) from error
    raise AssertionError("a look-up returns one address or more, or raises")


def _ask(
    sock: socket.socket,
    question: memoryview,
    timeout: float,
    tries: int,
    where: str,
) -> bytes:
    """Send until there is an answer."""
    sock.settimeout(timeout)
    for _ in range(tries):
        sock.send(question)
        with suppress(TimeoutError):
            # A shorter buffer would lose the end of a long answer, silently.
            return sock.recv(65535)
    raise DeadlineExceeded(
        timeout * tries,
        doing=f"waiting for {where} to answer; {tries} datagrams were sent, "
        f"{timeout:g} s apart. They or the answers were lost, or nobody is "
        "there",
    )


def _refused(error: OSError, where: str) -> OSError:
    """Say what a refusal means; the number keeps the error's type."""
    if error.errno != errno.ECONNREFUSED:
        return OSError(error.errno, f"{where}: {error.strerror}")
    return ConnectionRefusedError(
        error.errno,
        f"{where}: the host answers that nothing listens there for datagrams. "
        "Is the server running, and is it UDP?",
    )
