import socket
import threading

from netbasics import lab


def pair():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=5)
        server, _ = listener.accept()
    return client, server


def test_nobody_has_accepted():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), timeout=5) as client,
    ):
        client.sendall(b"hello")
        assert not lab.taken(client, timeout=0.05)


def test_accepted_and_nothing_sent():
    client, server = pair()
    with client, server:
        assert lab.taken(client)


def test_bytes_that_lie_unread():
    client, server = pair()
    with client, server:
        client.sendall(b"hello")
        assert not lab.taken(client, timeout=0.05)
        server.recv(3)
        assert not lab.taken(client, timeout=0.05)
        server.recv(2)
        assert lab.taken(client)


def test_it_waits_for_the_reader():
    client, server = pair()
    may_read = threading.Event()

    def read():
        may_read.wait(5)
        server.recv(100)

    reader = threading.Thread(target=read)
    reader.start()
    with client, server:
        client.sendall(b"hello")
        assert not lab.taken(client, timeout=0.05)
        may_read.set()
        assert lab.taken(client)
        reader.join(5)


def test_bytes_that_found_no_room_yet():
    client, server = pair()
    with client, server:
        client.setblocking(False)
        sent = 0
        try:
            while True:
                sent += client.send(b"x" * 65_536)
        except BlockingIOError:
            pass
        assert not lab.taken(client, timeout=0.05)
        while sent:
            sent -= len(server.recv(1 << 20))
        assert lab.taken(client)
