"""`netbasics tap`: see what passes between any client and any server."""

import os
import queue
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netbasics.wire import Event, Tap, UDPTap, tap, tap_udp
from netbasics.wire.live import Live
from netbasics.wire.saving import check_suffix
from netbasics.wire.scene import scene_of
from netbasics.wire.terminals import readable, wants_color

if TYPE_CHECKING:
    import ssl

    from netbasics.certs import Authority

__all__ = ["command"]

# Events that wait to be printed. The traffic does not wait for the screen.
MOST_WAITING = 2000


@click.command("tap")
@click.argument("target", metavar="HOST:PORT")
@click.option(
    "--listen",
    default=0,
    metavar="PORT",
    help="Listen on this port of 127.0.0.1; without it, on a free one.",
)
@click.option(
    "--save",
    multiple=True,
    metavar="FILE",
    help="At the end, write FILE: .txt, .svg, .json, .har or .pcap (packets "
    "as they could have been: a reconstruction). May be given again.",
)
@click.option("--udp", is_flag=True, help="UDP in place of TCP.")
@click.option(
    "--remote", is_flag=True, help="Allow a target that is another machine."
)
@click.option(
    "--tls",
    metavar="FILE",
    help="End TLS, to see inside. A new FILE is written: the certificate "
    "authority that the client has to trust.",
)
@click.option(
    "--trust",
    metavar="FILE",
    help="With --tls: the authority that the target's certificate is checked "
    "against; without it, those that this system trusts.",
)
@click.option(
    "--limit",
    default=32,
    metavar="MIB",
    help="How much to keep in memory for --save (32). More is only counted.",
)
def command(
    target: str,
    listen: int,
    save: tuple[str, ...],
    udp: bool,
    limit: int,
    **more: Any,
) -> None:
    """Print what passes between a client and the server at HOST:PORT.

    Give the client the address that is printed, in place of the server's.
    Ctrl-C ends it. Whatever passes is shown, passwords included.
    """
    funnel, live = Funnel(), Live(color=wants_color(sys.stdout))
    options = {"port": listen, "limit": limit * 2**20}
    try:
        for path in save:
            _check(path)
        wire = _make(target, udp, {**options, **more}, funnel.put)
        # `kill` ends it as Ctrl-C does: in the background there are no keys.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with wire:
            try:
                _announce(wire, more["tls"])
                while True:
                    # In short pieces: on Windows, an endless wait cannot be
                    # interrupted.
                    _print(funnel, live)
            except KeyboardInterrupt:
                click.echo()
        while _print(funnel, live, 0):
            pass
        _finish(wire, save)
    except BrokenPipeError:
        raise  # nobody reads what is printed; click knows what to do
    except (ValueError, TypeError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise click.ClickException(reason or str(error)) from error
    sys.exit(0)


def _check(path: str) -> None:
    """Refuse now what could not be written at the end."""
    check_suffix(path)
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise ValueError(f"there is no folder {str(folder)!r} to save in")


def _make(
    target: str,
    udp: bool,
    options: dict[str, Any],
    listener: Callable[[Event], object],
) -> Tap | UDPTap:
    """Return the tap that was asked for, not started."""
    tls, trust = options.pop("tls"), options.pop("trust")
    if udp:
        if tls or trust:
            raise ValueError("--tls goes with TCP, not with --udp")
        return tap_udp(target, on_event=listener, **options)
    if trust and not tls:
        raise ValueError("--trust goes with --tls FILE")
    context = _context(trust) if tls else None
    return tap(
        target,
        on_event=listener,
        tls=_authority(tls) if tls else None,
        trust=context,
        **options,
    )


def _authority(path: str) -> "Authority":
    """Make an authority, and write its certificate to a new file."""
    from netbasics.certs import Authority

    if os.path.exists(path):
        raise ValueError(
            f"--tls {path}: the file is there already, and the tap's authority "
            "would be written over it; name a new file"
        )
    authority = Authority()
    try:
        authority.write_pem(path)
    except OSError as error:
        raise ValueError(
            f"--tls {path}: cannot be written: {error.strerror}"
        ) from error
    return authority


def _context(path: str | None) -> "ssl.SSLContext":
    """Return what the target's certificate is checked by."""
    import ssl

    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # an SSLError is one
        raise ValueError(
            f"--trust {path}: not a file of certificates (PEM): "
            f"{error.strerror or error}"
        ) from error


class Funnel:
    """Takes events from the tap's threads to the one that prints them."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Event] = queue.Queue(MOST_WAITING)
        self._lost = 0

    def put(self, event: Event) -> None:
        """Put an event in, if there is room: the tap must not wait."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._lost += 1

    def get(self, timeout: float) -> Event | None:
        """Return the next event; None if there is none in time."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def lost(self) -> int:
        """Return how many events found no room since the last time."""
        lost, self._lost = self._lost, 0
        return lost


def _announce(wire: Tap | UDPTap, authority: str | None) -> None:
    click.echo(f"{wire.url} leads to {wire.target}")
    if authority:
        click.echo(f"Clients must trust {authority}: curl --cacert {authority}")
    click.echo("Ctrl-C ends it.")


def _print(funnel: Funnel, live: Live, patience: float = 0.5) -> bool:
    """Print the next event; False if there is none in time."""
    event = funnel.get(patience)
    _show(live.pending() if event is None else live.lines(event))
    if event is None and (lost := funnel.lost()):
        click.echo(f"… {lost:,} events were too fast for the screen …")
    return event is not None


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        # Colours are there only if they are wanted.
        click.echo(readable(line, sys.stdout.encoding), color=True)


def _finish(wire: Tap | UDPTap, save: tuple[str, ...]) -> None:
    """Say how much passed, and write the files."""
    transcript = wire.transcript
    scene = scene_of(transcript, "")
    _show(text for text in ("", scene.summary, scene.remark) if text)
    for path in save:
        written = wire.save(path)
        what = " (packets, reconstructed)" if written.suffix == ".pcap" else ""
        click.echo(f"Wrote {written}{what}")
