"""Checks download."""

import os
import random
import re
import sys

import pytest
from download import download

from netbasics import lab

OLD = b"the file of last year\n"
FILE = random.Random(1).randbytes(150_001)
NEW = random.Random(2).randbytes(150_003)
SHORT = random.Random(3).randbytes(20_002)
PIECE = (
    "The line was cut, and bytes that had come were asked for again. They were "
    "in hand when the line was cut: your library had read them for a larger "
    "piece, and threw them away with its exception. Read what is there: "
    "`read1`, or `IncompleteRead.partial`."
)
WRITING = os.O_WRONLY | os.O_RDWR
opened = []  # whatever is opened for writing, by its real path


def note_opened(event, args):
    if event != "open" or not isinstance(args[2], int):
        return
    path, _, flags = args
    if flags & WRITING and isinstance(path, str | bytes | os.PathLike):
        opened.append(os.path.realpath(os.fsdecode(path)))


sys.addaudithook(note_opened)


class Place:
    """A folder for the download, and what was seen there on the way."""

    def __init__(self, check, old=None):
        self.check = check
        self.folder = check.folder / "downloads"
        self.folder.mkdir()
        self.path = self.folder / "file.bin"
        self.old = old
        if old is not None:
            self.path.write_bytes(old)
        opened.clear()
        self.sights = []

    def look(self, _request=None):
        """Note what is at the path; a function of the peer's requests."""
        try:
            self.sights.append(self.path.read_bytes())
        except OSError:
            self.sights.append(None)

    @property
    def changed(self):
        return any(sight != self.old for sight in self.sights)

    def mistakes(self):
        """Name what may go wrong with the file, whatever the line does."""
        self.check.mistake(
            "There was something else under the name of the file while the "
            "download went on. It has to be all of it or what was there "
            "before: write into another file, and rename that at the end.",
            lambda it: self.changed and self.sights[-1] is not None,
        )
        self.check.mistake(
            "The old file has to stay until the new one is complete.",
            lambda it: self.changed or not self.path.exists(),
        )
        self.check.mistake(
            "It opened `path` itself for writing. Whoever looks at that moment "
            "sees a part of the file, and if the disk is full that is all that "
            "ever will be there. Write another file in the same folder, and "
            "`os.replace` it.",
            lambda it: os.path.realpath(self.path) in opened,
        )
        self.check.mistake(
            "Something was left behind in the folder.",
            lambda it: len(os.listdir(self.folder)) > 1,
        )

    def has(self, content):
        """The file must be complete, and alone, and not have been half."""
        self.mistakes()
        check = self.check
        check.that(self.path.exists(), "that there is a file", "there is none")
        check.that(
            not self.changed,
            "that `path` changes when the file is complete, and not before",
            "it had changed by the time of a request",
        )
        same(check, self.path.read_bytes(), content)
        check.equal(os.listdir(self.folder), ["file.bin"], "files there")
        check.that(
            os.path.realpath(self.path) not in opened,
            "that the complete file gets its name in one step",
            "`path` was opened for writing",
        )

    def failed(self):
        """It must be as it was before."""
        self.mistakes()
        check = self.check
        there = os.listdir(self.folder)
        check.equal(there, ["file.bin"] if self.old else [], "files there")
        if self.old is not None:
            self.look()
            same(check, self.path.read_bytes(), self.old, "the old file")
            check.that(
                os.path.realpath(self.path) not in opened,
                "that the old file is not touched",
                "`path` was opened for writing",
            )


def same(check, data, content, what="the file"):
    """Fail with more than `they differ`."""
    if data != content:
        size = min(len(data), len(content))
        pairs = zip(data, content, strict=False)
        first = next((i for i, (a, b) in enumerate(pairs) if a != b), size)
        got = f"{len(data):,} bytes, other ones from number {first:,} on"
        check.fail(f"{what}, {len(content):,} bytes", got)


def first_bytes(peer):
    """From which byte on each request asked for the file."""
    ranges = [each.header("Range") or "" for each in peer.requests]
    found = [re.fullmatch(r"bytes=(\d+)-", text) for text in ranges]
    return [int(match[1]) if match else 0 for match in found]


def asked(check, peer, starts, etags=None):
    """The server must have been asked for exactly this."""
    label = "first bytes that were asked for, by request"
    check.equal(first_bytes(peer), starts, label)
    if etags:
        names = [each.header("If-Range") for each in peer.requests]
        check.equal(names, etags, "If-Range, by request")


def test_in_one_go(check):
    """The server sends the file, and the line holds."""
    place = Place(check)
    peer = check.peer(lab.shaky_file([lab.Part(FILE)], look=place.look))
    check.call(download, peer.url + "/file", place.path)
    place.has(FILE)
    asked(check, peer, [0])


def test_three_cuts(check):
    """The line is cut three times; there is an old file."""
    place = Place(check, OLD)
    sizes = [30_001, 8_193, 50_000, None]
    parts = [lab.Part(FILE, size) for size in sizes]
    peer = check.peer(lab.shaky_file(parts, look=place.look))
    check.mistake(
        "A part of the file was taken for the whole file. `Content-Length` "
        "says how much has to come; read in pieces, `http.client` does not "
        "count.",
        lambda it: it.error is None and len(peer.requests) < 4,
    )
    check.mistake(
        "It started over: after a cut it asked for the whole file again, and "
        "not for what was missing.",
        lambda it: first_bytes(peer) == [0] * 4,
    )
    check.mistake(
        PIECE, lambda it: any(0 < start < 30_001 for start in first_bytes(peer))
    )
    check.call(download, peer.url + "/file", place.path)
    asked(check, peer, [0, 30_001, 38_194, 88_194])
    place.has(FILE)


def test_another_version(check):
    """The line is cut, the file changes, and the line is cut twice more."""
    place = Place(check, OLD)
    parts = [lab.Part(FILE, 40_000), lab.Part(NEW, 30_000)]
    parts += [lab.Part(NEW, 10_000), lab.Part(NEW)]
    peer = check.peer(lab.shaky_file(parts, look=place.look))
    etags = [None, lab.etag_of(FILE), lab.etag_of(NEW), lab.etag_of(NEW)]
    check.mistake(
        "The rest of another version was put behind what had come. "
        "`If-Range` with the ETag of what you have makes the server send the "
        "rest only if the file is still the same.",
        lambda it: not any(each.header("If-Range") for each in peer.requests),
    )
    check.mistake(
        "The new file, which came whole with a 200, was put behind what had "
        "come of the old one. A 200 begins at the beginning.",
        lambda it: first_bytes(peer)[2:3] == [70_000],
    )
    check.mistake(
        "It asked with the ETag of the old version, though what it had was of "
        "the new one. The ETag belongs to the bytes that came with it.",
        lambda it: peer.requests[2].header("If-Range") == etags[1],
    )
    check.call(download, peer.url + "/file", place.path)
    asked(check, peer, [0, 40_000, 30_000, 40_000], etags)
    place.has(NEW)


def test_a_shorter_version(check):
    """The line is cut, and the file changes; the new one is quite short."""
    place = Place(check)
    parts = [lab.Part(FILE, 40_000), lab.Part(SHORT)]
    peer = check.peer(lab.shaky_file(parts, look=place.look))
    check.mistake(
        "Behind the new file there is the end of the old version: when the "
        "file starts again, cut off what had been written.",
        lambda it: place.path.read_bytes()[: len(SHORT)] == SHORT,
    )
    check.call(download, peer.url + "/file", place.path)
    place.has(SHORT)
    asked(check, peer, [0, 40_000])


def test_cuts_before_the_body(check):
    """The line is cut before an answer, after its headers, and later."""
    place = Place(check, OLD)
    sizes = [-1, 0, 1_000, -1, 0, None]
    parts = [lab.Part(FILE, size) for size in sizes]
    peer = check.peer(lab.shaky_file(parts, look=place.look))
    check.mistake(
        "No answer came: that counts as one of the ten, and what had come "
        "before is still of use.",
        lambda it: it.error is not None and len(peer.requests) < 6,
    )
    check.call(download, peer.url + "/file", place.path)
    asked(check, peer, [0, 0, 0, 1_000, 1_000, 1_000])
    place.has(FILE)


def test_the_tenth_request(check):
    """The line is cut nine times, and then it holds."""
    place = Place(check)
    parts = [lab.Part(FILE, 1_000)] * 9 + [lab.Part(FILE)]
    peer = check.peer(lab.shaky_file(parts, look=place.look))
    check.mistake(
        "It gave up before the tenth request, which would have brought the "
        "rest.",
        lambda it: it.error is not None and len(peer.requests) < 10,
    )
    check.call(download, peer.url + "/file", place.path)
    asked(check, peer, [number * 1_000 for number in range(10)])
    place.has(FILE)


@pytest.mark.parametrize("size", [1_000, -1])
@pytest.mark.parametrize("old", [OLD, None])
def test_ten_cuts(check, size, old):
    """The line is cut each time, ten times; the eleventh time it would hold."""
    place = Place(check, old)
    parts = [lab.Part(FILE, size)] * 10 + [lab.Part(FILE)]
    peer = check.peer(lab.shaky_file(parts, look=place.look))
    check.mistake(
        "It may send ten requests in all, the first one among them.",
        lambda it: len(peer.requests) > 10,
    )
    check.mistake(
        "What it raised is no OSError. A caller that expects failures of files "
        "and of the network expects that.",
        lambda it: it.error is not None and not isinstance(it.error, OSError),
    )
    check.raises(OSError, download, peer.url + "/file", place.path)
    check.equal(len(peer.requests), 10, "how many requests there were")
    place.failed()


@pytest.mark.parametrize("old", [OLD, None])
def test_no_such_file(check, old):
    """The server answers 404."""
    place = Place(check, old)
    site = check.peer(lab.origin())
    check.raises(OSError, download, site.url + "/file", place.path)
    place.failed()
