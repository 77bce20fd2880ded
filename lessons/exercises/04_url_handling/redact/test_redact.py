"""Checks redact."""

import io
import logging

import pytest
from redact import redact

REST = (
    "More than the secrets has changed. Whoever reads the log wants to see "
    "what was really asked for: divide the text, and put the pieces back as "
    "they were. Taking a query apart and writing it anew changes it."
)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/a?page=2&q=fish+%26+chips#top",
        "https://shop.example",
        "http://shop.example:8000/?",
        "http://shop.example/#",
        "http://shop.example/?a=&&b&;c=1;#?",
        "http://Shop.example/%7Ea/%7ea/../b?x=%C3%A9&x=a%20b+c#d=%",
        "http://[::1]:8000/a?b?c=d",
    ],
)
def test_nothing_to_hide(check, url):
    """There is no secret in the URL."""
    check.mistake(REST, lambda it: it.value != url)
    check.returns(url, redact, url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ann:pw@shop.example/", "https://***@shop.example/"),
        ("https://ann@shop.example/", "https://***@shop.example/"),
        ("ftp://ann:@shop.example:21", "ftp://***@shop.example:21"),
        ("https://:pw@shop.example?a=1", "https://***@shop.example?a=1"),
        ("http://ann:%40%2f@[::1]:80/#a", "http://***@[::1]:80/#a"),
    ],
)
def test_user_name_and_password(check, url, expected):
    """The URL has a user name, a password, or both."""
    check.mistake(
        "Only a part of it is hidden. Some services take a token as the user "
        "name, so the whole of it goes: one `***` before the `@`.",
        lambda it: "ann" in it.value or "pw" in it.value,
    )
    check.returns(expected, redact, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/@ann",
        "https://shop.example/a:b@c",
        "https://shop.example?q=a@b",
        "https://shop.example/#a@b",
    ],
)
def test_an_at_sign_elsewhere(check, url):
    """There is an `@` in the path, the query or the fragment."""
    check.mistake(
        "This `@` stands behind the host, so no user name stands before it. "
        "The host ends at the first `/`, `?` or `#`.",
        lambda it: "***" in it.value,
    )
    check.returns(url, redact, url)


def test_two_at_signs(check):
    """The password has an `@` in it that somebody forgot to escape."""
    check.mistake(
        "The end of the password is still there. The host begins behind the "
        "last `@`.",
        lambda it: "word@" in it.value,
    )
    url = "https://ann:pass@word@shop.example/a@b"
    check.returns("https://***@shop.example/a@b", redact, url)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("token=abc", "token=***"),
        ("key=abc&page=2", "key=***&page=2"),
        ("page=2&secret=abc", "page=2&secret=***"),
        ("a=1&password=abc&b=2", "a=1&password=***&b=2"),
        ("signature=abc&signature=def", "signature=***&signature=***"),
    ],
)
def test_secrets_in_the_query(check, query, expected):
    """The query has a secret in it, and perhaps other fields."""
    check.mistake(
        "The `***` was escaped. It is for people to read, so put it there "
        "as it is.",
        lambda it: "%2A" in it.value,
    )
    check.returns(f"http://h/?{expected}", redact, f"http://h/?{query}")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://ann:pw@h/pw?a=pw&ann", "http://***@h/pw?a=pw&ann"),
        ("http://h/abc?token=abc&b=abc", "http://h/abc?token=***&b=abc"),
        ("http://h/?token=h", "http://h/?token=***"),
        (
            "http://shop:shop@shop.example/shop",
            "http://***@shop.example/shop",
        ),
        ("HTTP://a@H:080/./?&token=x&&#", "HTTP://***@H:080/./?&token=***&&#"),
        ("http://h/?a=%2f+&key=x&b=%zz#%", "http://h/?a=%2f+&key=***&b=%zz#%"),
    ],
)
def test_the_rest_stays(check, url, expected):
    """The rest of the URL has odd spellings, or the same letters again."""
    check.mistake(
        "The secret was replaced wherever its letters stand. Replace it where "
        "it stands, not what it says.",
        lambda it: it.value.count("***") > expected.count("***"),
    )
    check.mistake(REST, lambda it: it.value != expected)
    check.returns(expected, redact, url)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("access_token=abc", "access_token=***"),
        ("x-api-key-id=abc", "x-api-key-id=***"),
        ("oldpassword2=abc", "oldpassword2=***"),
        ("monkey=abc", "monkey=***"),
        ("X[token]=abc", "X[token]=***"),
    ],
)
def test_a_key_contains_the_word(check, query, expected):
    """The key is longer than the word: it contains it."""
    check.mistake(
        "The word stands within the key, and the value is still there. Look "
        "for keys that contain a word, not only for those that are one.",
        lambda it: it.value.endswith("=abc"),
    )
    check.returns(f"http://h/?{expected}", redact, f"http://h/?{query}")


@pytest.mark.parametrize("key", ["Token", "API_KEY", "clientSecret"])
def test_capital_letters(check, key):
    """The key is written with capital letters."""
    check.mistake(
        "Capital letters make no difference to whoever wants the secret. "
        "Compare in lower case, and write the key as it was.",
        lambda it: (
            it.value in (f"http://h/?{key}=a", f"http://h/?{key}=a1")
            or it.value == f"http://h/?{key.lower()}=***"
        ),
    )
    check.returns(f"http://h/?{key}=***", redact, f"http://h/?{key}=a")


@pytest.mark.parametrize(
    "key", ["%74oken", "api_%6Bey", "pass%77ord", "%54OKEN", "%FFtok%65n%"]
)
def test_an_escaped_key(check, key):
    """The key is written with escapes, which a server decodes."""
    check.mistake(
        "The server decodes the key and finds the word; the search did not. "
        "Decode the key for the search, and write it as it was.",
        lambda it: it.value == f"http://h/?{key}=a1",
    )
    check.mistake(
        "The key was written as it was decoded. Only the value changes.",
        lambda it: it.value.endswith("=***"),
    )
    check.returns(f"http://h/?{key}=***", redact, f"http://h/?{key}=a1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("token=YWJj=", "token=***"),
        ("token=a=b&c=d", "token=***&c=d"),
        ("token=", "token=***"),
        ("token=&key=a?b/c@d", "token=***&key=***"),
        ("token=a%26b\nc", "token=***"),
    ],
)
def test_the_value_ends_with_its_field(check, query, expected):
    """The value is empty, or has signs in it, such as another `=`."""
    check.mistake(
        "A part of the value is still there, or was taken for the key. The "
        "key ends at the first `=`; all that follows in the field is the "
        "value.",
        lambda it: it.value != f"http://h/?{expected}" and "=" in query[6:],
    )
    check.mistake(
        "An empty value is hidden as well: the log shall not tell that there "
        "is none.",
        lambda it: "token=" in it.value and "token=***" not in it.value,
    )
    check.returns(f"http://h/?{expected}", redact, f"http://h/?{query}")


@pytest.mark.parametrize(
    "query", ["token", "a=1&token&b=2", "key;secret", "token&a=1"]
)
def test_a_key_without_a_value(check, query):
    """The key has no `=` behind it, so there is no value to hide."""
    check.mistake(
        "A field without `=` has no value, and stays as it is.",
        lambda it: "***" in it.value,
    )
    check.returns(f"http://h/?{query}", redact, f"http://h/?{query}")


@pytest.mark.parametrize(
    "url",
    [
        "http://h/?q=token&sort=key",
        "http://h/?q=a:token",
        "http://h/?q=token=1",
        "http://h/token?page=2",
        "http://token.example/secret/1?a=b",
        "http://h/token=abc/b",
        "http://h/key=abc?page=2",
    ],
)
def test_a_word_that_is_no_key(check, url):
    """A word stands in a value, in the path or in the host."""
    check.mistake(
        "Only the values of keys in the query and the fragment are hidden. "
        "Here the word is no key.",
        lambda it: "***" in it.value,
    )
    check.returns(url, redact, url)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("?page=2;token=abc", "?page=2;token=***"),
        ("?token=abc;page=2&a;b=1", "?token=***;page=2&a;b=1"),
    ],
)
def test_semicolons_divide_too(check, rest, expected):
    """Fields are divided by a semicolon, as some servers do it."""
    check.mistake(
        "Some servers divide fields at `;` as well as at `&`.",
        lambda it: ";token=abc" in it.value or "***;page" not in it.value,
    )
    check.returns(f"http://h/{expected}", redact, f"http://h/{rest}")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("#access_token=abc&page=2", "#access_token=***&page=2"),
        ("?a=1#token=abc", "?a=1#token=***"),
        ("?key=1#a?b#key=2", "?key=***#a?b#key=***"),
        ("#/route?token=abc", "#/route?token=***"),
        ("?key=a#b", "?key=***#b"),
    ],
)
def test_secrets_in_the_fragment(check, rest, expected):
    """The fragment has a secret in it: many logins leave a token there."""
    check.mistake(
        "The secret in the fragment is still there. No server sees it, but a "
        "log does.",
        lambda it: it.value.endswith(("abc", "abc&page=2", "key=2")),
    )
    check.returns(f"http://h/{expected}", redact, f"http://h/{rest}")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://ann:pw@h:port/?key=a", "http://***@h:port/?key=***"),
        ("http://ann:pw@[::1/?key=a", "http://***@[::1/?key=***"),
        ("http://ann:pw@h:99999/#key=a", "http://***@h:99999/#key=***"),
        ("http://ann:pw@/", "http://***@/"),
    ],
)
def test_broken_urls(check, url, expected):
    """The URL is broken, which is why somebody wants to show it."""
    check.mistake(
        "`urlsplit`, or its `port`, raised a ValueError. This function is "
        "needed most where a URL is wrong, on the way into an error message.",
        lambda it: isinstance(it.error, ValueError),
    )
    check.returns(expected, redact, url)


def test_a_log_without_secrets(check):
    """A program logs each URL that it asks for; a thief reads the log."""
    lines = io.StringIO()
    log = logging.getLogger("shop")
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler(lines))
    log.propagate = False
    for url in [
        "https://ann:hunter2@shop.example/?page=1",
        "https://shop.example/?api_key=hunter2&page=2",
        "https://shop.example/?page=3;SIGNATURE=hunter2",
        "https://shop.example/#access%5Ftoken=hunter2",
        "https://hunter2@shop.example:x/?pass%57ord=hunter2#my-secret=hunter2",
    ]:
        log.info("GET %s", check.call(redact, url))
    text = lines.getvalue()
    check.that("hunter2" not in text, "a log without 'hunter2'", text)
