"""`python -m netbasics` is the `netbasics` command."""

from netbasics.cli import main

if __name__ == "__main__":
    main()
