"""Checks resolve."""

import os
import sys
from pathlib import Path

import pytest
from resolve import resolve

SECRET = "site-secret/canary.txt"
opened: list[str] = []


def remember(event, args):
    if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
        opened.append(os.path.realpath(os.fsdecode(args[0])))


sys.addaudithook(remember)


class Site:
    """A folder with files to give out, and a secret beside it."""

    def __init__(self, check):
        self.check = check
        self.top = Path(os.path.realpath(check.folder))
        self.root = self.top / "site"
        self.secret = self.write(SECRET)
        self.write("site/a.txt")
        self.write("site/docs/deep/b.txt")
        opened.clear()
        check.mistake(
            "A file outside of the root was opened before it was known that "
            "it may be. Find the real path first, which opens nothing.",
            lambda it: self.was_opened,
        )

    def write(self, name):
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"text")
        return path

    def link(self, name, to):
        (self.root / name).symlink_to(to)

    @property
    def was_opened(self):
        return str(self.secret) in opened

    def gives(self, target, name):
        """The target is this file of the site."""
        self.check.returns(self.root / name, resolve, self.root, target)

    def refuses(self, target):
        self.check.returns(None, resolve, self.root, target)
        self.check.that(
            not self.was_opened,
            "that no file outside of the root is opened",
            f"{self.secret.name} was opened",
        )


def is_secret(it):
    return it.value is not None and "site-secret" in str(it.value)


def test_files(check):
    """The requests name files that are there, in the folder or deeper."""
    site = Site(check)
    check.mistake(
        "A path that begins with a slash replaces everything before it, for "
        "`/` of pathlib and for `os.path.join`. Take the slash off first.",
        lambda it: it.value is None,
    )
    site.gives("/a.txt", "a.txt")
    site.gives("/docs/deep/b.txt", "docs/deep/b.txt")


def test_nothing_there(check):
    """The requests name files that are not there."""
    site = Site(check)
    check.mistake(
        "For the caller, a file that is not there is None and no error.",
        lambda it: isinstance(it.error, OSError),
    )
    site.refuses("/c.txt")
    site.refuses("/nowhere/a.txt")


def test_encoded_names(check):
    """The names have a blank, an e with an accent, and an encoded letter."""
    site = Site(check)
    site.write("site/a b.txt")
    site.write("site/café.txt")
    check.mistake(
        "The path still has its percent signs: `/a%20b.txt` is a request for "
        "`a b.txt`. `urllib.parse.unquote` decodes it.",
        lambda it: it.value is None,
    )
    site.gives("/a%20b.txt", "a b.txt")
    site.gives("/caf%C3%A9.txt", "café.txt")
    site.gives("/%61%2Etxt", "a.txt")


def test_a_query(check):
    """The requests have a query behind the path."""
    site = Site(check)
    site.gives("/a.txt?version=2", "a.txt")
    site.gives("/a.txt?next=/docs/../x?y", "a.txt")


def test_two_dots(check):
    """The requests go up with `..`, as it is and percent-encoded."""
    site = Site(check)
    site.write("secret.txt")
    check.mistake(
        "The path was decoded after it was checked. What is checked must be "
        "what is opened: decode first.",
        lambda it: it.value is not None and "%2" in check.called,
    )
    check.mistake(
        "Root and path were put together with no look at where `..` leads. "
        "Make the real path, then ask whether it is below the root.",
        lambda it: it.value is not None,
    )
    for up in ("/..", "/docs/../..", "/%2e%2e", "/%2E.", "/docs/%2e%2e%2f.."):
        site.refuses(f"{up}/secret.txt")


def test_a_sibling(check):
    """The requests go up, to a folder whose name begins like the root's."""
    site = Site(check)
    check.mistake(
        "The two paths were compared as text, and `.../site-secret` begins "
        "with `.../site`. Compare whole parts, as `Path.is_relative_to` does.",
        is_secret,
    )
    for up in ("/..", "/%2e%2e", "/docs/../.."):
        site.refuses(f"{up}/{SECRET}")


def test_dots_that_stay_inside(check):
    """The request goes up with `..` and is still below the root."""
    site = Site(check)
    check.mistake(
        "Two dots are refused wherever they stand. A `..` that stays inside "
        "is fine, and a name like `a..b` has nothing to do with it.",
        lambda it: it.value is None,
    )
    site.gives("/docs/../a.txt", "a.txt")
    site.gives("/docs/deep/%2e%2e/../a.txt", "a.txt")
    site.write("site/a..b")
    site.gives("/a..b", "a..b")


def test_decoded_once(check):
    """The requests are encoded twice; one file really has such a name."""
    site = Site(check)
    check.mistake(
        "The path was decoded more than once. `%2541` is the name `%41`, and "
        "a second decoding makes another name of it.",
        lambda it: is_secret(it) or it.value.name == "A.txt",
    )
    site.write("site/%41.txt")
    site.write("site/A.txt")
    site.gives("/%2541.txt", "%41.txt")
    site.refuses(f"/%252e%252e/{SECRET}")


def test_signs_that_belong_to_the_name(check):
    """The names have an encoded question mark, a semicolon and a plus."""
    site = Site(check)
    check.mistake(
        "The path was decoded and then cut at `?`. A `%3F` belongs to the "
        "name: cut first.",
        lambda it: "%3F" in check.called,
    )
    check.mistake(
        "A `;` ends no path: that is a habit of `urlparse`. Only `?` does.",
        lambda it: ";" in check.called,
    )
    check.mistake(
        "A plus is a blank only in forms and queries; in a path it is a plus. "
        "`unquote` leaves it, `unquote_plus` does not.",
        lambda it: "+" in check.called,
    )
    site.write("site/what?.txt")
    site.write("site/a;b.txt")
    site.write("site/a+b.txt")
    site.gives("/what%3F.txt", "what?.txt")
    site.gives("/a;b.txt?x", "a;b.txt")
    site.gives("/a+b.txt", "a+b.txt")


def test_slashes_at_the_beginning(check):
    """The request has the whole path of a secret, behind a second slash."""
    site = Site(check)
    check.mistake(
        "A path that begins with a slash replaces everything before it, for "
        "`/` of pathlib and for `os.path.join`. Take the slashes off first.",
        is_secret,
    )
    site.refuses(f"/{site.secret}")
    site.refuses(f"/%2F{str(site.secret)[1:]}")


def test_links(check):
    """Links below the root lead outside, to a file and to a folder."""
    site = Site(check)
    site.link("out.txt", site.secret)
    site.link("out", "../site-secret")
    check.mistake(
        "A symbolic link leads out of the root, and nobody looked. `..` can "
        "be worked out from the text, links cannot: ask for the real path "
        "(`Path.resolve`, `os.path.realpath`).",
        lambda it: it.value is not None,
    )
    site.refuses("/out.txt")
    site.refuses("/out/canary.txt")


def test_links_that_stay_inside(check):
    """Links below the root lead to a file and a folder below it."""
    site = Site(check)
    site.link("b", "docs/deep/b.txt")
    site.link("folder", site.root / "docs")
    check.mistake(
        "The path that was returned goes through a link. The real one is "
        "asked for.",
        lambda it: it.value is not None,
    )
    site.gives("/b", "docs/deep/b.txt")
    site.gives("/folder/deep/b.txt", "docs/deep/b.txt")


def test_the_root_is_a_link(check):
    """The root itself is a link to the folder, and then a relative path."""
    site = Site(check)
    link = site.top / "current"
    link.symlink_to("site")
    check.mistake(
        "The root is compared as it was given, and that is not the real one. "
        "Resolve both.",
        lambda it: it.value is None,
    )
    expected = site.root / "a.txt"
    check.returns(expected, resolve, link, "/a.txt")
    check.returns(None, resolve, link, f"/../{SECRET}")
    check.returns(expected, resolve, Path("site"), "/a.txt")
    check.returns(None, resolve, Path("site"), f"/../{SECRET}")


def test_no_regular_file(check):
    """The requests name a folder, the root, and a pipe that nobody fills."""
    site = Site(check)
    os.mkfifo(site.root / "pipe")
    check.mistake(
        "It is there, but it is no regular file: `exists` is true of folders "
        "and pipes too.",
        lambda it: it.value is not None,
    )
    check.mistake(
        "It opened a pipe, and waits until somebody writes into it. "
        "`is_file` opens nothing.",
        lambda it: it.hung,
    )
    site.refuses("/docs")
    site.refuses("/")
    site.refuses("/pipe")


@pytest.mark.parametrize("target", ["/a\\b.txt", "/a%5Cb.txt"])
def test_a_backslash(check, target):
    """The name has a backslash, and there is such a file."""
    site = Site(check)
    site.write("site/a\\b.txt")
    check.mistake(
        "A backslash is a separator on Windows, and `..\\` leads out there. "
        "Refuse it after decoding, even if there is such a file.",
        lambda it: it.value is not None,
    )
    site.refuses(target)


@pytest.mark.parametrize("target", ["/a.txt%00", "/a.txt%00.png", "/\0"])
def test_a_nul(check, target):
    """The name has a NUL in it, which ends a text in C."""
    site = Site(check)
    check.mistake(
        "A NUL character in a name is a ValueError for the functions that "
        "ask the system. The client wrote it: return None.",
        lambda it: it.error is not None or it.value is not None,
    )
    site.refuses(target)


def test_names_that_cannot_be(check):
    """The requests: a link that leads to itself, no UTF-8, a long name."""
    site = Site(check)
    site.link("circle", "circle")
    check.mistake(
        "Whatever the client writes, the answer is a path or None. `is_file` "
        "answers False for most that cannot be, but not for a name that is "
        "too long, and `resolve` may raise at a circle of links.",
        lambda it: it.error is not None,
    )
    site.refuses("/circle")
    site.refuses("/%ff%fe.txt")
    site.refuses("/" + "long" * 2000)
    site.refuses("/" + "long/" * 2000)
    site.refuses("/a.txt/b.txt")
