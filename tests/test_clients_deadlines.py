"""No call hangs: each phase, dripped or silent, ends with the deadline."""

import contextlib
import gzip
import logging
import pickle
import socket
import sys
import threading
import timeit

import pytest
import requests
from clients_help import CLOSE, Site, answer, at_most, redirect, unused_port

from netbasics import certs, clients, errors, guard, lab
from netbasics.deadlines import Deadline
from netbasics.retries import Failure, RetryPolicy
from netbasics.servers import TCPServer

SLOW_HEAD = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"


def test_dripped_headers_end_with_the_deadline():
    with Site([]) as site:
        site.replies.append(site.drip(SLOW_HEAD))
        with at_most(0.4), pytest.raises(clients.DeadlineExceeded) as caught:
            clients.get(site.url, timeout=0.3, deadline=0.4)
    assert "response to GET http://127.0.0.1" in str(caught.value)
    assert "0.4 s" in str(caught.value)


def test_without_a_deadline_a_drip_beats_every_timeout():
    # The trap itself, to see that the test above could fail.
    with Site([]) as site:
        site.replies.append(site.drip(answer(b"")))
        answered = clients.get(site.url, timeout=0.3, deadline=None)
    assert answered.elapsed.total_seconds() > 1.5


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_a_dripped_body_ends_with_the_deadline(stream, packed):
    kind = {"Content_Encoding": "gzip"} if packed else {}
    body = gzip.compress(bytes(range(250)))
    with Site([]) as site:
        drip = site.drip(body)

        def reply(sock, request):
            sock.sendall(answer(body, **kind)[: -len(body)])
            return drip(sock, request)

        site.replies.append(reply)
        with at_most(0.5), pytest.raises(clients.DeadlineExceeded) as caught:
            _ = clients.get(
                site.url, stream=stream, timeout=0.4, deadline=0.5
            ).content
    assert "reading the body of GET" in str(caught.value)


def test_a_chunked_drip_ends_with_the_deadline():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    def chunks(sock, _request):
        sock.sendall(head)
        while not site.over.wait(0.05):
            sock.sendall(b"1\r\nx\r\n")
        return CLOSE

    late = pytest.raises(clients.DeadlineExceeded)
    with Site([chunks]) as site, at_most(0.4), late:
        clients.get(site.url, deadline=0.4)


def test_the_time_of_the_caller_between_pieces_counts():
    pause = threading.Event()
    with (
        Site([answer(b"x" * 10_000_000)]) as site,
        clients.get(site.url, stream=True, deadline=0.3) as response,
    ):
        pieces = response.iter_content(1000)
        next(pieces)
        pause.wait(0.4)
        with pytest.raises(clients.DeadlineExceeded):
            list(pieces)


def test_an_endless_series_of_continue_ends_with_the_deadline():
    def go_on(sock, _request):
        while not site.over.wait(0.05):
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return CLOSE

    late = pytest.raises(clients.DeadlineExceeded)
    with Site([go_on]) as site, at_most(0.3), late:
        clients.get(site.url, deadline=0.3)


def test_a_silent_server_is_told_from_a_late_one():
    with Site([]) as site:
        site.replies.append(site.silence)
        with at_most(0.2), pytest.raises(clients.TimedOut) as caught:
            clients.get(site.url, timeout=(5, 0.2), deadline=10)
        assert "silent for 0.2 s" in str(caught.value)
        assert isinstance(caught.value, TimeoutError)
        assert isinstance(caught.value, requests.ReadTimeout)
        assert len(site.seen) == 1
        with at_most(0.2), pytest.raises(clients.DeadlineExceeded):
            clients.get(site.url, timeout=10, deadline=0.2)


def test_silence_in_the_body_is_a_timeout_too():
    with Site([]) as site:
        site.replies.append(answer(b"abc", Content_Length=10))
        with at_most(0.2), pytest.raises(clients.TimedOut, match="reading"):
            clients.get(site.url, timeout=0.2)


def test_each_hop_of_a_redirect_has_the_same_deadline():
    def slowly(_sock, _request):
        site.over.wait(0.15)
        return redirect("/again")

    with Site([slowly]) as site:
        with at_most(0.5), pytest.raises(clients.DeadlineExceeded):
            clients.get(site.url, timeout=0.4, deadline=0.5)
        assert 2 <= len(site.seen) <= 5


def test_the_pauses_of_retries_are_within_the_deadline():
    busy = answer(b"", "503 Busy")
    policy = RetryPolicy(tries=100, base=0.1, jitter=lambda ceiling: 0.15)
    with Site([busy]) as site, at_most(0.5):
        response = clients.get(site.url, retries=policy, deadline=0.5)
        # With no time left for another try it hands out the last response.
        assert response.status_code == 503
        assert 2 <= response.tries == len(site.seen) <= 4


def test_a_silent_tls_handshake_ends_with_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with at_most(0.3), pytest.raises(clients.DeadlineExceeded):
            clients.get(url, deadline=0.3)


def test_a_dripped_tls_handshake_is_one_wait():
    # A record header announces 16 KiB of handshake, which drips in.
    def handshake(sock, _peer):
        sock.recv(4096)
        sock.sendall(b"\x16\x03\x03\x3f\xff")
        while not over.wait(0.05):
            sock.sendall(b"\x02")

    over = threading.Event()
    with TCPServer(handshake) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with at_most(0.3), pytest.raises(clients.TimedOut):
            clients.get(url, timeout=0.3, deadline=5)
        with at_most(0.3), pytest.raises(clients.DeadlineExceeded):
            clients.get(url, timeout=5, deadline=0.3)
        over.set()


@pytest.fixture(scope="module")
def authority():
    return certs.Authority()


def test_the_deadline_holds_inside_tls(authority, tmp_path):
    tls = authority.issue("127.0.0.1").server_context()
    ca = str(authority.write_pem(tmp_path / "ca.pem"))
    with Site([answer(b"ok")], tls=tls) as site:
        site.replies.append(site.drip(SLOW_HEAD))
        with clients.session(verify=ca) as session:
            assert session.get(site.url).text == "ok"
            with at_most(0.4), pytest.raises(clients.DeadlineExceeded):
                session.get(site.url, timeout=0.3, deadline=0.4)


def test_connecting_ends_with_the_timeout():
    with lab.full_backlog() as peer:
        with at_most(0.3), pytest.raises(clients.NotConnected) as caught:
            clients.get(peer.url, timeout=0.3, retries=0)
        assert isinstance(caught.value, requests.ConnectTimeout)
        assert isinstance(caught.value, TimeoutError)
        with at_most(0.3), pytest.raises(clients.DeadlineExceeded):
            clients.get(peer.url, timeout=5, deadline=0.3)


def test_a_silent_name_server_does_not_hold_the_call(monkeypatch):
    over = threading.Event()

    def never(*_args, **_kwargs):
        over.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with at_most(0.3), pytest.raises(clients.DeadlineExceeded):
        clients.get("http://name.example/", deadline=0.3)
    over.set()


def test_many_silent_addresses_share_the_timeout(monkeypatch):
    with lab.full_backlog() as peer:
        monkeypatch.setattr(guard, "resolve", lambda *a, **k: ["127.0.0.1"] * 5)
        url = f"http://name.example:{peer.port}/"
        with at_most(0.3), pytest.raises(clients.NotConnected):
            clients.get(url, timeout=0.3, retries=0)


@pytest.mark.skipif(
    sys.platform != "linux", reason="a full backlog is silent on Linux only"
)
def test_a_silent_address_leaves_time_for_the_next(monkeypatch):
    both = ["127.0.0.2", "127.0.0.1"]
    monkeypatch.setattr(guard, "resolve", lambda *a, **k: both)
    with (
        Site([answer()]) as site,
        socket.create_server(("127.0.0.2", site.port), backlog=0) as full,
        contextlib.ExitStack() as stack,
    ):
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with at_most(1):
            url = f"http://name.example:{site.port}/"
            assert clients.get(url, timeout=1).text == "ok"


def test_an_upload_that_nobody_reads_ends_with_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with at_most(0.4), pytest.raises(requests.Timeout):
            clients.post(url, bytes(50_000_000), deadline=0.4)
        chunks = iter([bytes(65536)] * 1000)
        with at_most(0.4), pytest.raises(requests.Timeout):
            clients.post(url, chunks, timeout=0.3, deadline=0.4)


def test_an_upload_that_is_read_slowly_ends_with_the_deadline():
    def sip(sock, _peer):
        while not over.wait(0.02) and sock.recv(20_000):
            pass

    over = threading.Event()
    with TCPServer(sip) as server:
        chunks = iter([bytes(20_000)] * 5000)
        late = pytest.raises(clients.DeadlineExceeded)
        with at_most(0.6), late:
            clients.post(
                f"http://127.0.0.1:{server.port}",
                chunks,
                timeout=0.5,
                deadline=0.6,
            )
        over.set()


def test_a_deadline_is_new_for_each_call_of_a_session():
    with Site([answer()]) as site:
        with clients.session(deadline=0.4) as session:
            end = threading.Event()
            for _ in range(6):
                assert session.get(site.url).text == "ok"
                end.wait(0.1)
        assert site.connections == 1


def test_a_running_deadline_is_shared_by_several_calls():
    with Site([]) as site:
        site.replies.append(site.silence)
        shared = Deadline(0.3)
        with at_most(0.3):
            for _ in range(3):
                with pytest.raises(clients.DeadlineExceeded):
                    clients.get(site.url, deadline=shared)


def test_the_connection_of_a_call_that_was_too_late_is_not_used_again():
    with Site([]) as site, clients.session(timeout=0.2) as session:
        site.replies += [site.silence, answer(b"second")]
        with pytest.raises(clients.TimedOut):
            session.get(site.url)
        assert session.get(site.url).text == "second"
        assert site.connections == 2


def test_an_http_proxy_that_drips_its_connect_ends_with_the_deadline():
    with Site([]) as proxy:
        proxy.replies.append(proxy.drip(SLOW_HEAD))
        with at_most(0.4), pytest.raises(clients.DeadlineExceeded):
            clients.get(
                "https://127.0.0.1:9/",
                proxies={"https": proxy.url},
                timeout=0.3,
                deadline=0.4,
            )


def test_errors_are_ours_and_those_of_requests_and_can_be_pickled():
    with Site([]) as site:
        site.replies.append(site.silence)
        with pytest.raises(requests.Timeout) as caught:
            clients.get(site.url, deadline=0.1)
        with pytest.raises(requests.RequestException) as refused:
            clients.get(f"http://127.0.0.1:{unused_port()}/", retries=0)
    error = caught.value
    assert isinstance(error, errors.DeadlineExceeded)
    assert isinstance(error, TimeoutError)
    assert error.seconds == 0.1
    assert error.request.method == "GET"
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.request is None
    assert isinstance(refused.value, requests.ConnectionError)
    assert isinstance(refused.value, errors.NetbasicsError)
    assert refused.value.failure is Failure.UNSENT
    assert isinstance(refused.value.__cause__, ConnectionRefusedError)


def test_an_error_tells_no_story_of_the_caller():
    # Its cause is the system's error, not what the caller was handling.
    caught = None
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        try:
            clients.get(f"http://127.0.0.1:{unused_port()}/", retries=0)
        except clients.NotConnected as error:
            caught = error
    assert isinstance(caught.__cause__, ConnectionRefusedError)


def test_a_session_costs_no_more_than_requests(caplog):
    # Half of it, on a busy machine; the benchmarks ask for 0.95.
    caplog.set_level(logging.WARNING)
    with (
        Site([answer(b"x" * 1000)]) as site,
        clients.session() as ours,
        requests.Session() as theirs,
    ):

        def best(session):
            return min(
                timeit.repeat(
                    lambda: session.get(site.url), number=50, repeat=5
                )
            )

        best(ours)
        assert best(ours) < 2 * best(theirs)
