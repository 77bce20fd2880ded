"""Whom TLS clients trust in the offline internet, and whom after it."""

import contextlib
import os
import socket
import ssl
import threading

import aiohttp
import pytest
import requests
import urllib3

from netbasics import playground
from netbasics.certs import Authority

URL = "https://api.github.com/users/octocat"
HOST = ("api.github.com", 443)

# Made before any block, as by a library that was imported long ago.
OLD = ssl.create_default_context()
OLD_EMPTY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="module", autouse=True)
def net():
    with playground.internet() as net:
        yield net


def shake(context, name="api.github.com", host=HOST):
    with (
        socket.create_connection(host, timeout=20) as sock,
        context.wrap_socket(sock, server_hostname=name) as tls,
    ):
        return tls.getpeercert()


def shake_in_memory(context, name="api.github.com"):
    """What asyncio does: TLS between two buffers."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with socket.create_connection(HOST, timeout=20) as sock:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65536))
            else:
                return tls.getpeercert()


@pytest.mark.parametrize("way", [shake, shake_in_memory])
def test_old_and_new_contexts_trust_it(way):
    assert ("DNS", "api.github.com") in way(OLD)["subjectAltName"]
    assert way(ssl.create_default_context())
    loaded = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    loaded.load_default_certs()
    assert way(loaded)
    by_path = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    by_path.load_verify_locations(requests.certs.where())
    assert way(by_path)


@pytest.mark.parametrize("way", [shake, shake_in_memory])
def test_who_trusts_others_alone_refuses_it(way):
    other = Authority()
    empty = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for context in (other.client_context(), empty):
        with pytest.raises(ssl.SSLCertVerificationError):
            way(context)


def test_an_old_context_without_authorities_refuses_it():
    if not OLD.get_ca_certs():
        pytest.skip("the system's own authorities cannot be seen here")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(OLD_EMPTY)


@pytest.mark.parametrize("way", [shake, shake_in_memory])
def test_the_name_is_checked(way):
    for name in ("www.example.com", "pypi.org"):
        with pytest.raises(ssl.SSLCertVerificationError):
            way(OLD, name)


def test_a_client_without_a_name_is_refused_as_ever():
    with pytest.raises(ValueError, match="server_hostname"):
        shake(OLD, None)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_in_memory(OLD, None)


def test_a_wrong_name_is_called_that():
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        shake(OLD, "pypi.org")


def test_settings_of_a_context_count():
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(HOST, timeout=20) as sock,
        context.wrap_socket(sock, server_hostname=HOST[0]) as tls,
    ):
        assert tls.version() == "TLSv1.2"
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    with (
        socket.create_connection(HOST, timeout=20) as sock,
        context.wrap_socket(sock, server_hostname=HOST[0]) as tls,
    ):
        assert tls.version() == "TLSv1.3"
    context.check_hostname = False
    assert shake(context, "pypi.org")


def test_a_session_can_be_resumed():
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(HOST, timeout=20) as sock,
        context.wrap_socket(sock, server_hostname=HOST[0]) as tls,
    ):
        session = tls.session
    with (
        socket.create_connection(HOST, timeout=20) as sock,
        context.wrap_socket(
            sock, server_hostname=HOST[0], session=session
        ) as tls,
    ):
        assert tls.version()


def test_a_socket_that_connects_after_it_was_wrapped():
    with OLD.wrap_socket(socket.socket(), server_hostname=HOST[0]) as tls:
        tls.settimeout(20)
        tls.connect(HOST)
        assert tls.getpeercert()


def test_nothing_is_loaded_into_any_context():
    context = ssl.create_default_context()
    before = OLD.get_ca_certs(True), context.get_ca_certs(True)
    shake(OLD)
    shake(context)
    assert (OLD.get_ca_certs(True), context.get_ca_certs(True)) == before


def test_it_is_trusted_for_its_own_names_alone():
    """A server of this machine needs an authority that its clients know."""
    context = Authority().issue("localhost", "api.github.com").server_context()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            for _ in range(2):
                sock, _ = listener.accept()
                with sock, contextlib.suppress(OSError):
                    context.wrap_socket(sock, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        for name in ("localhost", "api.github.com"):
            with pytest.raises(ssl.SSLCertVerificationError):
                shake(OLD, name, listener.getsockname())
        thread.join()


def test_without_checks_there_are_none():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    assert shake(context) == {}
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert requests.get(URL, verify=False, timeout=20).ok
    assert ssl.get_server_certificate(HOST).startswith("-----BEGIN")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_requests_with_authorities_from_the_environment(
    monkeypatch, tmp_path, variable
):
    path = Authority().write_pem(tmp_path)
    monkeypatch.setenv(variable, str(path))
    assert requests.get(URL, timeout=20).ok


def test_requests_with_an_authority_of_its_own(tmp_path):
    path = Authority().write_pem(tmp_path)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(URL, verify=str(path), timeout=20)


def test_the_default_of_openssl_from_the_environment(monkeypatch, tmp_path):
    path = Authority().write_pem(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert shake(ssl.create_default_context())


@pytest.mark.anyio
async def test_aiohttp_uses_the_context_that_it_made_when_imported():
    context = aiohttp.connector._SSL_CONTEXT_VERIFIED
    before = context.get_ca_certs(True)
    async with aiohttp.ClientSession() as session, session.get(URL) as response:
        assert response.status == 200
    assert context is aiohttp.connector._SSL_CONTEXT_VERIFIED
    assert context.get_ca_certs(True) == before


def test_where_authorities_are_in_a_folder_old_contexts_look_empty(
    monkeypatch, tmp_path
):
    from netbasics.playground.offline.names import Table
    from netbasics.playground.offline.trust import _Trust

    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    trust = _Trust(Table([]))
    assert trust._trusts_public(OLD_EMPTY)
    trust._born.add(OLD_EMPTY)
    assert not trust._trusts_public(OLD_EMPTY)
    assert os.environ["SSL_CERT_DIR"] == str(tmp_path)
