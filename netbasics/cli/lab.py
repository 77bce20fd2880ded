"""`netbasics lab`: list the faults, run one, or try all on all clients."""

import contextlib
import os
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import click

from netbasics import lab
from netbasics.lab import Fault, NameServer, Peer

__all__ = ["command"]

# Nobody wants these on the screen.
FLOODS = ("endless_body", "endless_header", "many_headers", "gzip_bomb")


@click.command("lab")
@click.argument("name", required=False)
@click.option(
    "--table",
    is_flag=True,
    help="Try every fault (or NAME) on every client, and print what happened.",
)
@click.option("--markdown", is_flag=True, help="The table as a page.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many cells of the table run at once.",
)
def command(
    name: str | None, table: bool, markdown: bool, jobs: int | None
) -> None:
    """Run a peer that misbehaves as NAME says, until Ctrl-C.

    Without NAME, list what there is. The exit status of a table is 1 if a
    client of netbasics did not do the right thing.
    """
    if markdown and not table:
        raise click.UsageError("--markdown goes with --table")
    try:
        fault = lab.find(name) if name else None
    except KeyError as error:
        raise click.UsageError(
            f"no fault is named {name!r}; `netbasics lab` lists them"
        ) from error
    try:
        if table:
            _table(fault, markdown, jobs)
        elif fault is None:
            click.echo(listing())
        else:
            _run(fault)
    except KeyboardInterrupt:
        click.echo("\nStopped.")
        sys.exit(130 if table else 0)


def listing() -> str:
    """Return all faults with a line on each, at most 80 columns wide."""
    lines = []
    for kind, title in lab.KINDS.items():
        lines += [f"{title}", ""]
        for fault in lab.faults():
            if fault.kind == kind:
                lines += _listed(fault)
        lines.append("")
    return "\n".join(
        [
            *lines,
            "netbasics lab NAME      run one of them until Ctrl-C",
            "netbasics lab --table   try all of them on all clients (a minute)",
        ]
    )


def _listed(fault: Fault) -> list[str]:
    options = ", ".join(f"{k}={v!r}" for k, v in fault.options.items())
    text = fault.summary.rstrip(".") + (f" ({options})" if options else "")
    return textwrap.wrap(
        f"  {fault.name:26} {text}",
        79,
        subsequent_indent=" " * 29,
        break_on_hyphens=False,
    )


def _run(fault: Fault) -> None:
    """Run one peer, and say how to reach it."""
    with tempfile.TemporaryDirectory(prefix="netbasics-") as folder:
        try:
            peer = fault.run().start()
        except OSError as error:
            raise click.ClickException(error.strerror or str(error)) from error
        try:
            click.echo(announcement(fault, peer, Path(folder)))
            _wait(peer)
        finally:
            peer.stop()


def announcement(fault: Fault, peer: Peer, folder: Path) -> str:
    """Return what is said about a running peer.

    Args:
        fault: What it does.
        peer: The peer.
        folder: Where the certificate of its authority can be put.
    """
    about = textwrap.fill(
        f"{fault.name}: {fault.summary}", 79, break_on_hyphens=False
    )
    should = textwrap.fill(
        f"A correct client should {fault.should}: {fault.because}.", 79
    )
    commands = "\n".join(f"  {line}" for line in to_try(fault, peer, folder))
    return (
        f"{about}\n{should}\n\nIt listens at {peer.url}. Try, in another "
        f"terminal:\n\n{commands}\n\nCtrl-C ends it."
    )


def to_try(fault: Fault, peer: Peer, folder: Path) -> list[str]:
    """Return commands that meet the fault."""
    if isinstance(peer, NameServer):
        asked = f"dns.query({peer.question.name!r}, {peer.question.type!r})"
        before = (
            f"q = {asked}; "
            f"a = dns.parse(sockets.ask_udp({peer.address}, q.encode())); "
        )
        said = "a, 'an answer to it:', a.answers_to(q), a.status"
        return [_python(said, "dns, sockets", before)]
    if fault.kind == "udp":
        return [
            _python(f"sockets.ask_udp({peer.address}, b'hello')", "sockets")
        ]
    curl, verify = "curl -sSiL --compressed --max-time 10", ""
    if peer.authority is not None and fault.trusted:
        pem = peer.authority.write_pem(folder / "ca.pem")
        curl += f" --cacert {pem}"
        verify = f", verify={str(pem)!r}"
    if fault.name in FLOODS:
        curl += f" -o {os.devnull}"
    urls = [repr(peer.url)] * fault.calls
    read = ".json()" if fault.kind == "json" else ".text"
    if fault.calls == 1:
        ours = _python(
            f"clients.get({urls[0]}, deadline=10{verify}){read}", "clients"
        )
    else:
        gets = ", ".join(f"s.get({url})" for url in urls)
        ours = _python(gets, "clients", "s = clients.session(); ")
    return [" ".join([curl, *[peer.url] * fault.calls]), ours]


def _python(expression: str, modules: str, before: str = "") -> str:
    code = f"from netbasics import {modules}; {before}print({expression})"
    return f'python -c "{code}"'


def _wait(peer: Peer) -> None:
    """Report who comes, until Ctrl-C."""
    forever = threading.Event()
    told = 0
    # In short pieces: on Windows, an endless wait cannot be interrupted.
    while not forever.wait(0.2):
        if peer.attempts > told:
            told = peer.attempts
            click.echo(f"{time.strftime('%H:%M:%S')}  {told} came so far")


def _painted(text: str, colour: str) -> str:
    """Return text in a colour; click takes it away again in a pipe."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    if colour == "bold":
        return click.style(text, bold=True)
    return click.style(text, fg=colour)


def _table(fault: Fault | None, markdown: bool, jobs: int | None) -> None:
    """Measure the table and print it."""
    # Here, for it imports requests and aiohttp, and a list needs neither.
    from netbasics.cli import faults

    wanted = faults.cells([fault.name] if fault else [])
    count = len({cell.fault for cell in wanted})
    began = time.monotonic()
    if not markdown:
        click.echo(faults.legend() + "\n")
    rows = []
    with contextlib.closing(faults.run(wanted, jobs=jobs)) as running:
        for row in running:
            rows.append(row)
            if markdown:
                click.echo(f"{len(rows)} of {count}: {row[0].name}", err=True)
            else:
                text = faults.as_text(
                    row, messages=fault is not None, paint=_painted
                )
                click.echo(text + "\n")
    seconds = time.monotonic() - began
    if markdown:
        click.echo(faults.as_page(rows, seconds), nl=False)
    elif fault is None:
        click.echo(faults.summary(rows))
        click.echo(f"\n{count} faults, {len(wanted)} cells, {seconds:.0f} s")
    if any(
        client in faults.OURS and not faults.Cell(row.name, client).is_right(o)
        for row, outcomes in rows
        for client, o in outcomes.items()
    ):
        sys.exit(1)
