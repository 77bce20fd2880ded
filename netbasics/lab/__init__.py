"""Peers that misbehave on purpose, one function for each way to do it.

Nobody can learn or test what a program does when its peer is slow, rude or
gone, as long as that has to happen by chance. Each function here makes it
happen: it returns a context manager with an `.address` and a `.url`, on a
free port of 127.0.0.1, and `.seen`, `.requests` and `.attempts` say what
reached it. `faults()` lists them all.

    >>> import socket
    >>> from netbasics import lab
    >>> with lab.refused() as peer:
    ...     socket.create_connection(peer.address, timeout=5)
    Traceback (most recent call last):
    ConnectionRefusedError: ...
"""

from netbasics.lab.catalogue import Fault, faults, find
from netbasics.lab.certificates import (
    expired_certificate,
    good_certificate,
    not_yet_valid_certificate,
    untrusted_certificate,
    wrong_name_certificate,
)
from netbasics.lab.connecting import refused, silent
from netbasics.lab.cutting import cut_download, cut_off
from netbasics.lab.flapping import flapping
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.record import Request
from netbasics.lab.timing import dripping, slow
from netbasics.lab.visits import Visit

__all__ = [
    "Fault",
    "Peer",
    "Request",
    "TCPPeer",
    "Visit",
    "cut_download",
    "cut_off",
    "dripping",
    "expired_certificate",
    "faults",
    "find",
    "flapping",
    "good_certificate",
    "not_yet_valid_certificate",
    "refused",
    "silent",
    "slow",
    "untrusted_certificate",
    "wrong_name_certificate",
]
