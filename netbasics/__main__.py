"""`python -m netbasics` is the `netbasics` command."""

try:
    from netbasics.cli import main
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. netbasics needs the packages that it builds on.\n"
        "Run this in the folder that holds README.md:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/netbasics"
    ) from error

if __name__ == "__main__":
    main()
