"""Requests that are under way together, shown by bare sockets."""

import socket
import threading

from netbasics import lab

CONTENTS = {f"/{number}": b"body %d" % number for number in range(1, 7)}


def send(peer, target):
    """A connection on which a request has been sent."""
    sock = socket.create_connection(peer.address, timeout=5)
    sock.sendall(f"GET {target} HTTP/1.1\r\nHost: lab\r\n\r\n".encode())
    return sock


def rest(sock):
    """All that comes."""
    data = b""
    with sock:
        while piece := sock.recv(65_536):
            data += piece
    return data


def test_nobody_is_answered_before_enough_are_there():
    crowd = lab.Crowd(2, 2, settle=0, patience=5)
    with lab.crowded(crowd, CONTENTS) as peer:
        one = send(peer, "/1")
        one.settimeout(0.1)
        try:
            early = one.recv(1)
        except TimeoutError:
            early = None
        one.settimeout(5)
        two = send(peer, "/2")
        assert early is None
        assert rest(two).endswith(b"body 2")
        assert rest(one).endswith(b"body 1")
        assert (crowd.peak, crowd.asked) == (2, 2)
        assert not peer.errors


def test_the_last_target_is_answered_first():
    crowd = lab.Crowd(3, 3, settle=0, patience=5)
    order = []
    with lab.crowded(crowd, CONTENTS) as peer:
        socks = {target: send(peer, target) for target in ("/2", "/3", "/1")}

        def read(target):
            # Noted before it closes: that is when the next one is answered.
            while socks[target].recv(65_536):
                pass
            order.append(target)
            socks[target].close()

        threads = [
            threading.Thread(target=read, args=(target,)) for target in socks
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert order == ["/3", "/2", "/1"]


def test_two_peers_share_a_crowd_and_see_who_is_too_many():
    crowd = lab.Crowd(2, 4, settle=0.5, patience=5)
    with (
        lab.crowded(crowd, CONTENTS) as peer,
        lab.crowded(crowd, CONTENTS) as other,
    ):
        socks = [send(peer, "/1"), send(other, "/2")]
        socks += [send(peer, "/3"), send(other, "/4")]
        assert peer.wait_for(2)
        assert other.wait_for(2)
        for sock in socks:
            sock.recv(1)
        for sock in socks:
            sock.close()
    assert (crowd.peak, crowd.asked) == (4, 4)


def test_a_request_after_the_headers_counts_when_the_body_is_on_its_way():
    crowd = lab.Crowd(1, 2, settle=0.5, patience=5)
    with lab.crowded(crowd, CONTENTS) as peer:
        one = send(peer, "/1")
        assert one.recv(8) == b"HTTP/1.1"
        two = send(peer, "/2")
        assert rest(one).endswith(b"body 1")
        assert rest(two).endswith(b"body 2")
    assert (crowd.asked, crowd.peak) == (1, 2)


def test_one_after_the_other_is_one_at_a_time():
    crowd = lab.Crowd(2, 4, settle=0, patience=0.2)
    with lab.crowded(crowd, CONTENTS) as peer:
        for target in ("/1", "/2", "/3", "/4"):
            assert rest(send(peer, target)).endswith(CONTENTS[target])
    assert crowd.peak == 1


def test_batches_and_a_steady_stream_are_both_fine():
    for size in (3, 4):
        crowd = lab.Crowd(size, 6, settle=0, patience=5)
        with lab.crowded(crowd, CONTENTS) as peer:
            targets = list(CONTENTS)
            while batch := targets[:size]:
                del targets[:size]
                socks = [send(peer, target) for target in batch]
                for sock in reversed(socks):
                    rest(sock)
        assert crowd.peak == size


def test_a_client_that_leaves_makes_way():
    crowd = lab.Crowd(1, 2, settle=0, patience=5)
    with lab.crowded(crowd, CONTENTS) as peer:
        send(peer, "/1").close()
        assert peer.wait_for(1)
        assert rest(send(peer, "/2")).endswith(b"body 2")
