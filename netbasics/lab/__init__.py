"""Peers that misbehave on purpose, one function for each way to do it.

Nobody can learn or test what a program does when its peer is slow, rude or
gone, as long as that has to happen by chance. Each function here makes it
happen: it returns a context manager with an `.address` and a `.url`, on a
free port of 127.0.0.1, and `.seen`, `.requests` and `.attempts` say what
reached it. `faults()` lists them all, each with what a correct client should
make of it.

    >>> import socket
    >>> from netbasics import lab
    >>> with lab.refused() as peer:
    ...     socket.create_connection(peer.address, timeout=5)
    Traceback (most recent call last):
    ConnectionRefusedError: ...
"""

from netbasics.lab.busyness import too_many_requests, unavailable
from netbasics.lab.catalogue import KINDS, Fault, faults, find
from netbasics.lab.certificates import (
    expired_certificate,
    good_certificate,
    http_instead_of_tls,
    not_yet_valid_certificate,
    self_signed_certificate,
    tls_instead_of_http,
    untrusted_certificate,
    wrong_name_certificate,
)
from netbasics.lab.chunks import bad_chunk_size, chunked_cut_off
from netbasics.lab.connecting import full_backlog, refused, silent
from netbasics.lab.contents import (
    cut_gzip,
    garbage,
    invalid_json,
    other_protocol,
    wrong_charset,
    wrong_gzip,
    wrong_shape,
)
from netbasics.lab.crowds import Crowd, crowded
from netbasics.lab.cutting import cut_download, cut_off
from netbasics.lab.datagrams import (
    udp_delays,
    udp_drops,
    udp_duplicates,
    udp_other_port,
    udp_reorders,
    udp_truncates,
)
from netbasics.lab.echoing import echoes, tells
from netbasics.lab.feeding import feed, feeds, pieces_of
from netbasics.lab.flapping import flapping
from netbasics.lab.floods import (
    endless_body,
    endless_header,
    gzip_bomb,
    many_headers,
)
from netbasics.lab.idling import answers_twice, dies_idle, dies_reused
from netbasics.lab.lengths import (
    length_and_chunked,
    length_negative,
    length_no_number,
    length_too_long,
    length_too_short,
    length_twice,
)
from netbasics.lab.mailing import Datagram, UDPPeer
from netbasics.lab.nameservers import (
    dns_compression_loop,
    dns_cut_off,
    dns_no_such_name,
    dns_server,
    dns_server_fails,
    dns_truncates,
    dns_wrong_id,
)
from netbasics.lab.naming import NameServer
from netbasics.lab.origins import Origin, origin
from netbasics.lab.pacing import paced
from netbasics.lab.peers import Peer, TCPPeer
from netbasics.lab.ranges import Part, etag_of, shaky_file
from netbasics.lab.record import Request
from netbasics.lab.redirects import (
    Redirect,
    redirect_loop,
    redirect_to_other_host,
    redirect_to_other_scheme,
)
from netbasics.lab.rudeness import (
    hangs_up,
    leaves_input_unread,
    resets_after,
    resets_before,
    resets_during,
)
from netbasics.lab.stalling import (
    hears_out,
    never_reads,
    reads_slowly,
    speaks_out,
)
from netbasics.lab.strangers import closes_unasked, tls_only
from netbasics.lab.strays import udp_answers_behind, udp_strays
from netbasics.lab.taking import taken
from netbasics.lab.timing import dripping, slow
from netbasics.lab.visits import Visit

__all__ = [
    "KINDS",
    "Crowd",
    "Datagram",
    "Fault",
    "NameServer",
    "Origin",
    "Part",
    "Peer",
    "Redirect",
    "Request",
    "TCPPeer",
    "UDPPeer",
    "Visit",
    "answers_twice",
    "bad_chunk_size",
    "chunked_cut_off",
    "closes_unasked",
    "crowded",
    "cut_download",
    "cut_gzip",
    "cut_off",
    "dies_idle",
    "dies_reused",
    "dns_compression_loop",
    "dns_cut_off",
    "dns_no_such_name",
    "dns_server",
    "dns_server_fails",
    "dns_truncates",
    "dns_wrong_id",
    "dripping",
    "echoes",
    "endless_body",
    "endless_header",
    "etag_of",
    "expired_certificate",
    "faults",
    "feed",
    "feeds",
    "find",
    "flapping",
    "full_backlog",
    "garbage",
    "good_certificate",
    "gzip_bomb",
    "hangs_up",
    "hears_out",
    "http_instead_of_tls",
    "invalid_json",
    "leaves_input_unread",
    "length_and_chunked",
    "length_negative",
    "length_no_number",
    "length_too_long",
    "length_too_short",
    "length_twice",
    "many_headers",
    "never_reads",
    "not_yet_valid_certificate",
    "origin",
    "other_protocol",
    "paced",
    "pieces_of",
    "reads_slowly",
    "redirect_loop",
    "redirect_to_other_host",
    "redirect_to_other_scheme",
    "refused",
    "resets_after",
    "resets_before",
    "resets_during",
    "self_signed_certificate",
    "shaky_file",
    "silent",
    "slow",
    "speaks_out",
    "taken",
    "tells",
    "tls_instead_of_http",
    "tls_only",
    "too_many_requests",
    "udp_answers_behind",
    "udp_delays",
    "udp_drops",
    "udp_duplicates",
    "udp_other_port",
    "udp_reorders",
    "udp_strays",
    "udp_truncates",
    "unavailable",
    "untrusted_certificate",
    "wrong_charset",
    "wrong_gzip",
    "wrong_name_certificate",
    "wrong_shape",
]
