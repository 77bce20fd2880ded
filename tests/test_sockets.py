"""Exact reads, frames and connections."""

import errno
import pickle
import socket
import subprocess
import sys
import threading
import time

import pytest

from netbasics import sockets
from netbasics.deadlines import Deadline
from netbasics.errors import ConnectionClosed, DeadlineExceeded, FrameTooLarge


class Drip:
    """A peer whose bytes arrive one at a time; it counts what was taken."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.taken = 0

    def recv_into(self, buffer) -> int:
        piece = self.data[self.taken : self.taken + 1]
        buffer[: len(piece)] = piece
        self.taken += len(piece)
        return len(piece)


class RecvOnly:
    """A peer that only has `recv`, and never asks for a timeout."""

    def __init__(self, data: bytes) -> None:
        self.drip = Drip(data)

    def recv(self, size: int) -> bytes:
        buffer = bytearray(1)
        return bytes(buffer[: self.drip.recv_into(buffer)])


@pytest.fixture
def dripping(pair):
    """Our end of a connection whose peer sends a byte now and then."""
    ours, theirs = pair
    enough = threading.Event()

    def drip():
        while not enough.wait(0.02):
            theirs.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    yield ours
    enough.set()
    thread.join()


# so many bytes


def test_what_cannot_receive_is_named():
    for read in (lambda it: sockets.recv_exactly(it, 4), sockets.Reader):
        with pytest.raises(TypeError, match=r"from \('127\.0\.0\.1', 80\)"):
            read(("127.0.0.1", 80))


@pytest.mark.parametrize("fake", [Drip, RecvOnly])
def test_exactly_so_many_bytes_one_at_a_time(fake):
    peer = fake(b"hello, world")
    data = sockets.recv_exactly(peer, 5)
    assert data == b"hello"
    assert type(data) is bytes
    assert sockets.recv_exactly(peer, 7) == b", world"


def test_nothing_after_the_count_is_taken(pair):
    ours, theirs = pair
    theirs.sendall(b"abcdef")
    assert sockets.recv_exactly(ours, 3) == b"abc"
    assert ours.recv(100) == b"def"


def test_a_large_count_arrives_whole(pair):
    ours, theirs = pair
    data = bytes(range(256)) * 4096 * 4
    sender = threading.Thread(target=theirs.sendall, args=(data,))
    sender.start()
    assert sockets.recv_exactly(ours, len(data)) == data
    sender.join()


def test_no_bytes_are_had_without_asking_the_socket():
    assert sockets.recv_exactly(RecvOnly(b""), 0) == b""
    with pytest.raises(ValueError, match="-1 bytes"):
        sockets.recv_exactly(RecvOnly(b"abc"), -1)


@pytest.mark.parametrize("got", [0, 1, 9])
def test_an_early_end_says_got_and_wanted(got):
    with pytest.raises(ConnectionClosed, match=f"{got} of 10 bytes") as caught:
        sockets.recv_exactly(Drip(b"x" * got), 10)
    assert (caught.value.got, caught.value.wanted) == (got, 10)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.got, again.wanted) == (got, 10)


def test_a_silent_peer_is_given_up_after_the_sockets_timeout(pair):
    ours, theirs = pair
    ours.settimeout(0.05)
    theirs.sendall(b"abc")
    with pytest.raises(TimeoutError, match=r"0\.05 s, after 3 of 10") as caught:
        sockets.recv_exactly(ours, 10)
    assert not isinstance(caught.value, DeadlineExceeded)


def test_a_deadline_ends_what_a_timeout_does_not(dripping):
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"within 0\.2 s"):
        sockets.recv_exactly(dripping, 10_000, deadline=0.2)
    assert time.monotonic() - start < 0.7
    assert dripping.gettimeout() == 5


def test_a_deadline_is_seen_with_a_fake_that_knows_no_timeout():
    now = iter(range(100))
    deadline = Deadline(5, clock=lambda: float(next(now)))
    with pytest.raises(DeadlineExceeded, match="within 5 s"):
        sockets.recv_exactly(RecvOnly(b"x" * 50), 50, deadline=deadline)


def test_the_sockets_own_timeout_counts_if_it_is_shorter(pair):
    ours, _ = pair
    ours.settimeout(0.05)
    with pytest.raises(TimeoutError) as caught:
        sockets.recv_exactly(ours, 1, deadline=60)
    assert not isinstance(caught.value, DeadlineExceeded)
    assert ours.gettimeout() == 0.05


def test_a_socket_that_does_not_block_stays_so(pair):
    ours, _ = pair
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        sockets.recv_exactly(ours, 1, deadline=60)
    assert ours.gettimeout() == 0.0


# frames


@pytest.mark.parametrize("size", [0, 1, 5, 4096, 300_000])
def test_a_frame_arrives_as_it_was_sent(pair, size):
    ours, theirs = pair
    payload = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    sender = threading.Thread(target=sockets.send_frame, args=(theirs, payload))
    sender.start()
    assert sockets.recv_frame(ours) == payload
    sender.join()


def test_frames_do_not_stick_together(pair):
    ours, theirs = pair
    for word in (b"one", b"", b"three"):
        sockets.send_frame(theirs, word)
    assert [sockets.recv_frame(ours) for _ in range(3)] == [
        b"one",
        b"",
        b"three",
    ]


def test_a_frame_arrives_one_byte_at_a_time():
    peer = Drip(b"\0\0\0\x05helloextra")
    assert sockets.recv_frame(peer) == b"hello"
    assert peer.taken == 9


def test_a_frame_over_the_limit_is_refused_after_four_bytes():
    peer = Drip(b"\x80\0\0\0" + b"x" * 100)
    with pytest.raises(FrameTooLarge, match="2147483648 bytes") as caught:
        sockets.recv_frame(peer, limit=4096)
    assert peer.taken == 4
    assert (caught.value.size, caught.value.limit) == (2**31, 4096)


def test_the_limit_of_a_frame_is_inclusive():
    assert sockets.recv_frame(Drip(b"\0\0\0\x05hello"), limit=5) == b"hello"
    with pytest.raises(FrameTooLarge):
        sockets.recv_frame(Drip(b"\0\0\0\x05hello"), limit=4)


@pytest.mark.parametrize(
    ("came", "got", "wanted", "what"),
    [
        (b"", 0, 4, "header"),
        (b"\0\0", 2, 4, "header"),
        (b"\0\0\0\x05", 0, 5, "a frame"),
        (b"\0\0\0\x05hell", 4, 5, "a frame"),
    ],
)
def test_a_frame_that_is_cut_says_where(came, got, wanted, what):
    with pytest.raises(ConnectionClosed, match=what) as caught:
        sockets.recv_frame(Drip(came))
    assert (caught.value.got, caught.value.wanted) == (got, wanted)


def test_one_deadline_covers_header_and_payload(pair):
    ours, theirs = pair
    theirs.sendall(b"\0\0\0\x05hell")
    with pytest.raises(DeadlineExceeded, match="receiving a frame"):
        sockets.recv_frame(ours, deadline=0.05)


@pytest.mark.parametrize(
    "payload", [b"abc", bytearray(b"abc"), memoryview(b"abc")]
)
def test_any_bytes_can_be_a_payload(pair, payload):
    ours, theirs = pair
    sockets.send_frame(theirs, payload)
    assert sockets.recv_frame(ours) == b"abc"


def test_text_is_refused_with_the_repair(pair):
    with pytest.raises(TypeError, match=r"text\.encode\(\)"):
        sockets.send_frame(pair[0], "abc")


def test_a_frame_leaves_in_one_piece():
    class Recorder:
        def __init__(self):
            self.calls = []

        def sendall(self, data):
            self.calls.append(bytes(data))

    recorder = Recorder()
    sockets.send_frame(recorder, b"abc")
    assert recorder.calls == [b"\0\0\0\x03abc"]


# connections


def refused_port() -> socket.socket:
    """A socket that holds a port and does not listen on it."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


def found(*addresses):
    """What getaddrinfo returns for these."""
    return [
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)
        for address in addresses
    ]


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def silent():
    """An address that answers no connection: its backlog is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        try:
            for _ in range(20):
                sock = socket.socket()
                waiting.append(sock)
                sock.settimeout(0.1)
                sock.connect(listener.getsockname())
            pytest.skip("this kernel's backlog does not fill up")
        except TimeoutError:
            yield listener.getsockname()
        finally:
            for sock in waiting:
                sock.close()


def test_a_connection_has_its_timeout_and_sends_at_once(listener):
    with sockets.connect(listener.getsockname()) as sock:
        assert sock.gettimeout() == 5.0
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getpeername() == listener.getsockname()
    with sockets.connect(listener.getsockname(), timeout=None) as sock:
        assert sock.gettimeout() is None


def test_a_name_is_connected_to_as_well(listener):
    with sockets.connect(("localhost", listener.getsockname()[1])) as sock:
        assert sock.getpeername() == listener.getsockname()


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_and_what_getsockname_returns_for_it():
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on loopback here")
    with listener, sockets.connect(listener.getsockname()) as sock:
        assert sock.getpeername()[:2] == listener.getsockname()[:2]


def test_refused_says_what_to_try():
    with refused_port() as taken:
        host, port = taken.getsockname()
        with pytest.raises(
            ConnectionRefusedError,
            match=rf"127\.0\.0\.1 port {port}: nothing listens there",
        ) as caught:
            sockets.connect((host, port))
    assert caught.value.errno == errno.ECONNREFUSED
    assert "Is the server running" in str(caught.value)


def test_a_refused_name_tells_each_address():
    with refused_port() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=r"127\.0\.0\.1: Connection refused"):
            sockets.connect(("localhost", port))


def test_the_next_address_is_tried(listener, monkeypatch):
    with refused_port() as taken:
        answer = found(taken.getsockname(), listener.getsockname())
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer)
        with sockets.connect(("two.example", 80)) as sock:
            assert sock.getpeername() == listener.getsockname()


def test_a_silent_address_leaves_time_for_the_next(
    listener, silent, monkeypatch
):
    answer = found(silent, listener.getsockname())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer)
    with sockets.connect(("two.example", 80), timeout=1.0) as sock:
        assert sock.getpeername() == listener.getsockname()
        assert sock.gettimeout() == 1.0


def test_silence_ends_with_the_total_time(silent, monkeypatch):
    answer = found(silent, silent, silent)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer)
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded, match="does not answer") as caught:
        sockets.connect(("three.example", 80), timeout=0.3)
    assert time.monotonic() - start < 0.8
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, OSError)
    assert "three.example port 80" in str(caught.value)


def test_a_refusal_tells_more_than_silence(silent, monkeypatch):
    with refused_port() as taken:
        answer = found(taken.getsockname(), silent)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answer)
        with pytest.raises(ConnectionRefusedError, match="no answer"):
            sockets.connect(("two.example", 80), timeout=0.2)


def test_a_running_deadline_is_shared(silent):
    deadline = Deadline(0.2)
    with pytest.raises(DeadlineExceeded, match=r"within 0\.2 s"):
        sockets.connect(silent, timeout=deadline)
    with pytest.raises(DeadlineExceeded):
        sockets.connect(silent, timeout=deadline)


def test_a_look_up_that_hangs_is_given_up(monkeypatch):
    over = threading.Event()

    def hangs(*args, flags=0, **kwargs):
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        over.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    start = time.monotonic()
    try:
        with pytest.raises(DeadlineExceeded, match=r"name 'slow\.example'"):
            sockets.connect(("slow.example", 80), timeout=0.1)
        assert time.monotonic() - start < 0.6
    finally:
        over.set()


@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "a" * 64 + ".example", "a\0b", "a..b"]
)
def test_a_name_that_does_not_resolve(host, monkeypatch):
    real = socket.getaddrinfo

    def offline(host, *args, flags=0, **kwargs):
        # No name server is asked, so the test runs without a network.
        return real(host, *args, flags=flags | socket.AI_NUMERICHOST, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(socket.gaierror, match="does not resolve") as caught:
        sockets.connect((host, 80))
    assert caught.value.errno == socket.EAI_NONAME


@pytest.mark.parametrize("port", [0, -1, 65536, 10**9])
def test_a_port_that_does_not_exist(port, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)  # nothing is looked up
    with pytest.raises(ValueError, match=f"port {port} does not exist"):
        sockets.connect(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("address", "kind", "hint"),
    [
        (("127.0.0.1", "80"), TypeError, r"write int\(...\)"),
        (("127.0.0.1", None), TypeError, "the port is a number"),
        (("", 80), ValueError, "host is empty"),
        (("http://localhost", 80), ValueError, "host alone"),
        ((b"localhost", 80), TypeError, "host is a text"),
        (80, TypeError, "pair"),
        (("localhost",), TypeError, "pair"),
        ("127.0.0.1:80", TypeError, "pair"),
    ],
)
def test_what_is_no_address_is_named(address, kind, hint):
    with pytest.raises(kind, match=hint):
        sockets.connect(address)


def test_a_socket_that_meets_itself_is_refused(listener, monkeypatch):
    address = listener.getsockname()
    monkeypatch.setattr(
        socket.socket, "getsockname", lambda self: self.getpeername()
    )
    with pytest.raises(ConnectionRefusedError, match="nothing listens there"):
        sockets.connect(address)


def test_the_module_imports_nothing_heavy():
    code = (
        "import sys, netbasics.sockets;"
        "heavy = {'ssl', 'asyncio', 'requests', 'email'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
