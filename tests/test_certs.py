import shutil
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta, timezone

import pytest
import requests
from cryptography import x509

from netbasics import certs
from netbasics.certs import Authority

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority():
    return Authority()


def shake(certificate, client_context, name="127.0.0.1"):
    """A handshake in memory of this process; the certificate that was seen."""
    here, there = socket.socketpair()
    here.settimeout(10)
    there.settimeout(10)

    def serve():
        try:
            certificate.server_context().wrap_socket(
                there, server_side=True
            ).close()
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client_context.wrap_socket(here, server_hostname=name) as sock:
            return sock.getpeercert()
    finally:
        here.close()
        thread.join(10)


def test_a_good_certificate_is_accepted(authority):
    names = ("127.0.0.1", "localhost", "::1", "*.example.com")
    certificate = authority.issue(*names)
    context = authority.client_context()
    for name in ("127.0.0.1", "localhost", "::1", "www.example.com"):
        seen = shake(certificate, context, name)
        assert ("DNS", "localhost") in seen["subjectAltName"]
    assert certificate.names == names
    assert repr(certificate) == (
        "<Certificate for 127.0.0.1, localhost, ::1, *.example.com: valid now>"
    )


BAD = [
    ("127.0.0.1", {"not_after": -DAY}, "expired"),
    ("127.0.0.1", {"not_before": DAY}, "not yet valid"),
    ("127.0.0.1", {"not_after": datetime(2020, 1, 1, tzinfo=UTC)}, "expired"),
    ("other.example", {}, "not valid for '127.0.0.1'"),
    ("localhost", {}, "not valid for '127.0.0.1'"),
]


@pytest.mark.parametrize(("name", "dates", "reason"), BAD)
def test_each_kind_of_bad_certificate_is_refused(
    authority, name, dates, reason
):
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake(authority.issue(name, **dates), authority.client_context())


def test_an_authority_trusts_no_other(authority):
    stranger = Authority().issue("127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get"):
        shake(stranger, authority.client_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(authority.issue("127.0.0.1"), ssl.create_default_context())


def test_the_context_trusts_the_authority_alone(authority):
    (only,) = authority.client_context().get_ca_certs()
    assert only["subject"][0] == (("organizationName", "netbasics"),)


def test_the_dates_are_in_the_certificate(authority):
    start = datetime(2030, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    certificate = authority.issue("a", not_before=start, not_after=start + DAY)
    parsed = x509.load_pem_x509_certificate(certificate.pem)
    assert parsed.not_valid_before_utc == start
    assert parsed.not_valid_after_utc == start + DAY
    assert certificate.not_before == start


def test_states(authority):
    assert authority.issue("a").state == "valid now"
    assert authority.issue("a", not_after=-DAY).state == "expired"
    assert authority.issue("a", not_before=DAY).state == "not valid yet"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((), "without a name"),
        (("",), "no host name"),
        (("https://a.example",), "no host name"),
        (("a.example:443",), "no host name"),
        (("a.example/x",), "no host name"),
        (("a b",), "no host name"),
        (("me@a.example",), "no host name"),
        (("a" * 80 + ".example",), "no host name"),
    ],
)
def test_names_that_no_host_has(authority, names, reason):
    with pytest.raises(ValueError, match=reason):
        authority.issue(*names)


def test_a_name_is_a_text(authority):
    with pytest.raises(TypeError, match="is a str"):
        authority.issue(b"127.0.0.1")


def test_dates_that_make_no_sense(authority):
    with pytest.raises(ValueError, match="no time zone"):
        authority.issue("a", not_after=datetime(2030, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="must be later"):
        authority.issue("a", not_before=DAY, not_after=-DAY)


def test_no_key_is_in_what_is_shown(authority, tmp_path):
    certificate = authority.issue("a")
    for text in (
        repr(authority),
        repr(certificate),
        authority.pem.decode(),
        certificate.pem.decode(),
        authority.write_pem(tmp_path).read_text(),
    ):
        assert "PRIVATE" not in text


def test_the_pem_goes_to_a_file_or_into_a_folder(authority, tmp_path):
    path = authority.write_pem(tmp_path / "ca.pem")
    assert path.read_bytes() == authority.pem
    assert authority.write_pem(str(tmp_path)) == tmp_path / "authority.pem"


def test_contexts_are_new_each_time(authority):
    certificate = authority.issue("a")
    assert certificate.server_context() is not certificate.server_context()
    assert authority.client_context() is not authority.client_context()
    context = certificate.server_context()
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


openssl = shutil.which("openssl")
curl = shutil.which("curl")


@pytest.mark.skipif(openssl is None, reason="needs the openssl command")
def test_openssl_agrees(authority, tmp_path):
    trusted = authority.write_pem(tmp_path)

    def verify(certificate, *options):
        leaf = tmp_path / "leaf.pem"
        leaf.write_bytes(certificate.pem)
        command = [openssl, "verify", "-CAfile", trusted, *options, leaf]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout + done.stderr

    good = authority.issue("127.0.0.1", "a.example")
    assert "OK" in verify(good)
    assert "OK" in verify(good, "-verify_ip", "127.0.0.1", "-x509_strict")
    assert "OK" in verify(good, "-verify_hostname", "a.example")
    assert "mismatch" in verify(good, "-verify_hostname", "b.example")
    assert "expired" in verify(authority.issue("a", not_after=-DAY))
    assert "not yet valid" in verify(authority.issue("a", not_before=DAY))
    assert "unable to get" in verify(Authority().issue("a"))


class Page:
    """A web server that shows a certificate."""

    def __init__(self, certificate):
        from netbasics import servers

        def app(environ, start_response):
            start_response("200 OK", [])
            return [b"private page"]

        self.server = servers.serve(app, tls=certificate.server_context())

    def __enter__(self):
        return self.server.start().url

    def __exit__(self, *reason):
        self.server.stop()


def test_requests_and_urllib_check_it(authority, tmp_path):
    trusted = str(authority.write_pem(tmp_path))
    with Page(authority.issue("127.0.0.1")) as url:
        reply = requests.get(url, verify=trusted, timeout=10)
        assert reply.text == "private page"
        context = authority.client_context()
        with urllib.request.urlopen(url, context=context) as answer:
            assert answer.read() == b"private page"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, timeout=10)
    with Page(authority.issue("127.0.0.1", not_after=-DAY)) as url:
        with pytest.raises(requests.exceptions.SSLError, match="expired"):
            requests.get(url, verify=trusted, timeout=10)
        with pytest.raises(urllib.error.URLError, match="expired"):
            urllib.request.urlopen(url, context=context)


@pytest.mark.skipif(curl is None, reason="needs the curl command")
def test_curl_checks_it(authority, tmp_path):
    trusted = str(authority.write_pem(tmp_path))

    def fetch(certificate, *options):
        with Page(certificate) as url:
            command = [curl, "-sS", "--max-time", "10", *options, url]
            done = subprocess.run(command, capture_output=True, text=True)
            return done.stdout or done.stderr

    good = authority.issue("127.0.0.1")
    assert fetch(good, "--cacert", trusted) == "private page"
    assert "certificate" in fetch(good)
    assert "certificate" in fetch(Authority().issue("127.0.0.1"))
    assert "name" in fetch(authority.issue("b.example"), "--cacert", trusted)
    expired = authority.issue("127.0.0.1", not_after=-DAY)
    assert "expired" in fetch(expired, "--cacert", trusted)


def test_names_are_public():
    assert set(certs.__all__) == {"Authority", "Certificate"}
