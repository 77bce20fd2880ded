"""6.5 A copy of a site."""

from pathlib import Path

from netbasics.practice import Report


def mirror(url: str, folder: Path) -> Report:
    """Save a page, and all that can be reached from it on the same origin.

    Beginning with `url`, each page is fetched with GET and saved. The links of
    HTML pages are followed: every `href` and `src` attribute of any tag, as
    HTML means it (any case, with quotes of either kind or without, not in
    comments), and relative to the URL of the page that it is in. `<base>` is
    not used on these sites.

    Which pages:

    - Only those of the same origin: scheme, host and port are those of `url`.
      `localhost` and `127.0.0.1` are different hosts. Nothing else is ever
      connected to. URLs with a user name or password are not followed.
    - Each of them once, however many links lead to it. A fragment (`#part`)
      makes no other page.
    - A link with a query (`?page=2`) is left alone: it is neither asked for
      nor reported.
    - A link is searched for in pages whose media type is `text/html`, with or
      without parameters, in any case; in no other.

    Saved is a page whose status is 200 and whose body came whole. Its file is
    the path of its URL below `folder`; `/` and `/dir/` become `index.html`
    and `dir/index.html`. Names with percent signs may be decoded or not.
    Whatever a name is, with `..`, backslashes or a slash too many: nothing
    outside of `folder` is written or changed. Such a page is either failed or
    saved somewhere inside.

    Failed is a page with another status, or whose body ends too early; that
    is not there after 5 seconds (from the connect to the last byte, headers
    included); or that cannot be written: its name is too long for a file, or
    it would have to be a file and a folder at once. It leaves no file, and no
    part of one. The run goes on with the others.

    A redirect (301, 302, 303, 307, 308) within the origin is followed. The
    page is the one that it leads to, saved and reported by that URL, and
    fetched only once all the same; the URL that was redirected is in neither
    list. A redirect to another origin is not followed: the URL that was
    redirected is failed. What is reported of redirects in a circle is open;
    they end.

    Args:
        url: Where to begin; an http URL with a path and without a query. It
            may have a fragment.
        folder: Where to save. It is made if it is not there.

    Returns:
        A report: the URLs that were `saved` and those that `failed`, absolute
        and without fragments, each of them once, in any order.

    Nothing is raised for what the site does. Its answers are HTTP/1.1; their
    bodies have a Content-Length, or are chunked.
    """
    raise NotImplementedError("not written yet")
