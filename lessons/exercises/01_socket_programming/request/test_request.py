"""Checks request."""

import socket

from request import request

from netbasics import lab

LONG = 2  # seconds that a try never needs here, however busy the machine is
SHORT = 0.1
TRY = 0.25
STRAY = (
    "An answer to something else was taken for the answer. Compare the first "
    "four bytes with the id that was sent, and wait on if they differ."
)


def other_id(question, data):
    """Make an answer whose id is not that of the question."""
    number = int.from_bytes(question[:4], "big") ^ 1
    return number.to_bytes(4, "big") + data


def sockets(check, address):
    """Return the flows to the server: one for each socket that was used."""
    # Somebody else, who sends strays, is in the record as well.
    flows = check.watch.transcript.flows
    return [flow for flow in flows if flow.server == address]


def sent(check, address):
    """Return the datagrams that the learner's function sent."""
    numbers = {flow.number for flow in sockets(check, address)}
    return [
        event.data
        for event in check.watch.transcript
        if event.kind == "datagram"
        and event.direction == "to-server"
        and event.connection in numbers
    ]


def sends_are(check, address, count):
    check.mistake(
        "After a datagram that is no answer the request was sent again. Such "
        "a datagram does not end a try: wait on for the rest of its time.",
        lambda it: it.value == b"right" and len(sent(check, address)) > count,
    )
    check.mistake(
        "`tries` counts all sends, with the first one.",
        lambda it: (
            isinstance(it.error, TimeoutError)
            and len(sent(check, address)) in (count + 1, count - 1)
        ),
    )
    check.equal(len(sent(check, address)), count, "datagrams sent")


def test_an_answer(check):
    """The server echoes each datagram, so data comes back as it went."""
    peer = check.peer(lab.udp_drops(lost=0))
    check.mistake(
        "The id was returned as if it were data. Take its four bytes off.",
        lambda it: it.value[4:] == b"hello",
    )
    check.mistake(
        "Only the data was sent. The request begins with four bytes of id.",
        lambda it: sent(check, peer.address)[0] == b"hello",
    )
    check.returns(b"hello", request, peer.address, b"hello", 1, LONG)
    datagrams = sent(check, peer.address)
    check.that(datagrams, "a datagram to the server", "none")
    check.equal(datagrams[0][4:], b"hello", "the datagram after its id")
    sends_are(check, peer.address, 1)


def test_no_data(check):
    """The server echoes; there is no data, so a datagram is an id alone."""
    peer = check.peer(lab.udp_drops(lost=0))
    check.mistake(
        "An empty answer is an answer.", lambda it: it.error or not it.value
    )
    check.returns(b"", request, peer.address, b"", 1, LONG)


def test_a_large_datagram(check):
    """The server echoes 60,004 bytes in one datagram."""
    data = bytes(range(250)) * 240
    peer = check.peer(lab.udp_drops(lost=0))
    check.mistake(
        "The end of the answer is lost. Of a datagram that does not fit into "
        "the buffer of `recv`, the system throws the rest away: ask for "
        "65,535 bytes.",
        lambda it: len(it.value) < len(data),
    )
    got = check.call(request, peer.address, data, 1, LONG)
    check.that(got == data, f"{len(data):,} bytes", f"{len(got):,} bytes")


def test_a_new_id_for_each_call(check):
    """The server answers everything twice. Two calls are made."""
    peer = check.peer(lab.udp_duplicates())
    check.mistake(
        "This is the second copy of the answer to the call before. Only a new "
        "id, or a new socket, keeps it away.",
        lambda it: it.value == b"one",
    )
    check.returns(b"one", request, peer.address, b"one", 1, LONG)
    check.returns(b"two", request, peer.address, b"two", 1, LONG)
    ids = [data[:4] for data in peer.seen]
    check.mistake(
        "Both calls sent the same id. `os.urandom(4)` is a new one each time.",
        lambda it: len(set(ids)) == 1,
    )
    check.that(len(set(ids)) == 2, "two different ids", f"{ids}")
    check.equal(
        len(sockets(check, peer.address)), 2, "sockets used by two calls"
    )


def test_the_answer_comes_after_a_retry(check):
    """The server loses the first two datagrams, and answers the third."""
    peer = check.peer(lab.udp_drops(lost=2, of=1_000_000))
    check.mistake(
        "It gave up, or waits for ever, although a datagram may get lost. "
        "Send it again.",
        lambda it: it.hung or len(sent(check, peer.address)) < 3,
    )
    check.returns(b"hello", request, peer.address, b"hello", 50, SHORT / 2)
    retries_are_the_same(check, peer.address)


def retries_are_the_same(check, address):
    datagrams = set(sent(check, address))
    check.mistake(
        "The retry had another id than the first try. A late answer to the "
        "first try would then be thrown away.",
        lambda it: len(datagrams) > 1,
    )
    check.equal(len(datagrams), 1, "different datagrams sent")
    check.mistake(
        "Each try had a socket of its own. A late answer goes to the port "
        "that asked: make one socket for all tries.",
        lambda it: len(sockets(check, address)) > 1,
    )
    check.equal(len(sockets(check, address)), 1, "sockets used")


def test_the_answer_comes_late(check):
    """The server answers the first try only when the second has come."""
    peer = check.peer(lab.udp_answers_behind())
    check.mistake(
        "The retry had another id than the first try, so the late answer to "
        "the first try was thrown away.",
        lambda it: it.error and len(set(sent(check, peer.address))) > 1,
    )
    check.mistake(
        "Each try had a socket of its own, and the late answer came to the "
        "first of them.",
        lambda it: it.error and len(sockets(check, peer.address)) > 1,
    )
    check.returns(b"hello", request, peer.address, b"hello", 50, SHORT / 2)
    retries_are_the_same(check, peer.address)


def test_answers_to_something_else(check):
    """The server sends four answers to other questions, then the right one.

    They have another id, or are shorter than an id; one is empty.
    """
    peer = check.peer(
        lab.udp_strays(
            lambda question: [
                other_id(question, b"stray"),
                question[:3],
                b"",
                other_id(question, question[4:]),
            ]
        )
    )
    check.mistake(STRAY, lambda it: it.value in (b"stray", b""))
    check.mistake(
        "A datagram that is shorter than an id came, or an empty one. It is "
        "an answer to something else too: wait on.",
        lambda it: it.error and not isinstance(it.error, TimeoutError),
    )
    check.mistake(
        "A datagram that is no answer ended the try. Wait on for the rest of "
        "its time.",
        lambda it: isinstance(it.error, TimeoutError),
    )
    check.returns(b"right", request, peer.address, b"right", 8, LONG)
    sends_are(check, peer.address, 1)


def test_answers_from_somebody_else(check):
    """From another port somebody sends the right id, and other data.

    The server's own answer comes after it.
    """
    peer = check.peer(
        lab.udp_strays(
            lambda question: [question[:4] + b"forged"], elsewhere=True
        )
    )
    check.mistake(
        "Somebody else answered, from another address than the one that was "
        "asked. `recvfrom` tells the sender; a socket that is connected "
        "(`connect` works for UDP as well) takes datagrams of its peer only.",
        lambda it: it.value == b"forged",
    )
    check.mistake(
        "A datagram of somebody else ended the try, or the call. Wait on for "
        "the rest of the time.",
        lambda it: it.error is not None,
    )
    check.returns(b"right", request, peer.address, b"right", 8, LONG)
    sends_are(check, peer.address, 1)


def test_no_answer(check):
    """The server answers nothing. There are two tries."""
    peer = check.peer(lab.udp_drops(lost=1, of=1))
    check.mistake(
        "No answer came, and it waits for ever. Only `settimeout`, or `select` "
        "with a timeout, ends a wait.",
        lambda it: it.hung,
    )
    with check.within(2 * SHORT, "that it gives up"):
        check.raises(TimeoutError, request, peer.address, b"hello", 2, SHORT)
    sends_are(check, peer.address, 2)
    seconds = check.outcome.seconds
    check.that(
        seconds > 2 * SHORT * 0.9,
        f"that it waits {2 * SHORT:g} s in all: each try has its own timeout",
        f"it gave up after {seconds:.2f} s",
    )


def test_only_answers_to_something_else(check):
    """The server answers with another id, fifty times a second, for ever.

    There is one try of a quarter of a second.
    """
    peer = check.peer(
        lab.udp_strays(lambda data: [other_id(data, b"stray")], every=0.02)
    )
    check.mistake(STRAY, lambda it: it.value == b"stray")
    check.mistake(
        "Each stray datagram made the try longer: the timeout of a socket "
        "begins anew with every `recv`. Work out when the try ends, and wait "
        "only for what is left of it.",
        lambda it: it.hung or it.seconds > TRY + 0.4,
    )
    with check.within(TRY, "that it gives up"):
        check.raises(TimeoutError, request, peer.address, b"hello", 1, TRY)
    check.mistake(
        "A datagram that is no answer ended the try. Wait on for the rest of "
        "its time.",
        lambda it: it.seconds < TRY * 0.9,
    )
    check.that(
        check.outcome.seconds > TRY * 0.9,
        f"that it waits {TRY:g} s in all",
        f"it gave up after {check.outcome.seconds:.2f} s",
    )
    sends_are(check, peer.address, 1)


def test_nobody_listens(check):
    """Nobody listens at the address, and the system says so."""
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        # Bound, so that nobody else gets the port; connected to itself, so
        # that it takes nothing from others.
        taken.bind(("127.0.0.1", 0))
        taken.connect(taken.getsockname())
        check.mistake(
            "Nobody listens there, and a connected socket is told so. For UDP "
            "this is no different from silence: somebody may listen at the "
            "next try. Catch it, and try on.",
            lambda it: isinstance(it.error, ConnectionError),
        )
        check.mistake(
            "Nobody listens there, and a connected socket is told so. That "
            "ended the call early: there are tries left.",
            lambda it: len(sent(check, address)) < 3,
        )
        address = taken.getsockname()
        check.raises(TimeoutError, request, address, b"hello", 3, SHORT / 2)
        sends_are(check, address, 3)
