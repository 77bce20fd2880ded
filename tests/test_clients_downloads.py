"""Downloads: whole or not at all, resumed from the first missing byte."""

import errno
import gzip
import hashlib
import os
import random
import subprocess

import pytest
import requests
from clients_help import (
    CLOSE,
    Site,
    answer,
    at_most,
    redirect,
    reset,
    unused_port,
)

from netbasics import clients, errors, lab
from netbasics.clients.downloads import PATIENT
from netbasics.retries import RetryPolicy

CONTENT = random.Random(1).randbytes(200_000)
OTHER = random.Random(2).randbytes(150_000)
QUICK = RetryPolicy(tries=10, base=0.001, failures=PATIENT.failures)


class Files:
    """Serves one file with ranges, as RFC 9110 has it, and cuts answers."""

    def __init__(self, content=CONTENT, etag='"one"', cuts=(), cut=reset):
        self.content = content
        self.etag = etag
        self.cuts = list(cuts)  # after how many bytes, for each answer
        self.cut = cut
        self.ranges = True

    def __call__(self, sock, seen):
        start = self._start(seen)
        if start >= len(self.content) > 0:
            return answer(b"", "416 No")
        head = {"ETag": self.etag} if self.etag else {}
        status, rest = "200 OK", self.content[start:]
        if start:
            status = "206 Partial Content"
            last = len(self.content) - 1
            head["Content_Range"] = f"bytes {start}-{last}/{last + 1}"
        whole = answer(rest, status, **head)
        if not self.cuts:
            return whole
        size = self.cuts.pop(0)
        sock.sendall(whole[: len(whole) - len(rest) + size])
        return self.cut(sock, seen)

    def _start(self, seen):
        asked = seen["Range"]
        if not asked or not self.ranges:
            return 0
        if seen["If-Range"] not in (None, self.etag):
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))


def close(_sock, _request):
    return CLOSE


def asked(site):
    return [seen["Range"] for seen in site.seen]


@pytest.fixture
def path(tmp_path):
    """Where to; in the end nothing but that file may be there."""
    yield tmp_path / "file.bin"
    assert {p.name for p in tmp_path.iterdir()} <= {"file.bin"}


@pytest.mark.parametrize("content", [b"", b"x", CONTENT])
def test_a_file_is_downloaded(path, content):
    with Site([Files(content)]) as site:
        assert clients.download(site.url, path) == path
        assert len(site.seen) == 1
    assert path.read_bytes() == content


def test_it_is_what_curl_gets(path, tmp_path_factory):
    theirs = tmp_path_factory.mktemp("curl") / "file"
    with Site([Files()]) as site:
        clients.download(site.url, str(path))
        subprocess.run(
            ["curl", "-sS", "-o", theirs, site.url], check=True, timeout=30
        )
    assert path.read_bytes() == theirs.read_bytes()
    assert path.stat().st_mode == theirs.stat().st_mode


@pytest.mark.parametrize("cut", [reset, close])
def test_after_a_cut_the_rest_is_asked_for(path, cut):
    files = Files(cuts=[50_000, 1, 100_000], cut=cut)
    with Site([files]) as site:
        clients.download(site.url, path, retries=QUICK)
        if cut is close:  # a reset may destroy what was not yet read
            starts = [None, "bytes=50000-", "bytes=50001-", "bytes=150001-"]
            assert asked(site) == starts
        conditions = [seen["If-Range"] for seen in site.seen]
        encodings = {seen["Accept-Encoding"] for seen in site.seen}
    assert conditions[1:] == ['"one"'] * (len(conditions) - 1)
    assert encodings == {"identity"}
    assert path.read_bytes() == CONTENT


def test_silence_in_the_middle_is_resumed_too(path):
    with Site([]) as site:
        files = Files(cuts=[50_000], cut=site.silence)
        site.replies.append(files)
        clients.download(site.url, path, retries=QUICK, timeout=0.2)
        assert asked(site) == [None, "bytes=50000-"]
    assert path.read_bytes() == CONTENT


def test_a_file_that_changed_comes_again_from_the_start(path):
    files = Files(cuts=[50_000, 50_000, 50_000], cut=close)

    def changing(sock, seen):
        if len(site.seen) == 3:
            files.content, files.etag = OTHER, '"two"'
        return files(sock, seen)

    with Site([changing]) as site:
        clients.download(site.url, path, retries=QUICK)
        starts = [None, "bytes=50000-", "bytes=100000-", "bytes=50000-"]
        assert asked(site) == starts
        assert site.seen[2]["If-Range"] == '"one"'
        assert site.seen[3]["If-Range"] == '"two"'
    assert path.read_bytes() == OTHER


def test_nothing_of_the_first_version_is_left_in_the_second(path):
    files = Files(cuts=[100_000], cut=close)
    small = OTHER[:50_000]

    def changing(sock, seen):
        if len(site.seen) == 2:
            files.content, files.etag = small, '"two"'
        return files(sock, seen)

    hashed = hashlib.sha256(small).hexdigest()
    with Site([changing]) as site:
        clients.download(site.url, path, retries=QUICK, sha256=hashed)
    assert path.read_bytes() == small


@pytest.mark.parametrize("etag", [None, 'W/"one"', "one", '"'])
def test_without_a_strong_etag_it_starts_over(path, etag):
    with Site([Files(etag=etag, cuts=[50_000], cut=close)]) as site:
        clients.download(site.url, path, retries=QUICK)
        assert asked(site) == [None, None]
    assert path.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over(path):
    files = Files(cuts=[50_000], cut=close)
    files.ranges = False
    with Site([files]) as site:
        clients.download(site.url, path, retries=QUICK)
        assert asked(site) == [None, "bytes=50000-"]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "wrong",
    [
        answer(b"xx", "206 Partial", Content_Range="bytes 0-1/200000"),
        answer(b"xx", "206 Partial", Content_Range="bytes 50001-50002/200000"),
        answer(b"xx", "206 Partial", Content_Range="bytes 50000-50001/3"),
        answer(b"xx", "206 Partial", Content_Range="bytes 50000-50001/*"),
        answer(b"xx", "206 Partial", Content_Range="rubbish"),
        answer(b"xx", "206 Partial"),
        answer(
            b"x" * 150_000,
            "206 Partial",
            Content_Range="bytes 50000-199999/200000",
            ETag='"two"',
        ),
        answer(b"", "416 Range Not Satisfiable"),
    ],
    ids=["start", "late", "total", "no total", "bad", "none", "etag", "416"],
)
def test_a_wrong_range_is_not_glued_on(path, wrong):
    files = Files(cuts=[50_000], cut=close)
    with Site([files, wrong, files]) as site:
        clients.download(site.url, path, retries=QUICK)
        assert asked(site) == [None, "bytes=50000-", None]
    assert path.read_bytes() == CONTENT


def test_a_range_that_is_too_short_is_continued(path):
    files = Files(cuts=[50_000], cut=close)
    short = answer(
        CONTENT[50_000:60_000],
        "206 Partial",
        Content_Range="bytes 50000-59999/200000",
        ETag='"one"',
    )
    with Site([files, short, files]) as site:
        clients.download(site.url, path, retries=QUICK)
        assert asked(site)[2] == "bytes=60000-"
    assert path.read_bytes() == CONTENT


def test_ten_requests_and_no_more(path):
    path.write_bytes(b"old")
    with Site([Files(cuts=[1000] * 20, cut=close)]) as site:
        with pytest.raises(clients.ConnectionLost) as caught:
            clients.download(site.url, path, sleep=lambda seconds: None)
        assert caught.value.tries == len(site.seen) == 10
        assert asked(site)[9] == "bytes=9000-"
    assert isinstance(caught.value, OSError)
    assert path.read_bytes() == b"old"


def test_retry_after_is_waited_for(path):
    naps = []
    busy = answer(b"", "503 Busy", Retry_After="7")
    with Site([busy, Files()]) as site:
        clients.download(site.url, path, sleep=naps.append)
    assert naps == [7.0]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("status", ["404 No", "403 No", "500 Oh"])
def test_a_refusal_is_final(path, status):
    path.write_bytes(b"old")
    with Site([answer(b"<html>", status)]) as site:
        with pytest.raises(requests.HTTPError, match=status[:3]) as caught:
            clients.download(site.url, path)
        assert len(site.seen) == 1
    assert isinstance(caught.value, clients.StatusError)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("status", ["204 Empty", "202 Later", "304 Same"])
def test_what_is_no_file_is_no_download(path, status):
    with Site([answer(b"", status)]) as site:
        with pytest.raises(clients.StatusError, match=status):
            clients.download(site.url, path)
        assert len(site.seen) == 1


def test_a_refused_connection_is_tried_again(path):
    url = f"http://127.0.0.1:{unused_port()}/"
    naps = []
    with pytest.raises(clients.NotConnected, match="after 3 tries"):
        clients.download(url, path, retries=2, sleep=naps.append)
    assert len(naps) == 2


def test_the_hash_is_checked(path):
    path.write_bytes(b"old")
    right = hashlib.sha256(CONTENT).hexdigest()
    with Site([Files(OTHER)]) as site:
        with pytest.raises(clients.WrongHash, match="150000 bytes"):
            clients.download(site.url, path, sha256=right)
        assert path.read_bytes() == b"old"
        with pytest.raises(ValueError, match="64 hexadecimal"):
            clients.download(site.url, path, sha256="abc")
    files = Files(cuts=[50_000, 50_000], cut=close)
    with Site([files]) as site:
        clients.download(site.url, path, sha256=right.upper(), retries=QUICK)
    assert path.read_bytes() == CONTENT


def test_the_deadline_holds_for_all_of_it(path):
    with Site([]) as site:
        files = Files(cuts=[1000], cut=site.drip(b"x" * 1000))
        site.replies.append(files)
        late = pytest.raises(clients.DeadlineExceeded)
        with at_most(0.4), late:
            clients.download(site.url, path, deadline=0.4, timeout=0.3)
    naps = []
    with Site([answer(b"", "503 Busy", Retry_After="5")]) as site:
        with pytest.raises(clients.StatusError):
            clients.download(site.url, path, deadline=3, sleep=naps.append)
        assert naps == []


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_too_large_is_refused(path, announced):
    def endless(sock, _request):
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sock.sendall(bytes(65536))

    reply = answer(b"", Content_Length=10**9) if announced else endless
    with Site([reply]) as site:
        with pytest.raises(errors.LimitExceeded):
            clients.download(site.url, path, max_bytes=1_000_000)
        assert len(site.seen) == 1


def test_a_range_cannot_exceed_the_limit_either(path):
    files = Files(cuts=[50_000], cut=close)
    more = answer(
        b"",
        "206 Partial",
        Content_Range=f"bytes 50000-{10**9 - 1}/{10**9}",
        Content_Length=10**9 - 50_000,
    )
    refused = pytest.raises(errors.LimitExceeded)
    with Site([files, more, answer(b"", "404 No")]) as site, refused:
        clients.download(site.url, path, retries=QUICK, max_bytes=1_000_000)


def test_progress_is_told(path):
    calls = []
    files = Files(cuts=[50_000], cut=close)
    with Site([files]) as site:
        clients.download(
            site.url,
            path,
            retries=QUICK,
            progress=lambda *numbers: calls.append(numbers),
        )
    received = [received for received, _ in calls]
    assert received == sorted(received)
    assert received[-1] == 200_000
    assert 50_000 in received
    assert {total for _, total in calls} == {200_000}


def test_progress_that_raises_stops_the_download(path):
    path.write_bytes(b"old")

    def stop(_received, _total):
        raise KeyboardInterrupt

    with Site([Files()]) as site, pytest.raises(KeyboardInterrupt):
        clients.download(site.url, path, progress=stop)
    assert path.read_bytes() == b"old"


def test_without_a_length_the_total_is_unknown(path):
    calls = []

    def until_close(sock, _request):
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT)
        return CLOSE

    with Site([until_close]) as site:
        clients.download(site.url, path, progress=lambda *n: calls.append(n))
    assert calls[-1] == (200_000, None)
    assert path.read_bytes() == CONTENT


def test_a_server_that_packs_all_the_same_is_unpacked(path):
    packed = answer(gzip.compress(CONTENT), Content_Encoding="gzip", ETag='"1"')

    def cut_once(sock, seen):
        if len(site.seen) == 1:
            sock.sendall(packed[:-1000])
            return CLOSE
        return packed

    with Site([cut_once]) as site:
        clients.download(site.url, path, retries=QUICK)
        assert asked(site) == [None, None]
    assert path.read_bytes() == CONTENT


def test_a_redirect_is_followed_each_time_and_keys_stay_at_home(path):
    with (
        Site([Files(cuts=[50_000], cut=close)]) as storage,
        Site([redirect(storage.url)]) as home,
        clients.session(headers={"X-Key": "hush"}) as session,
    ):
        clients.download(
            home.url,
            path,
            session=session,
            headers={"Authorization": "hush"},
            retries=QUICK,
        )
        assert len(home.seen) == 2
        assert asked(storage) == [None, "bytes=50000-"]
        assert "hush" not in repr(storage.seen)
    assert path.read_bytes() == CONTENT


def test_a_connection_is_used_for_several_files_of_a_session(tmp_path):
    with Site([Files()]) as site, clients.session() as session:
        for name in "ab":
            clients.download(site.url, tmp_path / name, session=session)
        assert site.connections == 1


def test_the_folder_must_be_there_before_anything_is_asked(tmp_path):
    with Site([Files()]) as site:
        with pytest.raises(FileNotFoundError):
            clients.download(site.url, tmp_path / "no" / "file")
        with pytest.raises(IsADirectoryError, match="name of a file"):
            clients.download(site.url, tmp_path)
        assert site.seen == []


def test_a_full_disk_leaves_the_old_file(path, monkeypatch):
    path.write_bytes(b"old")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with Site([Files()]) as site, pytest.raises(OSError, match="No space"):
        clients.download(site.url, path)
    assert path.read_bytes() == b"old"


def test_two_downloads_to_one_name_do_not_mix(path):
    # The second starts and ends while the first is in the middle.
    def meanwhile(received, _total):
        if received == 150_000 and not path.exists():
            with Site([Files(CONTENT)]) as other:
                clients.download(other.url, path)

    slow = Files(OTHER)
    with Site([slow]) as site:
        clients.download(site.url, path, progress=meanwhile)
    assert path.read_bytes() == OTHER


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path):
    with Site([Files(b"x")]) as site:
        path = clients.download(site.url, tmp_path / ("n" * 255))
    assert path.read_bytes() == b"x"


def test_the_lab_s_cut_download_is_resumed(path):
    with lab.cut_download(CONTENT, cuts=3) as peer:
        clients.download(peer.url, path, retries=QUICK)
        assert len(peer.requests) == 4
    assert path.read_bytes() == CONTENT


def test_a_folder_that_is_not_there_is_named_before_anything_is_asked(tmp_path):
    path = tmp_path / "none" / "file"
    with lab.refused() as peer, pytest.raises(FileNotFoundError) as caught:
        clients.download(peer.url, path)
    assert repr(str(path.parent)) in str(caught.value)
    assert ".part" not in str(caught.value)
