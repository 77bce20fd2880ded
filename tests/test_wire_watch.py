"""A watch: what this program's own client sockets said, and nothing changed."""

import array
import asyncio
import errno
import gc
import http.client
import json
import os
import pickle
import socket
import struct
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netbasics import certs, clients, lab, playground, servers, sockets, wire
from netbasics.wire import hooks, methods

LINGER_RESET = struct.pack("ii", 1, 0)
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux behaviour")


@pytest.fixture(autouse=True)
def nothing_stays():
    """Whatever a test does, the socket classes are as before."""
    import ssl

    before = dict(vars(socket.socket)), dict(vars(ssl.SSLSocket))
    yield
    assert (dict(vars(socket.socket)), dict(vars(ssl.SSLSocket))) == before
    assert not hooks._watching
    assert not hooks._replaced


def app(environ, start_response):
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size) or b"hello"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def kinds(seen, connection=None):
    events = seen.transcript.filter(connection=connection)
    return [event.kind for event in events]


def notes(seen):
    return " ".join(event.note for event in seen.transcript)


def send_until_it_fails(sock):
    for _ in range(1000):
        sock.send(b"x")


def interrupt():
    assert "recv" in vars(socket.socket)
    raise KeyboardInterrupt


def both(seen, connection=None):
    transcript = seen.transcript
    return (
        transcript.data("to-server", connection),
        transcript.data("to-client", connection),
    )


@pytest.fixture
def seen():
    """An open watch; it must have had no trouble of its own."""
    with wire.watch() as found:
        yield found
    assert found.errors == ()


class TestWhatIsSeen:
    def test_requests_as_a_tap_sees_it(self):
        with servers.serve(app) as server, wire.tap(server) as tap:
            with wire.watch() as seen:
                answer = requests.post(tap.url + "/a", data=b"x" * 100_000)
            tap.wait()
        assert answer.text == "x" * 100_000
        assert seen.errors == ()
        # The client's connection to the tap, and the tap's to the server.
        first, second = seen.transcript.flows
        assert first.server == tap.address
        assert second.server == server.address
        for way in ("to-server", "to-client"):
            through = tap.transcript.data(way)
            assert seen.transcript.data(way, first.number) == through
            assert seen.transcript.data(way, second.number) == through
        (exchange,) = seen.transcript.exchanges(first.number)
        assert exchange.request.target == "/a"
        assert exchange.response.status == 200

    def test_only_the_client_s_end(self, seen):
        with servers.EchoServer() as server:
            assert sockets.ask(server.address, b"hello") == b"hello"
        (flow,) = seen.transcript.flows
        assert flow.server == server.address
        assert not flow.tapped
        assert both(seen) == (b"hello", b"hello")
        assert kinds(seen) == [
            "connect",
            "chunk",
            "half-close",
            "chunk",
            "close",
        ]
        directions = [event.direction for event in seen.transcript]
        assert directions == ["to-server"] * 3 + ["to-client"] * 2

    def test_a_close_by_the_client(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            with server:
                client.sendall(b"bye")
                client.close()
                client.close()
                assert server.recv(10) == b"bye"
        assert kinds(seen) == ["connect", "chunk", "half-close"]
        assert "reads no more" in notes(seen)
        assert len(seen.transcript.flows) == 1

    def test_what_was_connected_before_is_not_seen(self, pair):
        client, server = pair
        with wire.watch() as seen:
            client.sendall(b"hello")
            assert server.recv(10) == b"hello"
            server.sendall(b"back")
            assert client.recv(10) == b"back"
            client.shutdown(socket.SHUT_WR)
        assert len(seen.transcript) == 0

    def test_a_shutdown_then_a_close(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            with client, server:
                client.shutdown(socket.SHUT_WR)
                server.close()
                assert client.recv(10) == b""
                assert client.recv(10) == b""
        assert kinds(seen) == ["connect", "half-close", "close"]
        assert notes(seen).strip() == ""

    def test_deaf_by_choice_is_no_goodbye_of_the_server(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            with client, server:
                client.shutdown(socket.SHUT_RD)
                assert client.recv(10) == b""
                assert kinds(seen) == ["connect"]

    def test_a_reset_by_the_server(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname(), 5)
            server, _ = listener.accept()
            server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
            server.close()
            with client, pytest.raises(ConnectionResetError):
                client.recv(10)
        assert kinds(seen) == ["connect", "reset"]
        assert seen.transcript[-1].direction == "to-client"
        assert "reset (RST) from the server" in seen.diagram()

    @linux
    def test_a_broken_pipe_is_a_reset(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname(), 5)
            server, _ = listener.accept()
            server.close()
            assert client.recv(1) == b""
            with client, pytest.raises(BrokenPipeError):
                send_until_it_fails(client)
        assert kinds(seen)[-1] == "reset"
        assert kinds(seen)[1] == "half-close"

    @pytest.mark.parametrize("how", ["linger", "unread"])
    @linux
    def test_a_reset_by_the_client(self, seen, how):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname(), 5)
            server, _ = listener.accept()
            with server:
                if how == "linger":
                    client.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET
                    )
                else:
                    server.sendall(b"nobody reads this")
                    assert client.recv(1, socket.MSG_PEEK) == b"n"
                client.close()
                with pytest.raises(ConnectionResetError):
                    server.recv(10)
        assert "reset" in kinds(seen)
        reset = seen.transcript.filter(kind="reset")[0]
        assert reset.direction == "to-server"
        assert reset.note == ""
        assert ("17 bytes unread" in notes(seen)) == (how == "unread")

    def test_what_is_only_peeked_at_is_not_there_twice(self, seen):
        with (
            servers.GreetingServer(b"hello") as server,
            sockets.connect(server.address) as sock,
        ):
            assert sock.recv(10, socket.MSG_PEEK) == b"hello"
            assert sock.recv(10) == b"hello"
        assert both(seen)[1] == b"hello"

    def test_a_refused_connect(self, seen):
        with lab.refused() as peer, pytest.raises(ConnectionRefusedError):
            sockets.connect(peer.address)
        assert kinds(seen) == ["connect", "reset", "note"]
        (flow,) = seen.transcript.flows
        assert flow.server == tuple(peer.address)
        assert not flow.reached

    def test_a_connect_that_times_out(self, seen):
        with lab.full_backlog() as peer, pytest.raises(TimeoutError):
            socket.create_connection(peer.address, timeout=0.2)
        # The first connections are those that fill the server's queue.
        last = len(seen.transcript.flows)
        assert kinds(seen, last) == ["connect", "note"]
        note = seen.transcript.filter(connection=last)[-1]
        assert note.time >= 0.15
        assert "Timed out" in notes(seen)
        assert "no answer to connect for 0." in notes(seen)

    def test_connect_ex(self, seen):
        with servers.EchoServer() as server, socket.socket() as sock:
            sock.settimeout(5)
            assert sock.connect_ex(server.address) == 0
            again = sock.connect_ex(server.address)
            assert again in (0, errno.EISCONN)  # the system's choice
            sock.sendall(b"hi")
        with lab.refused() as peer, socket.socket() as sock:
            assert sock.connect_ex(peer.address) == errno.ECONNREFUSED
        assert kinds(seen, 1)[:2] == ["connect", "chunk"]
        assert kinds(seen, 2) == ["connect", "reset", "note"]

    def test_a_name_without_an_address_is_no_connection(self, seen):
        with socket.socket() as sock, pytest.raises(socket.gaierror):
            sock.connect(("no..such..name", 80))
        assert len(seen.transcript) == 0

    def test_a_receive_that_times_out(self, seen):
        with (
            servers.EchoServer() as server,
            socket.create_connection(server.address, 0.1) as sock,
        ):
            sock.settimeout(0.001)
            for _ in range(100):
                with pytest.raises(TimeoutError):
                    sock.recv(10)
        assert "recv timed out after 0.001 s" in notes(seen)
        # Remarks have no share in the limit, so they must be few.
        assert kinds(seen).count("note") <= 10

    def test_a_sendall_that_is_stuck(self, seen):
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname(), 0.1) as sock,
            pytest.raises(TimeoutError),
        ):
            sock.sendall(b"x" * 50_000_000)
        assert "How much of it went out is not known" in notes(seen)
        assert both(seen)[0] == b""

    def test_a_socket_that_nobody_closes(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            with server:
                with pytest.warns(ResourceWarning):
                    del client
                assert server.recv(10) == b""
        assert "Nobody closed this socket" in notes(seen)

    def test_what_is_still_open_at_the_end(self):
        with servers.EchoServer() as server:
            with wire.watch() as seen:
                sock = sockets.connect(server.address)
                sock.sendall(b"in")
            sock.sendall(b"out")
            sock.close()
        assert both(seen)[0] == b"in"
        assert "Still open when the watch ended" in notes(seen)

    def test_the_answer_is_never_before_the_question(self, seen):
        # One thread sends on the socket, another one reads from it.
        with (
            servers.EchoServer() as server,
            sockets.connect(server.address) as sock,
        ):
            got = []

            def read():
                for _ in range(200):
                    got.append(sockets.recv_exactly(sock, 4))

            reader = threading.Thread(target=read)
            reader.start()
            for number in range(200):
                sock.sendall(b"%04d" % number)
                while len(got) <= number:
                    time.sleep(0)
            reader.join(10)
        there = back = 0
        for event in seen.transcript.filter(kind="chunk"):
            if event.direction == "to-server":
                there += event.size
            else:
                back += event.size
            assert back <= there
        assert there == back == 800

    def test_many_threads_at_once(self, seen):
        with servers.EchoServer() as server:

            def ask(number):
                data = b"%03d" % number * 1000
                assert sockets.ask(server.address, data) == data

            threads = [
                threading.Thread(target=ask, args=(n,)) for n in range(20)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        assert len(seen.transcript.flows) == 20
        for flow in seen.transcript.flows:
            there, back = both(seen, flow.number)
            assert there == back
            assert len(there) == 3000


class TestMethods:
    def test_all_that_send(self, seen):
        with (
            servers.EchoServer() as server,
            sockets.connect(server.address) as sock,
        ):
            sent = [
                sock.send(b"a"),
                sock.sendall(bytearray(b"bc")),
                sock.sendall(memoryview(b"_de_")[1:3]),
                sock.sendall(array.array("H", [1, 2])),
                sock.sendmsg([b"f", bytearray(b"g")]),
                sock.sendmsg(part for part in (b"h", b"i")),
                sock.sendall(b""),
            ]
            assert sent == [1, None, None, None, 2, 2, None]
            expected = b"abcde" + array.array("H", [1, 2]).tobytes()
            expected += b"fghi"
            assert sockets.recv_exactly(sock, 13) == expected
        assert both(seen) == (expected, expected)

    def test_all_that_receive(self, seen):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname(), 5)
            server, _ = listener.accept()
            with client, server:
                small, parts = bytearray(3), [bytearray(1), bytearray(2)]
                calls = [
                    lambda: client.recv(3),
                    lambda: client.recv_into(small),
                    lambda: client.recv_into(small, nbytes=3),
                    lambda: client.recvfrom(3)[0],
                    lambda: client.recvfrom_into(small, 3)[0],
                    lambda: client.recvmsg(3)[0],
                    lambda: client.recvmsg_into(parts)[0],
                    lambda: client.recvmsg_into(iter(parts))[0],
                ]
                expected = b""
                for number, call in enumerate(calls):
                    data = b"%03d" % number
                    server.sendall(data)
                    assert call() in (data, 3)
                    expected += data
                assert client.recv(0) == b""
                assert client.recv_into(bytearray()) == 0
        assert both(seen)[1] == expected
        # Asking for nothing and getting it is no goodbye.
        assert "close" not in kinds(seen)

    def test_files_made_of_a_socket(self, seen):
        with servers.EchoServer() as server:
            sock = sockets.connect(server.address)
            with sock.makefile("rwb") as file:
                sock.close()  # the file still reads
                file.write(b"line\n")
                file.flush()
                assert kinds(seen) == ["connect", "chunk"]
                assert file.readline() == b"line\n"
        assert kinds(seen)[-1] == "half-close"

    def test_an_object_that_takes_over(self, seen):
        with servers.EchoServer() as server:
            first = sockets.connect(server.address)
            second = socket.socket(fileno=first.detach())
            third = second.dup()
            second.settimeout(5)
            second.sendall(b"two")
            second.close()
            assert kinds(seen) == ["connect", "chunk"]
            with third:
                third.settimeout(5)
                third.sendall(b"three")
                assert sockets.recv_exactly(third, 8) == b"twothree"
        assert both(seen) == (b"twothree", b"twothree")
        assert kinds(seen)[-1] == "half-close"
        assert len(seen.transcript.flows) == 1

    def test_a_subclass_with_methods_of_its_own(self, seen):
        calls = []

        class Own(socket.socket):
            __hash__ = None
            timeout_asked = 0

            def __eq__(self, other):
                raise AssertionError("nobody compares me")

            def recv(self, *args):
                calls.append("recv")
                return super().recv(*args)

            def gettimeout(self):
                calls.append("gettimeout")
                return super().gettimeout()

            def getpeername(self):
                raise AssertionError("nobody asks me")

        with servers.EchoServer() as server, Own() as sock:
            sock.connect(server.address)
            sock.sendall(b"hello")
            assert sock.recv(5) == b"hello"
        assert calls == ["recv"]
        assert both(seen) == (b"hello", b"hello")

    def test_clients_with_deadlines(self, seen):
        with servers.serve(app) as server:
            assert clients.get(server.url).text == "hello"
        assert len(seen.transcript.flows) == 1
        assert [e.response.status for e in seen.transcript.exchanges()] == [200]

    def test_an_ipv6_connection(self, seen):
        try:
            server = servers.EchoServer(host="::1").start()
        except OSError:
            pytest.skip("no IPv6 here")
        with server:
            assert sockets.ask(server.address, b"six") == b"six"
        assert f" to [::1]:{server.port}" in seen.diagram()

    def test_other_families_are_left_alone(self, seen):
        one, other = socket.socketpair()
        with one, other:
            one.sendall(b"hello")
            assert other.recv(10) == b"hello"
        assert len(seen.transcript) == 0


class TestDatagrams:
    def test_a_question_and_its_answer(self, seen):
        with servers.UDPEchoServer() as server:
            assert sockets.ask_udp(server.address, b"ping") == b"ping"
        assert kinds(seen) == ["datagram", "datagram"]
        assert both(seen) == (b"ping", b"ping")
        (flow,) = seen.transcript.flows
        assert (flow.protocol, flow.server) == ("udp", server.address)

    def test_a_server_that_waited_before(self):
        ready, done = threading.Event(), threading.Event()

        def serve(sock):
            ready.set()
            for _ in range(50):
                data, peer = sock.recvfrom(100)
                sock.sendto(data, peer)
            done.set()

        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(10)
            thread = threading.Thread(target=serve, args=(sock,))
            thread.start()
            ready.wait(5)
            with wire.watch() as seen:
                for _ in range(50):
                    sockets.ask_udp(sock.getsockname(), b"ping")
            done.wait(5)
            thread.join(5)
        assert len(seen.transcript.flows) == 50
        assert kinds(seen).count("datagram") == 100

    def test_the_one_who_sends_first_is_the_client(self, seen):
        with (
            socket.socket(type=socket.SOCK_DGRAM) as one,
            socket.socket(type=socket.SOCK_DGRAM) as other,
        ):
            for sock in (one, other):
                sock.bind(("127.0.0.1", 0))
                sock.settimeout(5)
            one.sendto(b"", 0, ("localhost", other.getsockname()[1]))
            _, peer = other.recvfrom(10)
            other.sendto(b"back", peer)
            other.sendto(b"more", peer)
            buffer = bytearray(10)
            assert one.recvfrom_into(buffer)[0] == 4
            assert one.recvmsg(10)[0] == b"more"
        assert kinds(seen) == ["datagram"] * 3
        assert both(seen) == (b"", b"backmore")
        assert notes(seen).strip() == ""

    def test_a_connected_one(self, seen):
        with (
            servers.UDPEchoServer() as server,
            socket.socket(type=socket.SOCK_DGRAM) as sock,
        ):
            sock.settimeout(5)
            sock.connect(server.address)
            sock.send(b"ping")
            assert sock.recv(10) == b"ping"
            own = sock.getsockname()
        (flow,) = seen.transcript.flows
        assert (flow.client, flow.server) == (own, server.address)
        assert both(seen) == (b"ping", b"ping")

    def test_one_that_asks_two(self, seen):
        with (
            servers.UDPEchoServer() as one,
            servers.UDPEchoServer() as two,
            socket.socket(type=socket.SOCK_DGRAM) as sock,
        ):
            sock.settimeout(5)
            for server in (one, two):
                sock.sendmsg(
                    [b"to ", b"%d" % server.port], [], 0, server.address
                )
                sock.recv_into(bytearray(100))
        flows = seen.transcript.flows
        assert [flow.server for flow in flows] == [one.address, two.address]

    def test_an_answer_from_somebody_else(self, seen):
        with (
            socket.socket(type=socket.SOCK_DGRAM) as client,
            socket.socket(type=socket.SOCK_DGRAM) as server,
            socket.socket(type=socket.SOCK_DGRAM) as other,
        ):
            server.bind(("127.0.0.1", 0))
            client.settimeout(5)
            server.settimeout(5)
            client.sendto(b"who?", server.getsockname())
            _, peer = server.recvfrom(10)
            other.sendto(b"me", peer)
            client.recvfrom(10)
        assert "who was not asked" in notes(seen)

    @linux
    def test_nobody_there(self, seen):
        with socket.socket(type=socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            address = free.getsockname()
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.connect(address)
            sock.send(b"hello?")
            with pytest.raises(ConnectionRefusedError):
                sock.recv(10)
        assert "Nothing listens there" in notes(seen)


@pytest.fixture(scope="module")
def authority():
    return certs.Authority()


class TestTLS:
    def test_what_is_inside_is_seen(self, seen, authority):
        context = authority.issue("127.0.0.1").server_context()
        with servers.serve(app, tls=context) as server:
            connection = http.client.HTTPSConnection(
                *server.address, context=authority.client_context(), timeout=5
            )
            connection.request("POST", "/secret", b"body" * 10)
            assert connection.getresponse().read() == b"body" * 10
            connection.close()
        (exchange,) = seen.transcript.exchanges()
        assert exchange.request.target == "/secret"
        assert exchange.response.body == b"body" * 10
        assert "TLSv1.3 with 127.0.0.1" in notes(seen)
        assert "encrypted on the way" in notes(seen)
        assert len(seen.transcript.flows) == 1

    def test_clients_with_deadlines(self, seen, authority, tmp_path):
        context = authority.issue("127.0.0.1").server_context()
        pem = authority.write_pem(tmp_path / "ca.pem")
        with servers.serve(app, tls=context) as server:
            assert requests.get(server.url, verify=str(pem)).text == "hello"
            with clients.session() as session:
                answer = session.get(server.url, verify=str(pem))
            assert answer.text == "hello"
        exchanges = seen.transcript.exchanges()
        assert [e.response.body for e in exchanges] == [b"hello"] * 2

    def test_wrapped_before_it_is_connected(self, seen, authority):
        context = authority.issue("127.0.0.1").server_context()
        with servers.TCPServer(servers.echo.echo, tls=context) as server:
            trusting = authority.client_context()
            with trusting.wrap_socket(
                socket.socket(), server_hostname="127.0.0.1"
            ) as sock:
                sock.settimeout(5)
                sock.connect(server.address)
                assert sock.write(b"one") == 3
                sock.sendall(b"two")
                assert sockets.recv_exactly(sock, 6) == b"onetwo"
                sock.send(b"three")
                buffer = bytearray(5)
                got = 0
                while got < 5:
                    got += sock.recv_into(memoryview(buffer)[got:])
        assert both(seen) == (b"onetwothree", b"onetwothree")

    def test_a_certificate_that_is_not_trusted(self, seen, authority):
        import ssl

        context = authority.issue("127.0.0.1").server_context()
        with servers.serve(app, tls=context) as server:
            sock = sockets.connect(server.address)
            with pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(
                    sock, server_hostname="127.0.0.1"
                )
        assert "The TLS handshake failed" in notes(seen)
        assert both(seen) == (b"", b"")

    @pytest.mark.anyio
    async def test_asyncio_s_is_labelled_as_what_it_is(self, seen, authority):
        context = authority.issue("127.0.0.1").server_context()
        with servers.serve(app, tls=context) as server:
            reader, writer = await asyncio.open_connection(
                *server.address,
                ssl=authority.client_context(),
                server_hostname="127.0.0.1",
            )
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            assert (await reader.read()).endswith(b"hello")
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        assert b"hello" not in both(seen)[1]
        assert "TLS ClientHello" in seen.diagram()

    def test_ssl_that_is_imported_only_inside(self):
        code = (
            "import sys\n"
            "from netbasics.wire.watching import watch\n"
            "assert 'ssl' not in sys.modules\n"
            "with watch() as seen:\n"
            "    from netbasics import certs, servers, sockets\n"
            "    from netbasics.servers.echo import echo\n"
            "    a = certs.Authority()\n"
            "    c = a.issue('127.0.0.1').server_context()\n"
            "    with servers.TCPServer(echo, tls=c) as server:\n"
            "        with a.client_context().wrap_socket(\n"
            "            sockets.connect(server.address),\n"
            "            server_hostname='127.0.0.1',\n"
            "        ) as sock:\n"
            "            sock.sendall(b'hello')\n"
            "            print(sockets.recv_exactly(sock, 5))\n"
            "print(seen.transcript.data('to-client'), seen.errors)\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert done.stderr == ""
        assert done.stdout == "b'hello'\nb'hello' ()\n"


class TestAsyncio:
    @pytest.mark.anyio
    async def test_streams(self, seen):
        with servers.EchoServer() as server:
            reader, writer = await asyncio.open_connection(*server.address)
            writer.write(b"hello")
            writer.write_eof()
            assert await reader.read() == b"hello"
            writer.close()
            await writer.wait_closed()
        assert both(seen) == (b"hello", b"hello")
        assert kinds(seen) == [
            "connect",
            "chunk",
            "half-close",
            "chunk",
            "close",
        ]

    @pytest.mark.anyio
    async def test_the_loop_s_own_calls(self, seen):
        loop = asyncio.get_running_loop()
        with servers.EchoServer() as server, socket.socket() as sock:
            sock.setblocking(False)
            await loop.sock_connect(sock, server.address)
            await loop.sock_sendall(sock, b"x" * 300_000)
            sock.shutdown(socket.SHUT_WR)
            got = b""
            while data := await loop.sock_recv(sock, 65536):
                got += data
        assert got == b"x" * 300_000
        assert both(seen) == (got, got)

    @pytest.mark.anyio
    async def test_a_refusal(self, seen):
        with lab.refused() as peer, pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*peer.address)
        assert kinds(seen) == ["connect", "reset", "note"]

    @pytest.mark.anyio
    async def test_aiohttp(self, seen):
        import aiohttp

        with servers.serve(app) as server:
            async with (
                aiohttp.ClientSession() as session,
                session.get(server.url) as answer,
            ):
                assert await answer.text() == "hello"
        assert [e.response.status for e in seen.transcript.exchanges()] == [200]
        assert len(seen.transcript.flows) == 1

    @pytest.mark.anyio
    async def test_a_server_of_asyncio_is_not_there_twice(self, seen):
        async def echo(reader, writer):
            writer.write(await reader.read())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            address = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"hello")
            writer.write_eof()
            assert await reader.read() == b"hello"
            writer.close()
            await writer.wait_closed()
        assert both(seen) == (b"hello", b"hello")
        assert len(seen.transcript.flows) == 1


class TestComingAndGoing:
    def test_it_is_gone_after_an_exception(self):
        with pytest.raises(KeyboardInterrupt), wire.watch():
            interrupt()
        assert "recv" not in vars(socket.socket)

    def test_two_at_once_record_both(self):
        with (
            servers.EchoServer() as server,
            wire.watch() as outer,
        ):
            sockets.ask(server.address, b"one")
            with wire.watch() as inner:
                sockets.ask(server.address, b"two")
            sockets.ask(server.address, b"three")
        assert both(outer)[0] == b"onetwothree"
        assert both(inner)[0] == b"two"

    def test_two_that_end_in_the_wrong_order(self):
        with servers.EchoServer() as server:
            first, second = wire.watch().start(), wire.watch().start()
            first.stop()
            sockets.ask(server.address, b"one")
            second.stop()
        assert both(first)[0] == b""
        assert both(second)[0] == b"one"

    def test_stopping_twice_starting_twice_starting_anew(self):
        watch = wire.watch()
        with servers.EchoServer() as server:
            with watch:
                with pytest.raises(RuntimeError, match="open already"):
                    watch.start()
                sockets.ask(server.address, b"one")
            watch.stop()
            with watch:
                sockets.ask(server.address, b"two")
        assert both(watch)[0] == b"two"

    def test_a_method_that_was_kept_works_on(self, pair):
        client, server = pair
        with wire.watch():
            send, receive = client.send, server.recv
        assert send(b"hello") == 5
        assert receive(10) == b"hello"

    @pytest.mark.parametrize("order", ["inside", "around", "crossed"])
    def test_with_the_offline_internet(self, order):
        watch, internet = wire.watch(), playground.internet()
        first, second = (watch, internet), (internet, watch)
        opened = second if order == "around" else first
        closed = first if order == "crossed" else reversed(opened)
        try:
            for each in opened:
                each.start()
            answer = requests.get("http://www.example.com/")
        finally:
            for each in closed:
                each.stop()
        assert answer.status_code == 200
        assert watch.errors == ()
        (exchange,) = watch.transcript.exchanges()
        assert exchange.request.get("Host") == "www.example.com"
        if order == "crossed":
            # Its methods put ours back: put them away, they do nothing.
            left = [n for n in methods.PLAIN if n in vars(socket.socket)]
            for name in left:
                if name not in ("close", "detach", "dup"):
                    delattr(socket.socket, name)

    def test_the_classes_stay_what_they_are(self):
        before = socket.socket
        with wire.watch(), socket.socket() as sock:
            assert socket.socket is before
            assert type(sock) is before
            assert pickle.loads(pickle.dumps(before)) is before
            with pytest.raises(TypeError, match="pickle"):
                pickle.dumps(sock)
            assert not hasattr(sock, "__dict__")

    def test_mistakes_are_told_as_before(self, pair):
        client, _ = pair
        mistakes = [
            lambda: client.recv(),
            lambda: client.recv("x"),
            lambda: client.recv(-1),
            lambda: client.recv(size=3),
            lambda: client.send("text"),
            lambda: client.send(),
            lambda: client.sendall(b"", 0, 0),
            lambda: client.sendto(b"x"),
            lambda: client.sendto(b"x", "nowhere"),
            lambda: client.sendmsg(5),
            lambda: client.sendmsg(["text"]),
            lambda: client.recv_into(b"fixed"),
            lambda: client.recvmsg_into(5),
            lambda: client.connect(),
            lambda: client.connect("nowhere"),
            lambda: client.connect(address=("127.0.0.1", 1)),
            lambda: client.connect(("127.0.0.1", 99999)),
            lambda: client.connect_ex(("127.0.0.1", "http")),
            lambda: client.shutdown(),
            lambda: client.shutdown("x"),
            lambda: client.getsockopt(),
            lambda: client.close(1),
            lambda: socket.socket.recv(None, 1),
            lambda: socket.socket().recv(1),
            lambda: socket.socket().shutdown(socket.SHUT_WR),
        ]

        def told():
            found = []
            for mistake in mistakes:
                with pytest.raises(
                    (OSError, TypeError, ValueError, OverflowError)
                ) as caught:
                    mistake()
                error = caught.value
                found.append((type(error), str(error), error.args))
            return found

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            without = told()
            with wire.watch() as seen:
                within = told()
            gc.collect()
        assert within[:-4] == without[:-4] or within == without
        assert within[-3:] == without[-3:]
        assert seen.errors == ()

    def test_blocking_and_timeouts_stay(self, seen):
        with (
            servers.EchoServer() as server,
            socket.create_connection(server.address, 0.05) as sock,
        ):
            assert sock.gettimeout() == 0.05
            began = time.monotonic()
            with pytest.raises(TimeoutError):
                sock.recv(1)
            assert 0.04 <= time.monotonic() - began < 1
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(1)
        assert kinds(seen).count("note") == 1

    def test_its_own_trouble_is_not_the_program_s(self, monkeypatch):
        def broken(*_):
            raise RuntimeError("the watch is broken")

        monkeypatch.setattr("netbasics.wire.witness.Witness.sent", broken)
        with servers.EchoServer() as server, wire.watch() as seen:
            for _ in range(20):
                assert sockets.ask(server.address, b"hello") == b"hello"
        assert "the watch is broken" in seen.errors[0]
        assert len(seen.errors) <= 10

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    def test_a_child_process_is_not_watched(self, seen):
        with servers.EchoServer() as server:
            child = os.fork()
            if child == 0:
                os._exit(0 if not hooks._watching else 1)
            assert os.waitpid(child, 0)[1] == 0
            sockets.ask(server.address, b"hello")
        assert both(seen)[0] == b"hello"

    def test_nothing_is_kept_of_sockets_that_are_gone(self, seen):
        with servers.serve(app) as server:
            for _ in range(5):
                requests.get(server.url)
        gc.collect()
        end = time.monotonic() + 5
        witness = hooks._watching[0]
        while witness._known and time.monotonic() < end:
            time.sleep(0.01)  # threads of the server let go
            gc.collect()
        assert witness._known == {}
        assert witness._refs == {}
        assert witness._streams == {}


class TestViews:
    def test_the_repr_has_the_state(self):
        watch = wire.watch()
        assert repr(watch) == "<Watch: closed, 0 connections, 0 bytes>"
        with servers.EchoServer() as server, watch:
            sockets.ask(server.address, b"hello")
            assert repr(watch) == "<Watch: open, 1 connections, 10 bytes>"
            assert "hello" in str(watch)

    def test_several_connections_have_their_targets(self, seen):
        with servers.EchoServer() as one, servers.EchoServer() as two:
            for server in (one, one, two, two, two):
                sockets.ask(server.address, b"hello")
        text = seen.diagram()
        assert f"Connection 1 to 127.0.0.1:{one.port}, from" in text
        same = f"Connection 2 to 127.0.0.1:{one.port}: the same again"
        assert same in text
        same = f"Connections 3 to 5 to 127.0.0.1:{two.port}: the same again"
        assert same in text

    def test_files(self, seen, tmp_path):
        with servers.EchoServer() as server, lab.refused() as nobody:
            sockets.ask(server.address, b"hello")
            with pytest.raises(ConnectionRefusedError):
                sockets.connect(nobody.address)
        for suffix in ("txt", "svg", "json", "har", "pcap"):
            path = seen.save(tmp_path / f"seen.{suffix}")
            assert path.stat().st_size > 100 or suffix == "har"
        document = json.loads((tmp_path / "seen.json").read_text("utf-8"))
        assert document["connections"][0]["tapped"] is False
        assert seen._repr_svg_().startswith("<svg")

    def test_the_limit(self):
        with servers.EchoServer() as server, wire.watch(limit=10_000) as seen:
            for _ in range(20):
                assert len(sockets.ask(server.address, b"x" * 3000)) == 3000
        assert not seen.transcript.complete
        kept = sum(len(event.data) for event in seen.transcript)
        assert kept <= 10_000
        assert "Not all of it is here: 10,000 bytes are kept" in str(seen)
        with pytest.raises(ValueError, match="limit=-1"):
            wire.watch(limit=-1)


# Each step of a conversation: who sends how much, in which way it is read.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "tell", "halves", "peek", "late"]),
        st.binary(max_size=300),
        st.integers(1, 400),
    ),
    max_size=12,
)


def converse(steps):
    """Play a conversation; return all that its calls returned and raised."""
    told = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), 5)
        server, _ = listener.accept()
        server.settimeout(5)
        with client, server:
            for what, data, size in steps:
                one, other = client, server
                if what == "tell":
                    one, other = server, client
                if what == "halves":
                    told.append(one.sendmsg([data[:9], memoryview(data)[9:]]))
                else:
                    told.append(one.sendall(data))
                got = b""
                while len(got) < len(data):
                    if what == "peek":
                        other.recv(1, socket.MSG_PEEK)
                    buffer = bytearray(min(size, len(data) - len(got)))
                    count = other.recv_into(buffer)
                    got += buffer[:count]
                told.append(got)
                if what == "late":
                    other.setblocking(False)
                    try:
                        other.recv(10)
                    except BlockingIOError as error:
                        told.append(error.args)
                    other.settimeout(5)
            told.append(client.shutdown(socket.SHUT_WR))
            told.append(server.recv(10))
            told.append(client.gettimeout())
    return told


@given(steps=STEPS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_a_conversation_is_the_same_with_and_without(steps):
    without = converse(steps)
    with wire.watch() as seen:
        within = converse(steps)
    assert within == without
    assert seen.errors == ()
    back = b"".join(data for what, data, _ in steps if what == "tell")
    there = b"".join(data for what, data, _ in steps if what != "tell")
    assert both(seen) == (there, back)


def test_it_costs_little():
    def once(count=1500):
        one, other = socket.socketpair(socket.AF_UNIX)
        with (
            servers.EchoServer() as server,
            one,
            other,
            sockets.connect(server.address) as sock,
        ):
            began = time.process_time()
            for _ in range(count):
                sock.sendall(b"x" * 100)
                sockets.recv_exactly(sock, 100)
            return time.process_time() - began

    once(100)
    without, within = [], []
    for _ in range(3):
        without.append(once())
        with wire.watch():
            within.append(once())
    # Measured: 1.2 to 1.8 times as much as without. What grows with what has
    # passed would take a hundred times as much.
    assert sum(within) < 8 * sum(without)
