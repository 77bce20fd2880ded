"""Checks verify."""

import hmac
import time

import pytest
from verify import verify

SECRET = b"a key of \xff any bytes"
NOW = 1_000_000_000  # in September 2001
RAW = b'{"id": 7, "name": "Zoe"}'


class Given(str):
    """The text of a signature as it came; notes whom it was compared with."""

    compared = ()

    def __eq__(self, other):
        Given.compared = (*Given.compared, other)
        return str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


def sign(stamp, raw=RAW, secret=SECRET):
    """Return the signature that is right."""
    return hmac.new(secret, f"{stamp}.".encode() + raw, "sha256").hexdigest()


def message(stamp=NOW, raw=RAW, signature=None):
    """Return the headers of a message."""
    if signature is None:
        signature = sign(stamp, raw)
    return [
        ("Content-Type", "application/json"),
        ("X-Timestamp", str(stamp)),
        ("X-Signature", signature),
    ]


def accepted(check, headers, raw=RAW, now=NOW, seen=None, secret=SECRET):
    """Check that it is accepted."""
    seen = set() if seen is None else seen
    check.returns(True, verify, secret, headers, raw, now, seen)


def refused(check, headers, raw=RAW, now=NOW, seen=None):
    """Check that it is refused, and that nothing remembers it."""
    seen = set() if seen is None else seen
    before = set(seen)
    check.returns(False, verify, SECRET, headers, raw, now, seen)
    check.mistake(
        "A message that was refused is in `seen`. Whoever sends a forgery "
        "first would have the genuine one refused: remember accepted ones "
        "only, after all the other checks.",
        lambda it: seen != before,
    )
    check.equal(seen, before, "what is in `seen`")


def test_a_genuine_message(check):
    """The signature is right, the time is now, and nothing was seen before."""
    check.mistake(
        "A genuine message was refused. What is signed are the bytes of the "
        "timestamp, a dot, and the body: nothing less, and nothing else.",
        lambda it: it.value is False,
    )
    now = int(time.time())
    accepted(check, message(now), now=now)


def test_another_day(check):
    """It is September 2001, both in the message and in `now`."""
    check.mistake(
        "It looks at the machine's clock. What time it is is in `now`.",
        lambda it: it.value is False,
    )
    accepted(check, message(raw=b"{}"), b"{}")


def test_another_memory(check):
    """A message that was accepted comes to a function with an empty `seen`."""
    accepted(check, message())
    check.mistake(
        "The message was remembered outside of `seen`. Here it is empty, so "
        "nothing was accepted before.",
        lambda it: it.value is False,
    )
    accepted(check, message())


def test_bytes_as_they_came(check):
    """The body is JSON with two blanks in a row, and an ë in UTF-8."""
    raw = b'{"id":  7, "name": "Zo\xc3\xab"}'
    check.mistake(
        "The body was changed: decoded and encoded in another way, or turned "
        "into JSON and back. The signature is over its bytes, and there each "
        "blank counts.",
        lambda it: it.value is False,
    )
    accepted(check, message(raw=raw), raw)


def test_names_in_any_case(check):
    """The names of the headers are in lower case, and in capitals."""
    check.mistake(
        "Names of headers are in any case: proxies and HTTP/2 change it.",
        lambda it: it.value is False or isinstance(it.error, LookupError),
    )
    for change in (str.lower, str.upper):
        headers = [(change(name), value) for name, value in message()]
        accepted(check, headers)


def test_any_bytes(check):
    """The bodies are no JSON, not even text, and the signatures are right."""
    check.mistake(
        "The body was decoded. It may be any bytes, and the signature is over "
        "bytes: add bytes to bytes.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.mistake(
        "The body is not JSON, or is empty, and was refused for that. Whether "
        "the message is genuine does not depend on it.",
        lambda it: it.value is False,
    )
    for raw in (b"", b"\xff\xfe\x00", b"1.2.3", b"{}\r\n"):
        accepted(check, message(raw=raw), raw)


def test_an_altered_body(check):
    """The body has another number in it than the one that was signed."""
    refused(check, message(), RAW.replace(b"7", b"8"))


def test_an_altered_time(check):
    """Somebody has changed the timestamp, so that the message looks new."""
    check.mistake(
        "The timestamp is not signed in your check: anybody can write another "
        "one. The signature is over timestamp, dot and body.",
        lambda it: it.value is True,
    )
    refused(check, message(NOW, signature=sign(NOW - 9000)))


def test_another_key(check):
    """The signature was made with another key."""
    refused(check, message(signature=sign(NOW, secret=b"guessed")))


def test_how_signatures_are_compared(check):
    """The signature begins well, and its last digit is wrong."""
    right = sign(NOW)
    given = Given(right[:-1] + ("0" if right[-1] != "0" else "1"))
    Given.compared = ()
    check.mistake(
        "The signatures were compared with `==` or `!=`, which ends at the "
        "first difference: how long it takes tells a forger how much was "
        "right. `hmac.compare_digest` takes as long whatever differs.",
        lambda it: right in Given.compared,
    )
    refused(check, message(signature=given))
    direct = right in Given.compared
    check.that(not direct, "hmac.compare_digest", "signatures compared by ==")


@pytest.mark.parametrize("away", [300, -300, 299.5])
def test_in_time(check, away):
    """The timestamp is right and nearly five minutes away from now."""
    check.mistake(
        "300 seconds are fine, either way: clocks differ.",
        lambda it: it.value is False,
    )
    accepted(check, message(NOW), now=NOW + away)


@pytest.mark.parametrize("away", [301, 300.25, -301, 86_400 * 365])
def test_stale(check, away):
    """The signature is right, and the time is more than 300 seconds away."""
    check.mistake(
        "A timestamp that is too far in the future was accepted. It stays good "
        "for longer than a message should.",
        lambda it: away < 0,
    )
    check.mistake(
        "The message is too old. Whoever has kept it can send it again.",
        lambda it: it.value is True,
    )
    refused(check, message(NOW), now=NOW + away)


def test_a_replay(check):
    """A genuine message comes, and then once more, with another header."""
    seen = set()
    accepted(check, message(), seen=seen)
    again = [("X-Forwarded-For", "198.51.100.7"), *message()[::-1]]
    check.mistake(
        "The same message was accepted twice. It may be an order, or a "
        "payment: put what was accepted into `seen`, and look there.",
        lambda it: it.value is True,
    )
    refused(check, again, now=NOW + 1, seen=seen)


def test_alike_and_not_the_same(check):
    """Messages with the same body or the same timestamp come, all genuine."""
    seen = set()
    accepted(check, message(), seen=seen)
    check.mistake(
        "It has the same body as one before, but it was sent at another time, "
        "and signed anew: it is another message.",
        lambda it: it.value is False and seen,
    )
    accepted(check, message(NOW + 1), seen=seen)


def test_two_in_a_second(check):
    """Two genuine messages of the same second have different bodies."""
    seen = set()
    accepted(check, message(), seen=seen)
    check.mistake(
        "It has the same timestamp as one before, but another body: two "
        "messages may be sent in the same second.",
        lambda it: it.value is False,
    )
    accepted(check, message(raw=b"other"), b"other", seen=seen)


def test_a_forgery_before(check):
    """First comes another body with the right signature, then the message."""
    seen = set()
    refused(check, message(), b"forged", seen=seen)
    accepted(check, message(), seen=seen)


def test_too_early_then_in_time(check):
    """A message comes 301 seconds too early, and again two seconds later."""
    seen = set()
    refused(check, message(NOW), now=NOW - 301, seen=seen)
    accepted(check, message(NOW), now=NOW - 299, seen=seen)


STAMPS = {
    "nothing in it": "",
    "a word": "now",
    "a sign": f"+{NOW}",
    "a blank": f" {NOW}",
    "a line end": f"{NOW}\n",
    "an underscore": "1_000_000_000",
    "a fraction": f"{NOW}.0",
    "an exponent": "1e9",
    "no number": "nan",
    "Arabic digits": "".join(chr(0x660 + int(digit)) for digit in str(NOW)),
    "5,000 digits": "1" * 5000,
}


def test_bad_timestamps(check):
    """The timestamps are malformed, though the signatures are right."""
    check.mistake(
        "A malformed timestamp led to an exception, and that to a 500: "
        "anybody could send it.",
        lambda it: it.error,
    )
    check.mistake(
        "`int` and `float` take more than ASCII digits: blanks, underscores, "
        "other alphabets, `nan`, which compares as False with everything. Look "
        "at the text first.",
        lambda it: it.value is True,
    )
    for what, stamp in STAMPS.items():
        check.notes[:] = [f"The timestamp has {what}."]
        refused(check, message(stamp))


SIGNATURES = {
    "nothing in it": "",
    "capitals": sign(NOW).upper(),
    "letters that are not ASCII": "é" * 64,
    "no hexadecimal digits": "z" * 64,
    "half of the digits": sign(NOW)[:32],
    "an odd number of digits": sign(NOW)[:-1],
    "the digits twice": sign(NOW) * 2,
    "a prefix": "sha256=" + sign(NOW),
    "a line end": sign(NOW) + "\n",
    "blanks": " ".join(sign(NOW)[at : at + 2] for at in range(0, 64, 2)),
}


def test_bad_signatures(check):
    """The signatures are malformed."""
    check.mistake(
        "A malformed signature led to an exception. `compare_digest` wants "
        "ASCII in texts (or bytes on both sides), and `bytes.fromhex` pairs of "
        "digits.",
        lambda it: it.error,
    )
    check.mistake(
        "The signature is not written as 64 hexadecimal digits in lower case, "
        "and was accepted all the same.",
        lambda it: it.value is True,
    )
    for what, signature in SIGNATURES.items():
        check.notes[:] = [f"The signature has {what}."]
        refused(check, message(signature=signature))


@pytest.mark.parametrize("name", ["X-Timestamp", "X-Signature"])
def test_a_header_is_missing(check, name):
    """One of the two headers is not there."""
    check.mistake(
        f"Without {name} it raised an exception. Anybody can leave it out: "
        "that is False.",
        lambda it: it.error,
    )
    refused(check, [pair for pair in message() if pair[0] != name])


@pytest.mark.parametrize("name", ["X-Timestamp", "X-Signature"])
def test_a_header_comes_twice(check, name):
    """One of the two headers is there twice, in different spellings."""
    values = {"X-Timestamp": str(NOW - 9000), "X-Signature": "0" * 64}
    extra = (name.lower(), values[name])
    check.mistake(
        f"{name} came twice, and one of them was taken. Somebody else might "
        "take the other one: that is malformed.",
        lambda it: it.value is True,
    )
    for headers in ([extra, *message()], [*message(), extra]):
        refused(check, headers)


def test_no_headers(check):
    """There is no header at all."""
    refused(check, [])
