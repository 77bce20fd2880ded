"""The `netbasics` command."""


def main() -> None:
    """Run the command."""
    raise SystemExit("not yet")
