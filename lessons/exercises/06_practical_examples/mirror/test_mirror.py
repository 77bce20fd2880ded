"""Checks mirror."""

import time

import pytest
from mirror import mirror

from netbasics import lab
from netbasics.practice import Report
from netbasics.practice.check import Running

HTML = "text/html; charset=utf-8"


class Work:
    """A folder deep in the scratch folder, and what surrounds it."""

    def __init__(self, check):
        self.check = check
        self.root = check.folder / "a" / "b" / "c"
        self.folder = self.root / "site"
        self.root.mkdir(parents=True)
        for place in (check.folder, self.root.parent, self.root):
            (place / "canary.txt").write_text("alive")
        (self.root / "site-old").mkdir()
        self.before = self.outside()

    def outside(self):
        paths = list(self.check.folder.rglob("*"))
        inside = [p for p in paths if self.folder in (p, *p.parents)]
        return {
            str(path): path.read_bytes() if path.is_file() else b"a folder"
            for path in paths
            if path not in inside
        }

    def files(self):
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def mirror(self, url):
        report = self.check.call(mirror, url, self.folder)
        self.check.that(
            isinstance(report, Report), "a Report", f"{report!r:.80}"
        )
        now = self.outside()
        strange = sorted(
            path
            for path in now.keys() | self.before.keys()
            if now.get(path) != self.before.get(path)
        )
        if strange:
            self.check.fail(
                "that nothing outside of the folder is written",
                f"{strange[0]} was",
            )
        return report

    def compare(self, report, site, saved, failed=()):
        """Compare both lists, by paths, and the files with what was sent."""
        check = self.check
        for name, wanted in (("saved", saved), ("failed", failed)):
            got = sorted(getattr(report, name))
            short = [url.removeprefix(site.url) for url in got]
            check.equal(short, sorted(wanted), f"paths that {name}")


def page(site, path, *links, kind=HTML, status=200):
    """Put a page with links there; return its bytes."""
    body = "<!doctype html><title>A page</title>\n"
    body += "\n".join(f'<a href="{link}">there</a>' for link in links)
    site.put(path, body.encode(), kind=kind, status=status)
    return body.encode()


def asked(site):
    return [request.target for request in site.requests]


def counted(check, site):
    """No page was asked for twice."""
    twice = sorted({t for t in asked(site) if asked(site).count(t) > 1})
    check.that(
        not twice,
        "that each page is asked for once",
        f"{', '.join(twice)} were asked for again",
    )


@pytest.fixture
def work(check):
    return Work(check)


@pytest.fixture
def site(check):
    return check.peer(lab.origin())


def test_one_page(check, work, site):
    """The site is one page, with a link to itself, and one to a part of it."""
    body = page(site, "/", "/", "#part", "/#other")
    check.mistake(
        "A fragment is a place within a page. Remove it (`urldefrag`) before "
        "you compare URLs.",
        lambda it: any("#" in url for url in it.value.saved),
    )
    check.mistake(
        "The page has a link to itself. Remember what was visited.",
        lambda it: it.hung or len(asked(site)) > 1,
    )
    report = work.mirror(site.url + "/#top")
    work.compare(report, site, ["/"])
    check.equal(work.files(), {"index.html": body}, "the files")
    counted(check, site)


def test_a_site(check, work, site):
    """A few pages that link to each other in all the ways of HTML."""
    pages = {
        "index.html": page(
            site, "/", "docs/", "/docs/one.html#x", "missing.html", "data"
        ),
        "docs/index.html": page(
            site, "/docs/", "one.html", "../", "deep/er/two.html"
        ),
        "docs/one.html": b"<A HREF=two.html>2</A><p data-src='no1.html'>"
        b"<!-- <a href='no2.html'> --><img SRC = 'pic/logo.png' alt=''>"
        b"<link rel=stylesheet href='style.css'><a name=x>",
        "docs/two.html": page(site, "/docs/two.html", "?page=2", "one.html"),
        "docs/deep/er/two.html": page(
            site, "/docs/deep/er/two.html", "../../../docs/", "mailto:me@x.com"
        ),
        "docs/pic/logo.png": bytes(range(256)) * 300,
        "docs/style.css": b"a { color: red } /* <a href=no3.html> */",
        "data": b"<a href='no4.html'>",
    }
    site.put("/docs/one.html", pages["docs/one.html"], kind="Text/HTML")
    site.put("/docs/pic/logo.png", pages["docs/pic/logo.png"], kind="image/png")
    site.put("/docs/style.css", pages["docs/style.css"], kind="text/css")
    site.put("/data", pages["data"])
    check.mistake(
        "Links stand in HTML, and HTML wants a parser: quotes of two kinds or "
        "none, any case, comments, attributes like `data-src`. The standard "
        "library has `html.parser`.",
        lambda it: (
            {"/docs/no1.html", "/docs/no2.html"} & set(asked(site))
            or not {"/docs/style.css", "/docs/pic/logo.png"} <= set(asked(site))
        ),
    )
    check.mistake(
        "Only what says that it is text/html is searched for links.",
        lambda it: {"/no4.html", "/docs/no3.html"} & set(asked(site)),
    )
    check.mistake(
        "A link with a query is to be left alone. A calendar has a next month "
        "for ever.",
        lambda it: (
            any("?" in target for target in asked(site))
            or any("?" in url for url in it.value.saved + it.value.failed)
        ),
    )
    check.mistake(
        "A page with another status than 200 is no page to keep.",
        lambda it: (work.folder / "missing.html").exists(),
    )
    report = work.mirror(site.url + "/")
    saved = ["/" + name.removesuffix("index.html") for name in pages]
    work.compare(report, site, saved, ["/missing.html"])
    got = work.files()
    check.equal(sorted(got), sorted(pages), "the files")
    for name, body in pages.items():
        check.equal(got[name], body, name)
    counted(check, site)


def test_other_origins(check, work, site):
    """Links, and a redirect, lead to other origins, which listen as well."""
    other = check.peer(lab.origin())
    page(other, "/x.html")
    where = f"{other.host}:{other.port}"
    page(
        site,
        "/",
        f"{other.url}/x.html",
        f"//{where}/x.html",
        f"{site.url}@{where}/x.html",
        f"http://localhost:{site.port}/x.html",
        f"https://{site.host}:{site.port}/x.html",
        "ftp://127.0.0.1/x.html",
        "http://[/x.html",
        f"{site.url}/here.html",
        "/away",
    )
    page(site, "/here.html")
    page(site, "/x.html")
    site.redirect("/away", f"{other.url}/x.html")
    check.mistake(
        "It went to another server. That a URL begins with the right letters "
        "does not mean that it is of the same origin: compare scheme, host "
        "and port, of links and of redirects, before you follow them.",
        lambda it: other.attempts or "/x.html" in asked(site),
    )
    report = work.mirror(site.url + "/")
    work.compare(report, site, ["/", "/here.html"], ["/away"])
    check.equal(other.attempts, 0, "connections to the other server")
    check.equal(asked(site).count("/x.html"), 0, "requests as localhost")


def test_redirects(check, work, site):
    """Within the origin, /old leads to /new/, whose links are relative."""
    page(site, "/", "/old", "/new/", "/older", "/circle")
    site.redirect("/old", "/new/", 301)
    site.redirect("/older", site.url + "/old", 307)
    body = page(site, "/new/", "page.html")
    page(site, "/new/page.html")
    site.redirect("/circle", "/elcric")
    site.redirect("/elcric", "/circle")
    check.mistake(
        "A relative link belongs to the URL of the page itself, which is the "
        "one after the redirect.",
        lambda it: "/page.html" in asked(site),
    )
    check.mistake(
        "/old leads to /new/, so the page is /new/: it is reported and saved "
        "as that, and fetched once, whoever leads there.",
        lambda it: not it.hung,
    )
    report = work.mirror(site.url + "/")
    report.saved = [u for u in report.saved if "rc" not in u]
    report.failed = [u for u in report.failed if "rc" not in u]
    work.compare(report, site, ["/", "/new/", "/new/page.html"])
    check.equal(work.files().get("new/index.html"), body, "new/index.html")
    again = [target for target in asked(site) if target == "/new/"]
    check.equal(len(again), 1, "requests for /new/")


@pytest.mark.parametrize("way", ["length", "chunks"])
def test_a_cut_page(check, work, way):
    """A page is cut off: before its length, or before its last chunk."""
    start = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    start += b"Connection: close\r\n"
    body = b"<a href='/never.html'>a</a>" * 1000
    cut = {
        "length": start + b"Content-Length: 99999\r\n\r\n" + body,
        "chunks": start
        + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body)
        + body
        + b"\r\n",
    }[way]
    index = b"<a href=cut.html>1</a><a href=whole.html>2</a>"
    whole = b"whole"
    size = b"Content-Length: %d\r\n\r\n"
    chunks = (
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nwh\r\n3\r\nole\r\n0\r\n\r\n"
    )
    answers = {
        "/": start + size % len(index) + index,
        "/cut.html": cut,
        "/whole.html": start
        + (chunks if way == "chunks" else size % len(whole) + whole),
    }
    site = check.peer(lab.tells(answers))
    check.mistake(
        "Half a page was taken for a whole one. `read(size)` of http.client "
        "and urllib does not say that the body was cut; compare what came "
        "with Content-Length, or read all of it with one `read()`.",
        lambda it: (
            "/never.html" in asked(site)
            or any(url.endswith("cut.html") for url in it.value.saved)
        ),
    )
    check.mistake(
        "A page that fails leaves no file, nor a part of one. Write when all "
        "of it is there.",
        lambda it: (work.folder / "cut.html").exists(),
    )
    check.mistake(
        "A page that is cut raises IncompleteRead or another HTTPException, "
        "which are no OSErrors. The page is failed, and the others go on.",
        lambda it: it.error is not None,
    )
    report = work.mirror(site.url + "/")
    work.compare(report, site, ["/", "/whole.html"], ["/cut.html"])
    files = {"index.html": index, "whole.html": whole}
    check.equal(work.files(), files, "the files")


def test_names_that_lead_outside(check, work, site):
    """Links have names with `..`, encoded or not, and other tricks in them."""
    outside = check.folder / "canary.txt"
    names = [
        "../../../canary.txt",
        "/../../canary.txt",
        "/%2e%2e/%2e%2e/canary.txt",
        "/..%2f..%2fcanary.txt",
        "/%2e%2e%2fcanary.txt",
        "/x/..%2f..%2f..%2fcanary.txt",
        "/..%2fsite-old%2fnew.txt",
        "/..%5c..%5ccanary.txt",
        f"{site.url}/{outside}",
        f"/%2f{str(outside)[1:].replace('/', '%2f')}",
        "/%00.html",
        "/" + "n" * 300 + ".html",
        "/good.html",
    ]
    page(site, "/", *names)
    targets = {name.removeprefix(site.url) for name in names}
    targets |= {"/canary.txt", "/../../canary.txt", "/../canary.txt"}
    targets |= {"/../site-old/new.txt", "/x/../../../canary.txt"}
    for target in sorted(targets - {"/good.html"}):
        site.put(target, b"dead")
    page(site, "/good.html")
    check.mistake(
        "A name from outside led out of the folder. Decode it, join it, "
        "resolve it, and look whether the result is still below the folder "
        "(`Path.is_relative_to`); comparing the beginning of the text lets "
        "`site-old` pass.",
        lambda it: work.outside() != work.before,
    )
    check.mistake(
        "A name that cannot be a file (too long, with a NUL in it) raises "
        "OSError or ValueError. The page is failed, and the others go on.",
        lambda it: it.error is not None,
    )
    report = work.mirror(site.url + "/")
    check.that(
        {site.url + "/", site.url + "/good.html"} <= set(report.saved),
        "that / and /good.html are saved",
        f"saved: {[u.removeprefix(site.url)[:20] for u in report.saved]}",
    )


def test_a_file_and_a_folder(check, work, site):
    """One link is to /a, the other one to /a/b: a file and a folder."""
    page(site, "/", "/a", "/a/b", "/c/d", "/c")
    for path in ("/a", "/a/b", "/c/d", "/c"):
        page(site, path)
    check.mistake(
        "A page that cannot be written is failed; it is no reason to stop.",
        lambda it: it.error is not None,
    )
    report = work.mirror(site.url + "/")
    both = [url.removeprefix(site.url) for url in report.saved + report.failed]
    wanted = ["/", "/a", "/a/b", "/c", "/c/d"]
    check.equal(sorted(both), wanted, "paths saved or failed")
    check.that(len(report.saved) >= 3, "that one of each two is saved")


def test_slow_pages(check, work):
    """A page drips its headers for 3.5 s and then its body, without end.

    On another site, at the same time, a page comes whole after 3 s.
    """
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    head += b"Content-Length: 999\r\n\r\n"
    pieces = [head[:8], *lab.pieces_of(head[8:], 10), *[b"x"] * 40]
    site = check.peer(lab.paced(pieces, 0.5))
    slow = check.peer(lab.slow(3))
    patient = Running(mirror, slow.url + "/", check.folder / "slow")
    began = time.monotonic()
    check.mistake(
        "Each byte began a new timeout. The five seconds are for a page, from "
        "the connect to its last byte, headers included: work out anew what is "
        "left, before each `recv`.",
        lambda it: it.hung or it.seconds > 6,
    )
    report = check.call(mirror, site.url + "/slow.html", work.folder)
    took = time.monotonic() - began
    check.that(took < 6, "that it gives up after 5 s", f"it took {took:.1f} s")
    work.compare(report, site, [], ["/slow.html"])
    check.equal(work.files(), {}, "the files")
    check.that(patient.join(2), "that the other site is done", "it is not done")
    if patient.error is not None:
        raise patient.error
    check.mistake(
        "A page that comes within five seconds is in time.", lambda it: True
    )
    work.compare(patient.value, slow, ["/"])
