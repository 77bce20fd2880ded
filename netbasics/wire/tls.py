"""What anybody can read of TLS without a key: records, and the first words.

TLS hides what is said, not that it is said, nor to whom: the first message of
a client has the server's name in the clear, so that one address can serve many
names. (Encrypted Client Hello, RFC 9849, hides that too; few servers have it.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["ClientHello", "Observer", "client_hello", "looks_like_tls"]

HEADER = 5
HANDSHAKE = 22
RECORDS = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "data"}
MESSAGES = {
    1: "ClientHello",
    2: "ServerHello",
    11: "Certificate",
    12: "ServerKeyExchange",
    14: "ServerHelloDone",
    16: "ClientKeyExchange",
}
ALERTS = {
    0: "close notify",
    40: "handshake failure",
    42: "bad certificate",
    43: "unsupported certificate",
    44: "certificate revoked",
    45: "certificate expired",
    46: "certificate unknown",
    48: "unknown authority",
    70: "protocol version",
    112: "unrecognized name",
    116: "certificate required",
    120: "no application protocol",
}
VERSIONS = {0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2", 0x0304: "1.3"}
SERVER_NAME, ALPN, SUPPORTED_VERSIONS = 0, 16, 43


@dataclass(frozen=True)
class ClientHello:
    """What a client says first, in the clear.

    Attributes:
        server_name: The name it wants (SNI), or None. Clients send none for
            an address in digits.
        versions: The TLS versions it offers, such as `"1.3"`.
        protocols: What it would speak inside (ALPN), such as `"http/1.1"`.
    """

    server_name: str | None
    versions: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()


def looks_like_tls(data: bytes) -> bool:
    """Whether a stream begins as TLS does: a handshake record, version 3.x."""
    return data[:2] == b"\x16\x03"


def client_hello(data: bytes) -> ClientHello | None:
    """Read the ClientHello at the beginning of a stream.

    Args:
        data: What the client sent first.

    Returns:
        It; None if the bytes are something else, or not all there.

    Example:
        >>> import ssl
        >>> out = ssl.MemoryBIO()
        >>> tls = ssl.create_default_context().wrap_bio(
        ...     ssl.MemoryBIO(), out, server_hostname="www.example.com")
        >>> try:
        ...     tls.do_handshake()
        ... except ssl.SSLWantReadError:
        ...     client_hello(out.read()).server_name
        'www.example.com'

    Source: RFC 8446, section 4.1.2; RFC 6066, section 3.
    """
    message = b""
    while looks_like_tls(data) and len(data) >= HEADER:
        length = int.from_bytes(data[3:5])
        message += data[HEADER : HEADER + length]
        data = data[HEADER + length :]
    try:
        return _parse(_Bytes(message))
    except IndexError:
        return None


def _parse(message: "_Bytes") -> ClientHello | None:
    if message.number(1) != 1:
        return None
    body = _Bytes(message.block(3))
    offered = [body.number(2)]
    body.take(32)  # random
    body.block(1)  # session id
    body.block(2)  # cipher suites
    body.block(1)  # compression
    name: str | None = None
    protocols: tuple[str, ...] = ()
    extensions = _Bytes(body.block(2) if body.left() else b"")
    while extensions.left():
        kind, content = extensions.number(2), _Bytes(extensions.block(2))
        if kind == SERVER_NAME:
            entry = _Bytes(content.block(2))
            entry.take(1)  # its kind: a host name is the only one there is
            name = entry.block(2).decode("ascii", "backslashreplace")
        elif kind == ALPN:
            protocols = tuple(_names(_Bytes(content.block(2))))
        elif kind == SUPPORTED_VERSIONS:
            versions = _Bytes(content.block(1))
            offered = [versions.number(2) for _ in range(versions.left() // 2)]
    # Some numbers mean nothing, on purpose, so that servers learn to skip what
    # they do not know (GREASE, RFC 8701).
    known = tuple(VERSIONS[v] for v in offered if v in VERSIONS)
    return ClientHello(name, known, protocols)


def _names(content: "_Bytes") -> Iterator[str]:
    while content.left():
        yield content.block(1).decode("ascii", "backslashreplace")


class _Bytes:
    """Bytes that are taken from the front; too few are an IndexError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left():
            raise IndexError("too few bytes")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count))

    def block(self, count: int) -> bytes:
        """Take a length of `count` bytes, and so many bytes."""
        return self.take(self.number(count))


class Observer:
    """Says of one direction of a TLS connection what each chunk is.

    Feed it the chunks in their order.
    """

    def __init__(self) -> None:
        self._header = b""
        self._skip = 0
        self._secret = False

    def lines(self, data: bytes, size: int) -> list[str]:
        """Return what begins in this chunk, in words.

        Args:
            data: What is known of the chunk.
            size: How long it was.
        """
        hello = client_hello(data) if looks_like_tls(data) else None
        found = list(self._records(data))
        lines: list[str] = []
        for what in found:
            if not lines or lines[-1] != what:
                lines.append(what)
        if hello is not None:
            lines[:1] = _about(hello)
        self._skip -= size - len(data)
        return lines or ["more of an encrypted record"]

    def _records(self, data: bytes) -> Iterator[str]:
        at = 0
        while True:
            skipped = min(self._skip, len(data) - at)
            self._skip -= skipped
            at += skipped
            missing = HEADER - len(self._header)
            self._header += data[at : at + missing]
            at += missing
            if len(self._header) < HEADER:
                return
            kind = self._header[0]
            self._skip = int.from_bytes(self._header[3:5])
            self._header = b""
            yield self._name(kind, data[at : at + self._skip])

    def _name(self, kind: int, content: bytes) -> str:
        name = RECORDS.get(kind, f"record of type {kind}")
        if kind == 20:
            self._secret = True  # in TLS 1.2, what follows is encrypted
        elif kind == HANDSHAKE and not self._secret and content:
            name = MESSAGES.get(content[0], name)
        elif kind == 21 and self._skip == 2 and len(content) == 2:
            what = ALERTS.get(content[1], f"number {content[1]}")
            return f"TLS Alert: {what}"
        elif kind in (21, 22, 23):
            return "TLS, encrypted"
        return f"TLS {name}"


def _about(hello: ClientHello) -> list[str]:
    name = hello.server_name
    first = (
        "TLS ClientHello, which names no server"
        if name is None
        else f"TLS ClientHello for {name} (SNI, in the clear)"
    )
    offers = [f"TLS {', '.join(hello.versions)}"]
    if hello.protocols:
        offers.append(f"inside it {', '.join(hello.protocols)}")
    return [first, f"offers {'; '.join(offers)}"]
