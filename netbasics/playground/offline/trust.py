"""Let TLS clients trust this run's authority, and take nothing away for good.

A certificate that was once loaded into an `ssl.SSLContext` stays in it, and
contexts live long: aiohttp makes its own when it is imported. So nothing is
loaded anywhere. When a context of somebody is about to be used for a name of
the offline internet, another one stands in for it, for that one connection: it
has the same settings and trusts our authority alone. When the block ends, there
is nothing to forget.

Only a context that trusts the public authorities gets a stand-in. One that was
told to trust a single authority, or nobody, refuses the offline internet as it
would refuse the real one.
"""

import os
import socket
import ssl
import sys
import weakref
from collections.abc import Callable
from functools import cached_property
from typing import Any

from netbasics.playground.offline.names import Table
from netbasics.playground.offline.patching import Patches
from netbasics.playground.offline.resolving import as_text

__all__ = ["patch_trust"]

# Where the user says which authorities are the public ones.
VARIABLES = (
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
COPIED = (
    "sslsocket_class",
    "sslobject_class",
    "options",
    "verify_flags",
    "minimum_version",
    "maximum_version",
    "hostname_checks_common_name",
    "post_handshake_auth",
    "keylog_filename",
    # In this order: one that checks no names may check no certificates.
    "check_hostname",
    "verify_mode",
)


def patch_trust(patches: Patches, table: Table) -> None:
    """Replace what makes, fills and uses the contexts of `ssl`."""
    trust = _Trust(table)
    context = ssl.SSLContext
    patches.replace(context, "__new__", trust.note_birth, static=True)
    for name in ("load_default_certs", "set_default_verify_paths"):
        patches.replace(context, name, trust.note_public)
    patches.replace(context, "load_verify_locations", trust.note_file)
    patches.replace(context, "wrap_socket", trust.wrap_socket)
    patches.replace(context, "wrap_bio", trust.wrap_bio)


class _Trust:
    """The methods, each made from the one that it replaces."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._ours = {
            port for host in table.hosts for port in host.ports.values()
        }
        self._born: weakref.WeakSet[ssl.SSLContext] = weakref.WeakSet()
        self._public: weakref.WeakSet[ssl.SSLContext] = weakref.WeakSet()
        # Kept: a TLS session can be resumed in its own context alone.
        self._stand_ins: weakref.WeakKeyDictionary[
            ssl.SSLContext, tuple[dict[str, Any], ssl.SSLContext]
        ] = weakref.WeakKeyDictionary()

    def note_birth(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def new(*args: Any, **keywords: Any) -> Any:
            context = original(*args, **keywords)
            self._born.add(context)
            return context

        return new

    def note_public(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def load(context: ssl.SSLContext, *args: Any, **keywords: Any) -> None:
            original(context, *args, **keywords)
            self._public.add(context)

        return load

    def note_file(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def load(
            context: ssl.SSLContext,
            cafile: Any = None,
            capath: Any = None,
            cadata: Any = None,
        ) -> None:
            original(context, cafile, capath, cadata)
            given = {os.environ.get(name) for name in VARIABLES}
            given.add(_certifi_file())
            asked = {os.fspath(path) for path in (cafile, capath) if path}
            if asked & given:
                self._public.add(context)

        return load

    def wrap_socket(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def wrap_socket(
            context: ssl.SSLContext,
            sock: socket.socket,
            server_side: bool = False,
            do_handshake_on_connect: bool = True,
            suppress_ragged_eofs: bool = True,
            server_hostname: Any = None,
            session: ssl.SSLSession | None = None,
        ) -> Any:
            ours = self._is_ours(server_hostname) or self._leads_to_us(sock)
            if ours and not server_side and self._trusts_public(context):
                context = self._stand_in(context)
            return original(
                context,
                sock,
                server_side,
                do_handshake_on_connect,
                suppress_ragged_eofs,
                server_hostname,
                session,
            )

        return wrap_socket

    def wrap_bio(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def wrap_bio(
            context: ssl.SSLContext,
            incoming: ssl.MemoryBIO,
            outgoing: ssl.MemoryBIO,
            server_side: bool = False,
            server_hostname: Any = None,
            session: ssl.SSLSession | None = None,
        ) -> Any:
            ours = self._is_ours(server_hostname)
            if ours and not server_side and self._trusts_public(context):
                context = self._stand_in(context)
            return original(
                context,
                incoming,
                outgoing,
                server_side,
                server_hostname,
                session,
            )

        return wrap_bio

    def _is_ours(self, name: Any) -> bool:
        """Whether a client expects a name of the offline internet."""
        text = as_text(name)
        return isinstance(text, str) and self.table.find(text) is not None

    def _leads_to_us(self, sock: socket.socket) -> bool:
        """Whether it is connected to a server of the offline internet."""
        try:
            peer = sock.getpeername()
        except OSError:
            return False  # it is not connected yet
        return (
            isinstance(peer, tuple)
            and peer[0] in ("127.0.0.1", "::ffff:127.0.0.1")
            and peer[1] in self._ours
        )

    def _trusts_public(self, context: ssl.SSLContext) -> bool:
        if context.verify_mode == ssl.CERT_NONE:
            return False  # it checks nothing anyway, or belongs to a server
        if context in self._public:
            return True
        held = set(context.get_ca_certs(binary_form=True))
        if held:
            return not held.isdisjoint(self._public_certificates)
        # Where the system keeps its authorities in a folder, one file each,
        # they are read when they are needed, and nobody sees them before.
        return context not in self._born and not self._system_certificates

    @cached_property
    def _system_certificates(self) -> set[bytes]:
        context = ssl.create_default_context()
        return set(context.get_ca_certs(binary_form=True))

    @cached_property
    def _public_certificates(self) -> set[bytes]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        path = _certifi_file()
        if path is not None:
            context.load_verify_locations(path)
        found = set(context.get_ca_certs(binary_form=True))
        return found | self._system_certificates

    def _stand_in(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Return the context that is used instead, with the same settings.

        A client's own certificate and its ALPN protocols cannot be read from a
        context and are left behind; the servers here ask for neither.
        """
        settings = {name: getattr(context, name, None) for name in COPIED}
        known, found = self._stand_ins.get(context, (None, None))
        if found is None or known != settings:
            # A new one: another thread may be using that which is there.
            found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            found.load_verify_locations(cadata=self.table.pem)
            found.check_hostname = False
            for name, value in settings.items():
                if value is not None and value != getattr(found, name):
                    setattr(found, name, value)
            self._stand_ins[context] = settings, found
        return found


def _certifi_file() -> str | None:
    """Return the file with which requests and others come, if they are here."""
    certifi = sys.modules.get("certifi")
    return None if certifi is None else str(certifi.where())
