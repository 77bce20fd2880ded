"""Run the benchmark: all rows, or those that are named."""

import importlib
import pkgutil
import sys
from pathlib import Path

import click

from benchmarks import reporting, rows
from benchmarks.measuring import LEAST, ROUNDS, Row, measure
from benchmarks.page import save_page

ROOT = Path(__file__).parent.parent.parent
COMMAND = "PYTHONPATH=tests python -m benchmarks --page docs/benchmarks.md"


def known() -> list[Row]:
    """Return the rows of all files in `rows/`, in the files' order."""
    found: list[Row] = []
    for module in pkgutil.iter_modules(rows.__path__):
        loaded = importlib.import_module(f"benchmarks.rows.{module.name}")
        found.extend(loaded.rows())
    return found


@click.command()
@click.argument("names", nargs=-1)
@click.option("--list", "list_", is_flag=True, help="List the rows.")
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--json", "json_", type=click.Path(path_type=Path))
@click.option("--page", type=click.Path(path_type=Path))
def main(
    names: tuple[str, ...],
    list_: bool,
    rounds: int,
    json_: Path | None,
    page: Path | None,
) -> None:
    """Run the rows whose name begins with one of NAMES; all without."""
    chosen = [row for row in known() if not names or row.name.startswith(names)]
    if not chosen:
        raise click.UsageError(f"there is no row {', '.join(names)}")
    if list_:
        for row in chosen:
            click.echo(f"{row.name:24} {row.what}")
        return
    if rounds < LEAST:
        raise click.UsageError(f"--rounds {rounds}: {LEAST} at least")
    if page and names:
        raise click.UsageError("--page is of all rows: give no NAMES with it")
    done = []
    for row in chosen:
        result = measure(row, rounds, _progress)
        done.append(result)
        click.echo(reporting.table(result) + "\n")
    if json_:
        json_.write_text(reporting.as_json(done), "utf-8")
    if page:
        save_page(page, done, COMMAND, rounds)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


if __name__ == "__main__":
    main()
