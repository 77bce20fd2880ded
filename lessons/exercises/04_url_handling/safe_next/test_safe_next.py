"""Checks safe_next."""

import pytest
from safe_next import safe_next

HOSTS = {
    "shop.example:443",
    "shop.example:8443",
    "dev.example:80",
    "127.0.0.1:8000",
    "[::1]:8000",
}


KNOWN = f"`hosts` has {', '.join(sorted(HOSTS))}."


def stays(check, url):
    """The URL may be gone to."""
    check.note(KNOWN)
    check.returns(url, safe_next, url, set(HOSTS))


def refused(check, url):
    """The URL must not be gone to."""
    check.note(KNOWN)
    check.returns("/", safe_next, url, set(HOSTS))


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/account",
        "/account?tab=2#top",
        "/search?q=http://evil.example//",
        "/a//b",
        "/?",
    ],
)
def test_a_path_is_fine(check, url):
    """The URL is a path of this very site."""
    stays(check, url)


@pytest.mark.parametrize(
    "url",
    ["//evil.example/", "//evil.example", "///evil.example", "//", "////"],
)
def test_two_slashes_are_a_host(check, url):
    """The URL starts with more than one slash: a browser reads a host."""
    check.mistake(
        "`//evil.example/` starts with a slash and is no path: a browser keeps "
        "the scheme and goes to that host. One slash, and no second one.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url", ["", "account", "?tab=2", "#top", "../account", "shop.example/", "."]
)
def test_neither_a_path_nor_whole(check, url):
    """The URL does not start with a slash, and has no scheme."""
    check.mistake(
        "Without a host it is not yet a path: the contract asks for a `/` at "
        "its beginning.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example:443/account",
        "https://shop.example:8443/",
        "http://127.0.0.1:8000/a?b#c",
        "https://shop.example/account",
        "http://dev.example/",
        "https://shop.example",
        "https://shop.example?tab=2",
        "https://shop.example:443#top",
    ],
)
def test_a_host_that_is_known(check, url):
    """The URL is on a host that is in the list, with its port."""
    check.mistake(
        "No port is written, so it is the scheme's own: 80 for http, 443 for "
        "https. With it, the host is in the list.",
        lambda it: it.value == "/" and url.count(":") == 1,
    )
    stays(check, url)


@pytest.mark.parametrize(
    "url",
    ["https://Shop.EXAMPLE/A", "HTTPS://shop.example/", "Http://DEV.example"],
)
def test_capital_letters(check, url):
    """The URL is on a known host, and written with capital letters."""
    check.mistake(
        "Capital letters do not matter in a scheme and a host. Compare them "
        "in lower case, and return the URL as it came.",
        lambda it: it.value in ("/", url.lower()) or it.value != url,
    )
    stays(check, url)


def test_a_host_in_brackets(check):
    """The URL is on a known host, which is an IPv6 address."""
    check.mistake(
        "The host is in the list with its brackets. `urlsplit(url).hostname` "
        "has taken them away.",
        lambda it: it.value == "/",
    )
    stays(check, "http://[::1]:8000/account")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://evilshop.example/",
        "https://www.shop.example/",
        "https://evil.example/shop.example:443",
        "https://evil.example?shop.example:443",
        "https://evil.example#@shop.example:443",
        "https://shop.examplE.evil.example",
    ],
)
def test_another_host(check, url):
    """The URL is on another host, whose name may resemble a known one."""
    check.mistake(
        "A known host stands in it, but is not the host. A host ends at `/`, "
        "`?`, `#` or a port: compare the whole of it, not a beginning or an "
        "end.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://shop.example:444/",
        "https://shop.example:80/",
        "https://dev.example/",
        "http://127.0.0.1/",
        "http://127.0.0.1:8001/",
        "https://shop.example:4430/",
    ],
)
def test_another_port(check, url):
    """The URL is on a known host, at a port that is not in the list."""
    check.mistake(
        "The host is known, the port is not: there may be another program "
        "behind it, of somebody else.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example@evil.example/",
        "https://shop.example:443@evil.example/",
        "https://ann@shop.example/",
        "https://ann:pw@shop.example:443/",
        "https://@shop.example/",
        "https://evil.example@shop.example/",
    ],
)
def test_a_user_name(check, url):
    """The URL has something before an `@`: a user name, not a host."""
    check.mistake(
        "What stands before an `@` is a user name, and people take it for "
        "the host. No user name is allowed, not even an empty one.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "/users/@ann",
        "/search?q=ann@shop.example",
        "https://shop.example/@ann",
        "https://shop.example?q=@",
        "https://shop.example#a@b",
    ],
)
def test_an_at_sign_elsewhere(check, url):
    """The URL has an `@` behind the host, where it is a letter like others."""
    check.mistake(
        "Only before the path an `@` ends a user name. Here it stands behind "
        "the host.",
        lambda it: it.value == "/",
    )
    stays(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "javascript://shop.example:443/%0aalert(1)",
        "data:text/html,hello",
        "ftp://shop.example:443/",
        "ws://shop.example:443/",
        "shop.example:443",
    ],
)
def test_another_scheme(check, url):
    """The URL has another scheme than http and https, or what looks so."""
    check.mistake(
        "Only http and https are pages to go to. `javascript:` runs a script "
        "in your page.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https:shop.example/",
        "https:/shop.example/",
        "https:///shop.example/",
        "https://",
        "https://:443/",
        "http:",
    ],
)
def test_not_two_slashes_behind_the_scheme(check, url):
    """The URL has a scheme, and then not two slashes and a host."""
    check.mistake(
        "To `urlsplit` this has no host, and a browser goes to one: it takes "
        "any number of slashes behind `https:`. Ask for exactly `://` and a "
        "host.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "/\\evil.example/",
        "\\\\evil.example/",
        "\\/evil.example/",
        "https:\\\\evil.example/",
        "https://evil.example\\@shop.example/",
        "https://shop.example\\.evil.example/",
        "https://shop.example/a\\b",
        "/a?b=\\",
    ],
)
def test_a_backslash(check, url):
    """The URL has a backslash in it, which a browser reads as a slash."""
    check.mistake(
        "A browser reads a backslash as a slash. So `/\\evil.example` is "
        "`//evil.example`, which is another host.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "/\t/evil.example/",
        "/\n/evil.example/",
        "/\r\n/evil.example/",
        " //evil.example/",
        "\x00//evil.example/",
        "ht\ntps://evil.example/",
        " /account",
        "/account ",
        "/account\n",
        "/a b",
        "https://shop.example/\r\nSet-Cookie:x=1",
        "https://shop.example/\x7f",
        "https://shop.\texample/",
        "/\x00",
        "/\x1f",
        "/\x0b/evil.example",
        "/\x80",
        "/\x85",
        "/\xa0",
    ],
)
def test_blanks_and_control_characters(check, url):
    """The URL has a blank or a control character in it."""
    check.mistake(
        "Something was taken away, and what was left was judged and returned. "
        "A URL with blanks or control characters in it is refused as it is.",
        lambda it: it.value not in ("/", url),
    )
    check.mistake(
        "A browser leaves tabs and line ends out, so `/`, a tab and "
        "`/evil.example` are `//evil.example`. Line ends may also begin a new "
        "header. No URL has blanks or control characters: refuse them, first "
        "of all.",
        lambda it: it.value == url,
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example:abc/",
        "https://shop.example:443x/",
        "https://shop.example:99999999/",
        "https://shop.example:-443/",
        "https://shop.example:+443/",
        "https://shop.example:4_43/",
        "https://shop.example:\uff14\uff14\uff13/",
        "https://shop.example:443:443/",
        "https://shop.example:443.evil.example/",
        "https://[::1/",
        "https://::1]:8000/",
        "http://[::1]8000/",
        "http://[::1]:8000:8000/",
        "http://[]:8000/",
        "https://shop.example\uff0fevil.example/",
        "https://sh\u043ep.example/",
        "https://[shop.example]/",
        "//[",
    ],
)
def test_broken_ones_raise_nothing(check, url):
    """The URL is broken in some way; a parser may raise an error."""
    check.mistake(
        "`urlsplit`, or its `port`, raised a ValueError. The URL came from a "
        "stranger, and anything may be in it: then go to `/`.",
        lambda it: isinstance(it.error, ValueError),
    )
    refused(check, url)


@pytest.mark.parametrize(
    "url", ["http://[::1]evil.example:8000/", "http://evil.example[::1]:8000/"]
)
def test_something_beside_the_brackets(check, url):
    """Between an IPv6 address in brackets and the rest stands something."""
    check.mistake(
        "The brackets were found, and what stands beside them was overlooked. "
        "`urlsplit` does so too in many versions of Python: put host and port "
        "together as you read them, and compare that with `netloc`.",
        lambda it: it.value == url,
    )
    refused(check, url)


def test_no_hosts_are_known(check):
    """The list of hosts is empty: only paths are left."""
    check.returns("/", safe_next, "https://shop.example/", set())
    check.returns("/account", safe_next, "/account", set())
