"""The list of faults: each with what a correct client should make of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from netbasics.lab.peers import Peer

__all__ = ["KINDS", "Fault", "Kind", "Verdict", "fault", "faults", "find"]

Kind = Literal["tcp", "tls", "http", "json", "udp", "dns"]
KINDS: dict[Kind, str] = {
    "tcp": "Connecting and reading",
    "tls": "TLS",
    "http": "HTTP",
    "json": "What HTTP carries",
    "udp": "UDP",
    "dns": "DNS",
}
"""The kinds in their order, each with a title."""
Verdict = Literal["fail", "succeed"]
Make = TypeVar("Make", bound=Callable[..., Peer])

_faults: dict[str, "Fault"] = {}


@dataclass(frozen=True)
class Fault:
    """One way to misbehave, as the catalogue knows it.

    Args:
        name: What people call it by: `"cut_off"`.
        kind: Where a client can notice it: `"tcp"` (connecting, reading),
            `"tls"` (the handshake), `"http"` (the message), `"json"` (HTTP
            is fine, what it carries is not), `"udp"`, `"dns"`.
        should: What a correct client does: `"fail"` or `"succeed"`.
        because: The reason, in a few words.
        make: The function of this package that makes the peer.
        options: The arguments it is called with.
        trusted: For TLS, whether the client knows the peer's authority, so
            that the stated fault is the only one.
        row: Whether it belongs in a table of faults against clients.
        calls: How many requests of one session it takes to notice it.

    Example:
        >>> from netbasics import lab
        >>> fault = lab.find("cut_off")
        >>> fault.should, fault.kind
        ('fail', 'http')
        >>> with fault.run() as peer:
        ...     print(peer.url)
        http://127.0.0.1:...
    """

    name: str
    kind: Kind
    should: Verdict
    because: str
    make: Callable[..., Peer]
    options: Mapping[str, Any] = field(default_factory=dict)
    trusted: bool = True
    row: bool = True
    calls: int = 1

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.make.__doc__ or "").strip().partition("\n")[0]

    def run(self) -> Peer:
        """Return the peer, not started: use it in a with-block."""
        return self.make(**self.options)


def fault(
    kind: Kind,
    *,
    should: Verdict,
    because: str,
    name: str | None = None,
    trusted: bool = True,
    row: bool = True,
    calls: int = 1,
    **options: Any,
) -> Callable[[Make], Make]:
    """Put the function below into the catalogue; it stays as it is.

    Several of them above one function make one entry for each set of options.

    Args:
        kind: See `Fault`.
        should: See `Fault`.
        because: See `Fault`.
        name: The entry's name; without it, the function's.
        trusted: See `Fault`.
        row: See `Fault`.
        calls: See `Fault`.
        options: The arguments that the function gets when the entry runs.

    Raises:
        ValueError: Two entries have the same name.
    """

    def register(make: Make) -> Make:
        entry = Fault(
            name or make.__name__,
            kind,
            should,
            because,
            make,
            options,
            trusted=trusted,
            row=row,
            calls=calls,
        )
        if entry.name in _faults:
            raise ValueError(f"two faults are named {entry.name!r}: rename one")
        _faults[entry.name] = entry
        return make

    return register


def faults() -> list[Fault]:
    """Return all entries, those of one kind together.

    Example:
        >>> from netbasics import lab
        >>> "silent" in [fault.name for fault in lab.faults()]
        True
    """
    order = list(KINDS)
    return sorted(_faults.values(), key=lambda entry: order.index(entry.kind))


def find(name: str) -> Fault:
    """Return the entry of that name; hyphens may stand for underscores.

    Raises:
        KeyError: There is none; the message lists what there is.

    Example:
        >>> from netbasics import lab
        >>> lab.find("cut-off").name
        'cut_off'
    """
    entry = _faults.get(name.replace("-", "_"))
    if entry is None:
        known = ", ".join(sorted(_faults))
        raise KeyError(f"no fault is named {name!r}; there are {known}")
    return entry
