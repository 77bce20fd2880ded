"""3.1 From a target to a file."""

from pathlib import Path


def resolve(root: Path, target: str) -> Path | None:
    """Find the file that a request asks for, if it may be had.

    A web server gives out the files below one folder, and nothing else,
    however the request is written.

    A `?` ends the path; it and what follows is no part of the file's name,
    and nothing but `?` ends it. Then the path is percent-decoded, once, as
    UTF-8: `%20` is a blank, `%3F` a question mark that belongs to the name,
    `%252e` the four characters `%2e`, and `+` is a plus. Slashes at its
    beginning do not lead out: the path always begins at `root`.

    `..` and symbolic links are followed, and are fine as long as the file
    that they lead to is below the real `root`. A file outside is never
    opened, not even to look at it.

    Args:
        root: The folder. It exists; its path may be relative, and may itself
            lead through a symbolic link.
        target: The target of the request, as it came: it begins with `/` and
            may have a query, as in `/docs/a%20b.txt?version=2`.

    Returns:
        The real path of the file: absolute and without links or `..`. None
        if there is no regular file below the real root (so for a folder or a
        pipe), and None whenever the decoded path has a backslash or a NUL
        character in it, even if there is such a file.

        Nothing is raised, whatever the target is: a name that is too long or
        no UTF-8, or a link that leads to itself, is None as well.

    Example:
        If `/srv/site/docs/a b.txt` is a file and `/srv/site` no link,
        `resolve(Path("/srv/site"), "/docs/a%20b.txt?x=1")` is
        `Path("/srv/site/docs/a b.txt")`.
    """
    raise NotImplementedError("not written yet")
