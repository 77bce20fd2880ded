"""URL handling: the text that decides whom a program talks to.

Web applications, API clients and crawlers live on URLs. One wrong character,
and a program asks for another page, or talks to another machine.

After this lesson you can
- name the parts of a URL, and say which of them a server gets to see
- change one part and leave the others as they were
- send any text in a path or a query, so that the same text arrives
- follow the links of a page, and refuse a text that is no usable URL

It takes about twenty minutes. Everything happens on this machine.
"""

from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

try:
    from netbasics import clients, servers, urls, wire
    from netbasics.course import Lesson
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/04_url_handling.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step
def six_parts():
    """Six parts in one line.

    A URL is one line of text that has up to six parts. `urlsplit`, from the
    standard library, takes it apart. Before you run this: where does each
    part begin and end? Which characters belong to none of them?
    """
    text = "http://shop.example:8080/books/find?topic=python&page=2#reviews"
    parts = urlsplit(text)
    print(text)
    end = 0
    for name in ["scheme", "hostname", "port", "path", "query", "fragment"]:
        part = str(getattr(parts, name))
        start = text.index(part, end)
        end = start + len(part)
        print(" " * start + "^" * len(part), name)

    """
    - The **scheme** says how to talk.
    - The **host** is the machine to call, the **port** a program on it.
    - The **path** names what to ask for, often like folders and a file.
    - The **query** adds names and values, `name=value`, with `&` between.
    - The **fragment** points to a place within the answer.

    Between the parts stand separators: `://`, `:`, `/`, `?`, `#`. Most URLs
    name no port. What is `.port` then, in the standard library and in ours?
    """
    for text in ["http://shop.example/books", "https://shop.example/books"]:
        print(text)
        print("  urlsplit:  ", urlsplit(text).port)
        print("  urls.parse:", urls.parse(text).port)

    """
    `urlsplit` tells what is written. A client needs a number all the same, and
    the scheme has one: 80 for `http`, 443 for `https`. So `urls.parse` gives
    the port to call.
    """


@lesson.step
def what_reaches_the_server():
    """What reaches the server.

    Here is a real server. It prints the first line of each request, and the
    header in which the client says whom it meant to call.

    Six parts go into the client. Which of them will the server see?
    """

    class Tell(BaseHTTPRequestHandler):
        def do_GET(self):
            print("first line:  ", self.requestline)
            print("Host header: ", self.headers["Host"])
            self.send_response(204)
            self.end_headers()

    with servers.serve(Tell) as server:
        url = f"{server.url}/books/find?topic=python&page=2#reviews"
        print("client asks: ", url)
        clients.get(url)

    """
    That is what the server says. Did the fragment not come, or was it left
    out? A *tap* is a relay that notes what passes: the client connects to it,
    and it connects to the server. Will `reviews` be among the bytes?
    """

    class Quiet(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(204)
            self.end_headers()

    with servers.serve(Quiet) as server, wire.tap(server.address) as tap:
        clients.get(f"{tap.url}/books/find?topic=python&page=2#reviews")

    print(tap.diagram(width=76))

    """
    Scheme, host and port told the client how and where to connect; the server
    hears of the host and the port in a header only. Path and query are in the
    first line of the request.

    The fragment stayed with the client: no byte of it passed. A browser
    scrolls to that place of the page. So what the server must know never goes
    behind a `#`.

    To see it without our helpers: two files, two terminals. The server prints
    each request.

    ```
    from http.server import HTTPServer, SimpleHTTPRequestHandler  # server.py
    HTTPServer(("127.0.0.1", 8000), SimpleHTTPRequestHandler).serve_forever()
    ```

    ```
    from urllib.request import urlopen  # client.py
    print(urlopen("http://127.0.0.1:8000/?q=a+b#c", timeout=5).status)
    ```
    """


@lesson.step
def not_at_the_colon():
    """Host and port: not at the colon.

    The host stands after `//`, the port after a colon. So a short line of
    Python is tempting. Which of these four does it get right?
    """
    texts = [
        "http://shop.example:8080/books",
        "http://shop.example/books",
        "http://[::1]:8080/books",
        "http://ann:pw@shop.example/",
    ]
    for text in texts:
        host, _, port = text.split("/")[2].partition(":")
        print(f"{text:30} host {host!r}, port {port!r}")

    """
    The third names the machine by an IPv6 address, which has colons of its
    own: that is why a URL puts it in brackets. The fourth has a user name and
    a password before an `@`; a program that believed this line of code would
    call a machine named `ann`.

    Now with a parser, a function that knows the rules:
    """
    for text in texts:
        parts = urlsplit(text)
        print(f"{text:30} host {parts.hostname!r}, port {parts.port}")

    url = urls.parse(texts[3])
    print()
    print("urls.parse:", url.host, url.port, url.username)
    print("its repr:  ", repr(url))

    """
    A parser knows where a colon ends a part, and where it is just a colon.
    The repr of ours hides the password as well, because URLs end up in logs.
    """


@lesson.step
def apart_and_together():
    """Apart, and together again.

    To change one part of a URL, take it apart, change the part, and put it
    together again. First without a change: which of these come back as they
    were?
    """
    from urllib.parse import urlunsplit

    texts = [
        "http://shop.example:8080/books?page=2#top",
        "HTTP://shop.example/books",
        "http://shop.example/books?",
    ]
    for text in texts:
        again = urlunsplit(urlsplit(text))
        print(f"{text:42} {'same' if again == text else again}")

    """
    The first one made the round trip. The others came back in another
    spelling. Most servers treat both alike, but a URL that was signed, or
    that is the key of a cache, must not change at all. `urls.parse` keeps the
    text it was made from:
    """
    for text in texts:
        again = str(urls.parse(text))
        print(f"{text:42} {'same' if again == text else again}")

    """
    Now a change: a shop moves from `http` to `https`. The tempting way is
    `replace`. What will it do to this URL, which carries another in its query?
    """
    text = "http://shop.example/login?next=http://other.example/cart"
    print("wrong:", text.replace("http:", "https:"))

    parts = urlsplit(text)
    changed = ("https", parts.netloc, parts.path, parts.query, parts.fragment)
    print("right:", urlunsplit(changed))

    """
    `replace` knows nothing of parts, and changed what was meant for somebody
    else. Once the URL is apart, the scheme is only the scheme. (`netloc` is
    what stands between `//` and the path, here the host.)
    """


@lesson.step
def the_search_term():
    """A search term in a URL.

    A form asks for a search term, and an f-string puts it into a URL. This
    server prints how it reads the query. Which of the four terms will arrive?
    """

    class Search(BaseHTTPRequestHandler):
        def do_GET(self):
            query = urlsplit(self.path).query
            print(f"{self.path:26} read as {parse_qs(query)}")
            self.send_response(204)
            self.end_headers()

    terms = ["python", "C++", "C#", "R&D"]
    with servers.serve(Search) as server:
        for term in terms:
            clients.get(f"{server.url}/find?topic={term}&page=1")

    """
    Nothing failed, and three of the four searches were wrong. The plus signs
    came out as spaces. After `#` all was fragment, the page number too. The
    `&` began a new name. A test with `python` would never have shown it.

    `urlencode` writes such characters in another way, in which they separate
    nothing:
    """
    with servers.serve(Search) as server:
        for term in terms:
            query = urlencode({"topic": term, "page": 1})
            clients.get(f"{server.url}/find?{query}")

    """
    So a text goes into a URL only after it was encoded. Two more ways to have
    it done: `urls.build`, for path and query, and the `params` of a client.
    """
    with servers.serve(Search) as server:
        clients.get(urls.build(server.url, "find", topic="R&D", page=1))
        clients.get(f"{server.url}/find", params={"topic": "R&D", "page": 1})


@lesson.step
def percent_signs():
    """Percent signs: how any text travels.

    A character that must not be read as a separator travels as its bytes, each
    written as a percent sign and two hexadecimal digits. `quote` writes them,
    `unquote` reads them. Which of these four texts does `quote` not change?
    """
    from urllib.parse import quote

    for text in ["read me", "50%", "Zürich", "AC/DC"]:
        escaped = quote(text)
        print(f"{text:8} {escaped:12} {unquote(escaped)}")

    """
    One letter can be two bytes: `ü` is `C3 BC` in UTF-8. And `quote` leaves
    the slash alone, as a whole path needs it. Is that right for the name of a
    band? This server divides the path at its slashes, into segments.
    """

    class Bands(BaseHTTPRequestHandler):
        def do_GET(self):
            segments = [unquote(part) for part in self.path.split("/")[1:]]
            print(f"{self.path:20} read as {segments}")
            self.send_response(204)
            self.end_headers()

    name = "AC/DC"
    with servers.serve(Bands) as server:
        clients.get(f"{server.url}/bands/{quote(name)}")
        clients.get(f"{server.url}/bands/{quote(name, safe='')}")
        clients.get(urls.build(server.url, "bands", name))

    """
    The first request asked for `DC`, something of the band `AC`. `safe=''`
    encodes the slash as well. `urls.quote` and `urls.build` always do.

    The order matters. The sender encodes each part, then puts them together.
    The receiver takes them apart, then decodes each part, once.
    """


@lesson.step
def plus_or_percent_20():
    """A space: + or %20.

    A space is seen in URLs in two spellings, `+` and `%20`. This server is
    asked for both, and for `%2B`, each in the path and in the query. Which of
    the six does it read as a space?
    """

    class Tell(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            path, query = unquote(parts.path), parse_qs(parts.query)
            print(f"{self.path:16} path {path!r}, query {query}")
            self.send_response(204)
            self.end_headers()

    with servers.serve(Tell) as server:
        for target in ["/a+b?q=a+b", "/a%20b?q=a%20b", "/a%2Bb?q=a%2Bb"]:
            clients.get(server.url + target)

    """
    All three arrived as they were sent; the reader decides what they mean.
    `%20` is a space everywhere. `+` is a plus in a path, and a space in a
    query, a habit that HTML forms brought in. A real plus in a query is `%2B`.

    So the two parts need two decoders. What does the wrong one make of a
    value from a query?
    """
    from urllib.parse import unquote_plus

    value = urlencode({"q": "C++ basics"}).removeprefix("q=")
    print("on the way:  ", value)
    print("unquote:     ", unquote(value))
    print("unquote_plus:", unquote_plus(value))

    """
    For a path use `quote` and `unquote`. For a query use `urlencode` and
    `parse_qs`, which know the habit of forms.
    """


@lesson.step
def reading_a_query():
    """Reading a query.

    A query is divided at `&`, and each piece at `=`. Two calls of `split` seem
    to be enough. What gets lost here?
    """
    query = "topic=R%26D&tag=new&tag=used"
    print(dict(pair.split("=") for pair in query.split("&")))

    """
    The topic is still encoded, and one of the two tags is gone: a name may
    come more than once, and a dict keeps the last value. That is why
    `parse_qs` gives a list for each name, and `urls.decode_query` gives pairs.
    """
    fields = parse_qs(query)
    print("parse_qs:    ", fields)
    print("decode_query:", urls.decode_query(query))

    """
    And back again. The lists are a trap. Which of these lines is the query
    that we began with?
    """
    print("urlencode:   ", urlencode(fields))
    print("with doseq:  ", urlencode(fields, doseq=True))
    print("encode_query:", urls.encode_query(fields))

    """
    The first one encoded what Python prints for a list, brackets and quotes
    and all. `doseq=True` repeats the name for each value of a list instead.
    `urls.encode_query` does that by itself.
    """


@lesson.step
def following_links():
    """Following a link.

    The page `/docs/intro.html` has three links: the name of a page in the
    same folder, a path from the root, and a whole URL. A program has to make
    a whole URL of each.

    First by putting the link behind the page's URL. Which pages are found?
    """
    site = ["/docs/intro.html", "/docs/setup.html", "/index.html"]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in site else 404)
            self.end_headers()

    with servers.serve(Site) as server:
        page = f"{server.url}/docs/intro.html"
        for link in ["setup.html", "/index.html", f"{server.url}/index.html"]:
            url = f"{page}/{link}"
            print(clients.get(url).status_code, url.removeprefix(server.url))

    """
    A link is an instruction for whoever is at the page. `urljoin` follows the
    same rules as a browser:
    """
    from urllib.parse import urljoin

    with servers.serve(Site) as server:
        page = f"{server.url}/docs/intro.html"
        for link in ["setup.html", "/index.html", f"{server.url}/index.html"]:
            url = urljoin(page, link)
            print(clients.get(url).status_code, url.removeprefix(server.url))

    """
    A name takes the place of the last segment. A path that begins with `/`
    takes the place of the whole path. A whole URL takes the place of all.

    `urls.join` does the same. Where do these lead, and what becomes of `v1`?
    """
    for base in ["http://api.example/v1", "http://api.example/v1/"]:
        print("base:       ", base)
        print("  urljoin:  ", urljoin(base, "users"))
        print("  urls.join:", urls.join(base, "users"))

    """
    Without a slash at its end, `v1` is the last segment, so it is replaced. To
    follow a link is one thing, to go on below a path is another. For that
    there is `urls.build`, and the slash makes no difference to it:
    """
    for base in ["http://api.example/v1", "http://api.example/v1/"]:
        print(urls.build(base, "users"))


@lesson.step
def valid_or_not():
    """Valid or not.

    Somebody types a web address into a form, and the program checks it. The
    check that comes to mind is `startswith`. Which of its answers are wrong?
    """
    texts = [
        "http://127.0.0.1:8000/books?page=2",
        "HTTPS://[::1]/",
        "http:/127.0.0.1/",
        "http://",
        "httpx://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://my shop.example/",
    ]
    for text in texts:
        print(f"{text:36} {text.startswith('http')}")

    """
    It refused the second, which is a good URL: a scheme may have capitals. And
    it let the last five pass. What does a client say to those?
    """
    from textwrap import fill

    for text in texts[2:]:
        try:
            clients.get(text)
        except ValueError as error:
            print(fill(str(error), 76, subsequent_indent="    "))

    """
    None of them can be requested. Better: take the text apart, and look at
    the parts. (`.port` raises a ValueError when the number is out of range.)
    Which answer is still wrong?
    """

    def has_the_parts(text):
        try:
            parts = urlsplit(text)
            return (
                parts.scheme in ("http", "https")
                and bool(parts.hostname)
                and parts.port != 0
            )
        except ValueError:
            return False

    for text in texts:
        print(f"{text:36} {has_the_parts(text)}")

    """
    The last: no host has a space in it. `urlsplit` takes apart, it does not
    check. The helper `urls.is_valid` checks every part:
    """
    for text in texts:
        print(f"{text:36} {urls.is_valid(text)}")

    """
    `urls.validate` says what is wrong, for the person who typed it:
    """
    for text in texts[2:]:
        try:
            urls.validate(text)
        except ValueError as error:
            print(fill(str(error), 76, subsequent_indent="    "))

    """
    Valid does not mean harmless. `http://127.0.0.1/` is valid, and leads to
    the very machine that asks. A program that fetches what strangers type in
    has to check the address behind the name as well: `netbasics.guard`.
    """


lesson.ends(
    """
    - A URL has six parts. The fragment never reaches the server.
    - A parser finds host and port; a colon alone does not.
    - Encode each text before it goes into a URL. Take the URL apart first, and
      then decode each part once.
    - Follow links with a join, and append to a path with `urls.build`.
    - A text from outside is checked part by part before it is used.

    Three questions to check yourself:

    1. A page is reached by `http://shop.example/list?page=2#row-7`. Which
       part can the server never read, and who uses it?
    2. What does `+` mean in a path, and what in a query? How is a real plus
       written in a query?
    3. The page `http://api.example/v1` has a link to `users`. Where does it
       lead, and what would one more slash in the page's URL change?

    The answers are in docs/lesson_04.md. Next: APIs, where these URLs lead to
    data. `netbasics learn 05`
    """
)

if __name__ == "__main__":
    lesson.main()
