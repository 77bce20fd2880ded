"""4.2 One spelling."""


def normalize(url: str) -> str:
    """Return the one spelling that equivalent URLs share.

    `HTTP://Shop.example:80/%7euser/.` and `http://shop.example/~user/` mean
    the same by RFC 3986, sections 6.2.2 and 6.2.3. Whatever might change the
    meaning stays. Normalizing twice gives the same as normalizing once.

    What changes:

    - Scheme and host get lower case.
    - The port goes if it is the scheme's own (80 for http and ws, 443 for
      https and wss, 21 for ftp) or empty (`shop.example:`), with its colon.
    - In the user name and password, the path, the query and the fragment: the
      hexadecimal digits of escapes get upper case (`%2f` is `%2F`), and an
      escape of a letter, a digit, `-`, `.`, `_` or `~` becomes that character
      (`%7E` is `~`).
    - After that, the dot segments of the path are removed (RFC 3986, section
      5.2.4): `/a/./b/../c` is `/a/c`, and `/a/..` is `/`.
    - An empty path becomes `/`.

    What stays: all other escapes, such as `%2F`; all characters that are not
    escaped, `+` and `'` and `//` within a path too; the case of user name and
    password, path, query and fragment; the order and spelling of the query
    otherwise; an empty query (`?`) or fragment (`#`) with its sign; any other
    port; a `%` that begins no escape.

    Behind a `%` that begins no escape, an escape stays one (in upper case) if
    it follows at once or after one hexadecimal digit: `%4%31` is `%4%31`,
    since `%41` would be an escape that was not there before.

    Args:
        url: A whole URL of the scheme http, https, ws, wss or ftp, in any
            case, with `//` and a host, of ASCII letters. The host has no
            escapes; it may be an IPv6 address in brackets.

    Returns:
        The URL.
    """
    raise NotImplementedError("not written yet")
