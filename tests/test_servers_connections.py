import socket
import ssl
import threading
import time

import pytest

from netbasics import certs
from netbasics.servers import connections
from netbasics.servers.connections import Connection


@pytest.fixture
def client(pair):
    return pair[0]


@pytest.fixture
def connection(pair):
    return Connection(pair[1], ("127.0.0.1", 1))


def read_all(sock):
    received = b""
    while data := sock.recv(65536):
        received += data
    return received


def close_in_a_thread(connection):
    thread = threading.Thread(target=connection.close)
    thread.start()
    return thread


def test_the_last_words_arrive_although_input_is_unread(client, connection):
    client.sendall(b"x" * 100_000)
    connection.sock.sendall(b"last words")
    thread = close_in_a_thread(connection)
    client.sendall(b"and more")
    assert read_all(client) == b"last words"
    client.close()
    thread.join(5)
    assert connection.sock.fileno() == -1


def test_without_the_goodbye_they_do_not(pair):
    # The fault that close() repairs, to see that the test above can fail.
    client, server = pair
    client.sendall(b"x" * 100_000)
    server.sendall(b"last words")
    server.close()
    with pytest.raises(ConnectionResetError):
        read_all(client)


def test_a_peer_that_stays_is_not_waited_for_long(
    client, connection, monkeypatch
):
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.1)
    start = time.monotonic()
    connection.close()
    assert 0.05 < time.monotonic() - start < 1
    assert client.recv(10) == b""


def test_a_peer_that_never_stops_sending_is_cut(
    client, connection, monkeypatch
):
    monkeypatch.setattr(connections, "LINGER_BYTES", 1000)
    monkeypatch.setattr(connections, "LINGER_SECONDS", 30)
    thread = close_in_a_thread(connection)
    with pytest.raises(ConnectionError):
        client.sendall(b"x" * 50_000_000)
    thread.join(5)
    assert not thread.is_alive()


def test_nothing_is_waited_for_when_all_was_read(client, connection):
    connection.unread = False
    start = time.monotonic()
    connection.close()
    assert time.monotonic() - start < 0.4
    assert client.recv(10) == b""


def test_closing_twice_and_closing_what_is_closed(connection):
    connection.sock.close()
    connection.close()
    connection.close()


def test_shutdown_wakes_who_waits(client, connection):
    threading.Timer(0.05, connection.shutdown, [socket.SHUT_RD]).start()
    assert connection.sock.recv(10) == b""
    connection.sock.sendall(b"still")
    assert client.recv(10) == b"still"
    connection.shutdown(socket.SHUT_RDWR)
    connection.shutdown(socket.SHUT_RDWR)
    assert client.recv(10) == b""


@pytest.fixture
def authority():
    return certs.Authority()


def test_tls_stays_on_when_it_is_shut_for_reading(
    client, connection, authority
):
    # SSLSocket.shutdown() would switch TLS off, and what is sent after that
    # would be in clear.
    tls = authority.issue("127.0.0.1").server_context()

    def serve():
        connection.start_tls(tls)
        connection.shutdown(socket.SHUT_RD)
        connection.sock.sendall(b"secret")
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    trust = authority.client_context()
    with trust.wrap_socket(client, server_hostname="127.0.0.1") as sock:
        assert read_all(sock) == b"secret"
    thread.join(5)


def test_a_handshake_is_not_begun_after_the_end(connection, authority):
    connection.shutdown(socket.SHUT_RD)
    with pytest.raises(ConnectionAbortedError):
        connection.start_tls(authority.issue("a").server_context())
    connection.sock.close()


def test_a_client_that_speaks_no_tls(client, connection, authority):
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ssl.SSLError):
        connection.start_tls(authority.issue("a").server_context())
    assert connection.patience == 0
    connection.sock.close()


def test_reading_and_writing_with_a_limit(client, connection):
    client.sendall(b"hello")
    buffer = bytearray(10)
    assert connection.receive_into(buffer, 5) == 5
    connection.send_all(memoryview(b"answer"), 5)
    assert client.recv(10) == b"answer"
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"nothing came for 0\.05 s"):
        connection.receive_into(buffer, 0.05)
    assert time.monotonic() - start < 1


def test_much_is_sent_whole_to_a_peer_that_reads_late(client, connection):
    much = bytes(range(256)) * 80_000
    received = bytearray()

    def read_late():
        time.sleep(0.1)
        while data := client.recv(1 << 20):
            received.extend(data)

    thread = threading.Thread(target=read_late)
    thread.start()
    connection.send_all(much, 10)
    connection.send_all(b"end", 10)
    connection.shutdown(socket.SHUT_WR)
    thread.join(20)
    assert received == much + b"end"


def test_a_peer_that_reads_nothing_is_given_up(client, connection):
    with pytest.raises(TimeoutError):
        connection.send_all(b"x" * 50_000_000, 0.1)
    with pytest.raises(TimeoutError):
        connection.send_all(b"x" * 50_000_000, 0.1)
    # The limit for reading is as it was.
    client.sendall(b"x")
    assert connection.receive_into(bytearray(10), 5) == 1
