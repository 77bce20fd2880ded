"""`netbasics playground`: serve the practice APIs until Ctrl-C."""

import sys
import threading

import click

from netbasics import playground
from netbasics.playground import Playground

__all__ = ["command"]

TITLES = {
    "users_stdlib": "The users API, on http.server",
    "users_flask": "The users API, on Flask",
    "users_fastapi": "The users API, on FastAPI (try /docs in a browser)",
    "textbook": "The textbook API: GitHub's paths, a login, limits, /docs",
    "httpbin": "httpbin: it answers with what you sent",
}


@click.command("playground")
@click.option(
    "--port",
    default=0,
    metavar="N",
    show_default=True,
    help="The index at port N, the services on the next ones; 0: free ones.",
)
@click.option(
    "--db",
    default=":memory:",
    metavar="FILE",
    help="Keep the users in this file; without it they are gone at the end.",
)
@click.option(
    "--all-requests", is_flag=True, help="Print every request to try."
)
def command(port: int, db: str, all_requests: bool) -> None:
    """Serve the practice APIs on this machine until Ctrl-C.

    Only this machine can reach them. They let anybody change anything.
    """
    try:
        with playground.run(port=port, db=db) as play:
            _ = play.url  # the index first: it has the port that was asked for
            play.urls()
            for line in announcement(play, all_requests=all_requests):
                click.echo(line)
            _wait_for_interrupt()
    except (ValueError, OSError, playground.StoreError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise click.ClickException(reason or str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nStopped.")
        sys.exit(0)


def announcement(play: Playground, *, all_requests: bool) -> list[str]:
    """Return the lines that say where everything is and what to ask it."""
    lines = []
    for name, url in play.urls().items():
        lines += [f"{TITLES.get(name, name)}", f"  {url}"]
        requests = play.requests_to_try(name)
        for what, request in requests if all_requests else requests[:2]:
            lines += [f"    # {what}", f"    {request}"]
        lines.append("")
    if not all_requests:
        lines.append("More requests: on the index, or with --all-requests.")
    return [*lines, f"Index: {play.url}   Ctrl-C ends it."]


def _wait_for_interrupt() -> None:
    """Wait until Ctrl-C.

    In short pieces: on Windows, an endless wait cannot be interrupted.
    """
    forever = threading.Event()
    while not forever.wait(1):
        pass
