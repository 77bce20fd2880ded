"""Checks normalize."""

import pytest
from normalize import normalize

TWICE = (
    "Normalizing once and twice gives two spellings, so neither is the one "
    "that equivalent URLs share."
)


def gives(check, url, expected):
    """Check the normal spelling, and that it is its own."""
    check.returns(expected, normalize, url)
    check.mistake(TWICE, lambda it: True)
    check.returns(expected, normalize, expected)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://shop.example/a?b#c", "http://shop.example/a?b#c"),
        ("HTTP://Shop.EXAMPLE/a", "http://shop.example/a"),
        ("wss://[2001:DB8::A]/", "wss://[2001:db8::a]/"),
        ("http://shop.example/A/b?C=d#E", "http://shop.example/A/b?C=d#E"),
    ],
)
def test_scheme_and_host_in_lower_case(check, url, expected):
    """Capital and small letters mean the same in scheme and host only."""
    check.mistake(
        "Path, query and fragment have lost their capital letters. There "
        "`/A` and `/a` are two pages.",
        lambda it: it.value == expected.lower() != expected,
    )
    gives(check, url, expected)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://shop.example:80/", "http://shop.example/"),
        ("HTTPS://shop.example:443/", "https://shop.example/"),
        ("ws://shop.example:80/", "ws://shop.example/"),
        ("wss://shop.example:443/", "wss://shop.example/"),
        ("ftp://shop.example:21/", "ftp://shop.example/"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://shop.example:/", "http://shop.example/"),
        ("http://u:80@shop.example:80/:80", "http://u:80@shop.example/:80"),
    ],
)
def test_the_scheme_s_own_port_goes(check, url, expected):
    """The port says what the scheme says already, or nothing at all."""
    gives(check, url, expected)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example:8080/",
        "http://shop.example:443/",
        "https://shop.example:80/",
        "ftp://shop.example:80/",
        "ws://shop.example:21/",
        "http://[::1]:8000/",
    ],
)
def test_another_port_stays(check, url):
    """The port is not the scheme's own, perhaps another scheme's."""
    check.mistake(
        "The port is the default of another scheme. Here it leads to another "
        "server, so it must stay.",
        lambda it: it.value.count(":") < url.count(":"),
    )
    gives(check, url, url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://shop.example", "http://shop.example/"),
        ("http://shop.example:80", "http://shop.example/"),
        ("http://shop.example?q", "http://shop.example/?q"),
        ("http://shop.example#top", "http://shop.example/#top"),
    ],
)
def test_an_empty_path(check, url, expected):
    """The URL has no path; a client asks for `/` then."""
    check.mistake(
        "With an empty path a client asks for `/`, so the two mean the same.",
        lambda it: it.value.count("/") == 2,
    )
    gives(check, url, expected)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/./b", "/a/b"),
        ("/a/b/../c", "/a/c"),
        ("/a/b/../../c", "/c"),
        ("/../../a", "/a"),
        ("/a/b/c/./../../g", "/a/g"),
        ("/a/...", "/a/..."),
        ("/a/.b/c..", "/a/.b/c.."),
    ],
)
def test_dot_segments_are_removed(check, path, expected):
    """The path has steps in it, and names that only look like steps."""
    gives(check, f"http://h{path}", f"http://h{expected}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/.", "/a/"),
        ("/a/b/..", "/a/"),
        ("/a/..", "/"),
        ("/a/", "/a/"),
        ("/a/b/../", "/a/"),
    ],
)
def test_a_slash_at_the_end_stays(check, path, expected):
    """The path ends with a slash, or with a step, which leads to a folder."""
    check.mistake(
        "The slash at the end is lost. `/a/` and `/a` are two URLs; and `/a/.`"
        " is the folder, `/a/`.",
        lambda it: f"{it.value}/" == f"http://h{expected}",
    )
    gives(check, f"http://h{path}", f"http://h{expected}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/a//b", "/a//b"), ("//a", "//a"), ("/a//../b", "/a/b")],
)
def test_empty_segments_stay(check, path, expected):
    """The path has two slashes in a row: an empty name lies between them."""
    check.mistake(
        "Two slashes became one. In a file system they mean the same, in a "
        "URL they do not: `posixpath.normpath` is for the former.",
        lambda it: (
            it.value == "http://h" + expected.replace("//", "/")
            or (path == "/a//../b" and it.value == "http://h/b")
        ),
    )
    gives(check, f"http://h{path}", f"http://h{expected}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/%7euser", "/~user"),
        ("/%7Euser", "/~user"),
        ("/%41%6a%30%39", "/Aj09"),
        ("/a%2Db%2Ec%5fd", "/a-b.c_d"),
    ],
)
def test_needless_escapes_go(check, path, expected):
    """Letters, digits and `-._~` are escaped, which nobody needs."""
    gives(check, f"http://h{path}", f"http://h{expected}")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a%2Fb", "/a%2Fb"),
        ("/a%2fb%3f%23", "/a%2Fb%3F%23"),
        ("/a%20b%25%2541", "/a%20b%25%2541"),
        ("/caf%c3%a9%21%2b", "/caf%C3%A9%21%2B"),
        ("/%2e%2fa", "/.%2Fa"),
    ],
)
def test_other_escapes_stay(check, path, expected):
    """Signs are escaped that mean something else when they are not."""
    check.mistake(
        "A `%2F` was decoded, and now there is a slash: what was a name is a "
        "folder and a name. Decode only what means the same either way: "
        "letters, digits and `-._~`.",
        lambda it: it.value.count("/") > 2 + expected.count("/"),
    )
    check.mistake(
        "The hexadecimal digits of an escape get upper case.",
        lambda it: it.value.lower() == f"http://h{expected}".lower(),
    )
    gives(check, f"http://h{path}", f"http://h{expected}")


def test_what_is_not_escaped_stays(check):
    """The URL has all the signs in it that may stand there unescaped."""
    check.mistake(
        "Signs were escaped that were not before. To a server `+` and `%2B` "
        "are not the same; leave what is not escaped alone.",
        lambda it: "%" in it.value,
    )
    url = "http://h/a!$&'()*+,;=:@b?c!$'()*+,;=:@/?d#e!$&'()*+,;=:@/?f"
    gives(check, url, url)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/%2e/b", "/a/b"),
        ("/a/b/%2E%2e/c", "/a/c"),
        ("/a/b/.%2e", "/a/"),
        ("/a/b/..%2fc", "/a/b/..%2Fc"),
    ],
)
def test_escaped_dot_segments(check, path, expected):
    """The dots of a step are escaped, and `.` is as good as `%2E`."""
    check.mistake(
        "`%2E%2E` became `..` when the dot segments had been removed "
        "already. First the escapes, then the dot segments.",
        lambda it: "/.." in it.value or "/./" in it.value,
    )
    gives(check, f"http://h{path}", f"http://h{expected}")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("?q=%7e%2f", "?q=~%2F"),
        ("#%7e%2f", "#~%2F"),
        ("?a/../b#c/./d", "?a/../b#c/./d"),
    ],
)
def test_query_and_fragment(check, rest, expected):
    """The query and the fragment have escapes, and dots."""
    check.mistake(
        "Escapes are normalized in the query and the fragment too.",
        lambda it: it.value == f"http://h/{rest}",
    )
    check.mistake(
        "Dot segments are removed in paths only.",
        lambda it: "/.." not in it.value or "/./" not in it.value,
    )
    gives(check, f"http://h/{rest}", f"http://h/{expected}")


def test_the_order_of_the_query_stays(check):
    """The query has fields in an order of its own, some blank, one twice."""
    check.mistake(
        "The query was sorted. Its order may mean something to the server.",
        lambda it: sorted(it.value) == sorted(url) and it.value != url,
    )
    check.mistake(
        "A part of the query is lost, or written in another way. It is a "
        "text in which only escapes are mended.",
        lambda it: "?" in it.value,
    )
    url = "http://h/?b=2&a=1&b=1&&c=&d&x=+"
    gives(check, url, url)


@pytest.mark.parametrize("rest", ["?", "#", "?#", "?q#", "?#f"])
def test_empty_query_and_fragment_stay(check, rest):
    """The URL has a `?` or a `#`, and nothing behind it."""
    check.mistake(
        "An empty `?` or `#` is lost. `urlsplit` does not tell an empty query "
        "from none, so `urlunsplit` cannot write it again.",
        lambda it: len(it.value) < len(f"http://h/{rest}"),
    )
    gives(check, f"http://h/{rest}", f"http://h/{rest}")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://Ann:PassWord@H/", "http://Ann:PassWord@h/"),
        ("ftp://Ann@H:21/", "ftp://Ann@h/"),
        ("http://A%6en%2f:p%7e%40@H/", "http://Ann%2F:p~%40@h/"),
    ],
)
def test_user_name_and_password(check, url, expected):
    """The URL has a user name, and perhaps a password."""
    check.mistake(
        "User name and password have lost their capital letters. Only the "
        "host gets lower case.",
        lambda it: it.value.lower() == expected.lower(),
    )
    gives(check, url, expected)


@pytest.mark.parametrize("rest", ["100%", "100%/a", "%zz", "a%4", "?%&x=%g1"])
def test_a_percent_sign_that_is_no_escape(check, rest):
    """A percent sign is there without two hexadecimal digits behind it."""
    check.mistake(
        "The percent sign became `%25`. It stays, for nobody knows what was "
        "meant by it.",
        lambda it: "%25" in it.value,
    )
    gives(check, f"http://h/{rest}", f"http://h/{rest}")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("%4%31", "%4%31"),
        ("100%%41b", "100%%41b"),
        ("?%c%33%7e", "?%c%33~"),
        ("%%34%31", "%%341"),
    ],
)
def test_no_new_escapes_come_up(check, rest, expected):
    """A percent sign that is no escape stands before one that is."""
    check.mistake(
        "Decoding has made an escape that was not there before, and the next "
        "one who normalizes would decode that. Leave an escape behind a bare "
        "`%`, or behind `%` and one digit, as it is.",
        lambda it: len(it.value) < len(f"http://h/{expected}"),
    )
    gives(check, f"http://h/{rest}", f"http://h/{expected}")
