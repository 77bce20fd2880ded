"""URL handling: the text that decides whom a program talks to.

Web applications, API clients and crawlers live on URLs. One wrong character,
and a program asks for another page, or talks to another machine.

After this lesson you can
- name the parts of a URL, and say which of them a server gets to see
- change one part and leave the others as they were
- send any text in a path or a query, so that the same text arrives
- follow the links of a page, and refuse a text that is no usable URL
- fetch a URL that a stranger chose, and not be led to where you must not go

The core takes about twenty minutes, the deeper steps as long again.
Everything happens on this machine.
"""

from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

try:
    from netbasics import clients, lab, servers, sockets, urls, wire
    from netbasics.course import Choice, Lesson, Number
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/04_url_handling.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step(
    ask=[
        Choice(
            "What is the query of this URL, to `urlsplit`?",
            {
                "?topic=python&page=2": "The question mark says where the "
                "query begins. It is no part of it.",
                "topic=python&page=2": "Without its `?`, and up to the `#`: "
                "separators belong to no part.",
                "topic=python&page=2#reviews": "The `#` ends the query. "
                "Behind it is a part of its own.",
            },
            truth=lambda ran: ran.parts.query,
        ),
        Choice(
            "No port is written here. What is `urlsplit(...).port`?",
            {
                "80 or 443": "Those are the ports of the two schemes. But "
                "`urlsplit` says what is written, and nothing is.",
                "None": "Nothing is written, so it says nothing.",
                "an error": "A URL without a port is quite usual.",
            },
            truth=lambda ran: (
                "80 or 443" if ran.urlsplit(ran.text).port else "None"
            ),
            part=2,
        ),
    ],
)
def six_parts():
    """Six parts in one line.

    A URL is one line of text that has up to six parts. `urlsplit`, from the
    standard library, takes it apart. Where does each part begin and end?
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
    name no port. Here is what the standard library and ours say then:
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


@lesson.step(
    ask=[
        Choice(
            "How much of the URL stands in that first line?",
            {
                "/books/find": "And the query, or else no server could "
                "search for anything.",
                "/books/find?topic=python&page=2": "Path and query. The "
                "fragment is not there.",
                "/books/find?topic=python&page=2#reviews": "Nearly: all from "
                "the path on, but for the fragment.",
            },
            truth=lambda ran: ran.lines[0].split()[1],
        ),
        Choice(
            "Who left out the fragment?",
            {
                "the client": "No byte of it was sent. It is for the client's "
                "own use.",
                "the server": "The server cannot leave out what never came: "
                "no byte of it was sent.",
            },
            truth=lambda ran: (
                "the server"
                if b"reviews" in ran.tap.transcript.data("to-server")
                else "the client"
            ),
            part=2,
        ),
    ],
)
def what_reaches_the_server():
    """What reaches the server.

    Here is a real server. It keeps the first line of each request, and the
    header in which the client says whom it meant to call. Six parts go into
    the client.
    """

    class Tell(BaseHTTPRequestHandler):
        def do_GET(self):
            lines.extend([self.requestline, self.headers["Host"]])
            self.send_response(204)
            self.end_headers()

    lines = []
    with servers.serve(Tell) as server:
        url = f"{server.url}/books/find?topic=python&page=2#reviews"
        print("client asks: ", url)
        clients.get(url)
        print("first line:  ", lines[0])
        print("Host header: ", lines[1])

    """
    That is what the server says. A *tap* is a relay that notes what passes:
    the client connects to it, and it connects to the server. (`tap.wait()`
    waits until the connection has ended.)
    """

    class Quiet(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(204)
            self.end_headers()

    with servers.serve(Quiet) as server, wire.tap(server.address) as tap:
        clients.get(f"{tap.url}/books/find?topic=python&page=2#reviews")
        tap.wait()
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


@lesson.step(
    ask=[
        Choice(
            "Which host does it find in the last of the four?",
            {
                "shop.example": "It is the host. But this line of code takes "
                "what stands before the first colon.",
                "ann": "It takes what stands before the first colon, and "
                "that is a user name.",
                "ann:pw@shop.example": "That is between the slashes. The "
                "line then cuts it at the first colon.",
            },
            truth=lambda ran: ran.host,
        ),
    ],
)
def not_at_the_colon():
    """Host and port: not at the colon.

    The host stands after `//`, the port after a colon. So a short line of
    Python is tempting. Here are four good URLs.
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


@lesson.step(
    ask=[
        Number(
            "How many of these three come back as they were?",
            truth=lambda ran: sum(
                ran.urlunsplit(ran.urlsplit(text)) == text for text in ran.texts
            ),
            right="The first one. The others came back in another spelling.",
            low="The first one does: it has no capitals and nothing empty.",
            high="Only the first one. Capitals of a scheme are made small, "
            "and an empty query loses its `?`.",
        ),
        Choice(
            "What will `replace` change in this URL?",
            {
                "the scheme only": "It knows nothing of schemes. It changes "
                "each `http:` that it finds.",
                "the URL in the query as well": "It changes each `http:` "
                "that it finds.",
            },
            truth=lambda ran: (
                "the URL in the query as well"
                if ran.text.replace("http:", "https:").count("https:") > 1
                else "the scheme only"
            ),
            part=3,
        ),
    ],
)
def apart_and_together():
    """Apart, and together again.

    To change one part of a URL, take it apart, change the part, and put it
    together again. First without a change:
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
    `replace`. This URL carries another one in its query.
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


@lesson.step(
    ask=[
        Number(
            "How many of the four terms arrive as they were typed?",
            truth=lambda ran: sum(
                fields["topic"] == [term]
                for fields, term in zip(ran.read, ran.terms, strict=True)
            ),
            right="Only `python`, which has letters and nothing else.",
            low="One does: `python`, which has letters and nothing else.",
            high="Only `python`. The others have characters that mean "
            "something in a URL.",
        ),
    ],
)
def the_search_term():
    """A search term in a URL.

    A form asks for a search term, and an f-string puts it into a URL. This
    server tells how it reads the query.
    """

    class Search(BaseHTTPRequestHandler):
        def do_GET(self):
            read.append(parse_qs(urlsplit(self.path).query))
            print(f"{self.path:26} read as {read[-1]}")
            self.send_response(204)
            self.end_headers()

    read = []
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


@lesson.step(
    ask=[
        Choice(
            "Which of the four does `quote` leave as it is?",
            {
                "read me": "A space must not stand in a URL: it is `%20`.",
                "50%": "A percent sign begins an escape, so it needs one "
                "itself: `%25`.",
                "Z\u00fcrich": "The letter `\u00fc` is none of the letters "
                "that a URL may have.",
                "AC/DC": "`quote` takes a text for a whole path, in which "
                "slashes divide.",
            },
            truth=lambda ran: next(
                text
                for text in ["read me", "50%", "Z\u00fcrich", "AC/DC"]
                if ran.quote(text) == text
            ),
        ),
        Choice(
            "How does the server read the first of these requests?",
            {
                "bands, AC/DC": "The slash was not encoded, so it divides.",
                "bands, AC, DC": "The slash was not encoded. To the server it "
                "is one like the others.",
            },
            truth=lambda ran: ", ".join(ran.read[0]),
            part=2,
        ),
    ],
)
def percent_signs():
    """Percent signs: how any text travels.

    A character that must not be read as a separator travels as its bytes, each
    written as a percent sign and two hexadecimal digits. `quote` writes them,
    `unquote` reads them.
    """
    from urllib.parse import quote

    for text in ["read me", "50%", "Zürich", "AC/DC"]:
        escaped = quote(text)
        print(f"{text:8} {escaped:12} {unquote(escaped)}")

    """
    One letter can be two bytes: `ü` is `C3 BC` in UTF-8. And `quote` leaves
    the slash alone, as a whole path needs it. Now for the name of a band: this
    server divides the path at its slashes, into segments.
    """

    class Bands(BaseHTTPRequestHandler):
        def do_GET(self):
            read.append([unquote(part) for part in self.path.split("/")[1:]])
            print(f"{self.path:20} read as {read[-1]}")
            self.send_response(204)
            self.end_headers()

    read = []
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


@lesson.step(
    ask=[
        Number(
            "Six readings, each of a path or a query: how many have a space?",
            truth=lambda ran: sum(" " in text for text in ran.read),
            right="`%20` in both, and `+` in the query.",
            low="Three: `%20` in both, and `+` in the query.",
            high="Three: `%20` in both, and `+` in the query only. `%2B` is a "
            "plus everywhere.",
        ),
        Choice(
            "What does `unquote` make of this value?",
            {
                "C++ basics": "It decodes the two `%2B`. But `+` is an "
                "ordinary character to it.",
                "C+++basics": "The two encoded ones and the one that stood "
                "for a space: it keeps all three.",
                "C   basics": "It knows no `+` for a space, neither before "
                "nor after it decodes.",
            },
            truth=lambda ran: ran.unquote(ran.value),
            part=2,
        ),
    ],
)
def plus_or_percent_20():
    """A space: + or %20.

    A space is seen in URLs in two spellings, `+` and `%20`. This server is
    asked for both, and for `%2B`, each in the path and in the query.
    """

    class Tell(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            path, query = unquote(parts.path), parse_qs(parts.query)
            print(f"{self.path:16} path {path!r}, query {query}")
            read.extend([path, query["q"][0]])
            self.send_response(204)
            self.end_headers()

    read = []
    with servers.serve(Tell) as server:
        for target in ["/a+b?q=a+b", "/a%20b?q=a%20b", "/a%2Bb?q=a%2Bb"]:
            clients.get(server.url + target)

    """
    All three arrived as they were sent; the reader decides what they mean.
    `%20` is a space everywhere. `+` is a plus in a path, and a space in a
    query, a habit that HTML forms brought in. A real plus in a query is `%2B`.

    So the two parts need two decoders. Both of them on a value from a query:
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


@lesson.step(
    ask=[
        Choice(
            "What is lost here, besides that `%26` stays encoded?",
            {
                "nothing": "A dict holds one value for each name, and one "
                "name came twice.",
                "one of the tags": "A dict holds one value for each name: "
                "the last one.",
                "both tags": "The last one is kept.",
            },
            truth=lambda ran: (
                "one of the tags" if ran.pieces["tag"] == "used" else "nothing"
            ),
        ),
        Number(
            "How many of these three lines are the query of the beginning?",
            truth=lambda ran: [
                ran.urlencode(ran.fields),
                ran.urlencode(ran.fields, doseq=True),
                ran.urls.encode_query(ran.fields),
            ].count(ran.query),
            right="The last two.",
            low="The last two are.",
            high="Not the first: it took each list for a text.",
            part=3,
        ),
    ],
)
def reading_a_query():
    """Reading a query.

    A query is divided at `&`, and each piece at `=`. Two calls of `split` seem
    to be enough.
    """
    query = "topic=R%26D&tag=new&tag=used"
    pieces = dict(pair.split("=") for pair in query.split("&"))
    print(pieces)

    """
    The topic is still encoded, and one of the two tags is gone: a name may
    come more than once, and a dict keeps the last value. That is why
    `parse_qs` gives a list for each name, and `urls.decode_query` gives pairs.
    """
    fields = parse_qs(query)
    print("parse_qs:    ", fields)
    print("decode_query:", urls.decode_query(query))

    """
    And back again. The lists are a trap.
    """
    print("urlencode:   ", urlencode(fields))
    print("with doseq:  ", urlencode(fields, doseq=True))
    print("encode_query:", urls.encode_query(fields))

    """
    The first one encoded what Python prints for a list, brackets and quotes
    and all. `doseq=True` repeats the name for each value of a list instead.
    `urls.encode_query` does that by itself.
    """


@lesson.step(
    ask=[
        Number(
            "How many of the three pages are found this way?",
            truth=lambda ran: ran.statuses.count(200),
            right="None: each was looked for below the page itself.",
            low="It cannot be less than none.",
            high="None. Each was looked for below the page itself, as if "
            "that were a folder.",
        ),
        Choice(
            "To `http://api.example/v1`, joined with `users`, belongs ...",
            {
                "http://api.example/v1/users": "It looks so. But a name takes "
                "the place of the last segment, and that is `v1`.",
                "http://api.example/users": "A name takes the place of the "
                "last segment, and that is `v1`.",
                "http://api.example/v1users": "Segments are replaced as a "
                "whole, never lengthened.",
            },
            truth=lambda ran: ran.urljoin("http://api.example/v1", "users"),
            part=3,
        ),
    ],
)
def following_links():
    """Following a link.

    The page `/docs/intro.html` has three links: the name of a page in the
    same folder, a path from the root, and a whole URL. A program has to make
    a whole URL of each.

    First by putting the link behind the page's URL:
    """
    site = ["/docs/intro.html", "/docs/setup.html", "/index.html"]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in site else 404)
            self.end_headers()

    statuses = []
    with servers.serve(Site) as server:
        page = f"{server.url}/docs/intro.html"
        for link in ["setup.html", "/index.html", f"{server.url}/index.html"]:
            url = f"{page}/{link}"
            statuses.append(clients.get(url).status_code)
            print(statuses[-1], url.removeprefix(server.url))

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

    `urls.join` does the same. Now from the address of an API:
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


@lesson.step(
    ask=[
        Number(
            "How many of these seven answers are wrong?",
            truth=lambda ran: sum(
                text.startswith("http") != ran.urls.is_valid(text)
                for text in ran.texts
            ),
            right="All but the first: a good URL was refused, and five bad "
            "ones passed.",
            low="Six. The second is a good URL and was refused, and the five "
            "below are bad and passed.",
            high="The first answer is right: it is a good URL, and passed.",
        ),
        Number(
            "Five of the seven are bad. How many of those still pass?",
            truth=lambda ran: sum(map(ran.has_the_parts, ran.texts[2:])),
            right="The last one: no host has a space in it.",
            low="One: the host with a space in it.",
            high="Only the last one, the host with a space in it.",
            part=3,
        ),
    ],
)
def valid_or_not():
    """Valid or not.

    Somebody types a web address into a form, and the program checks it. The
    check that comes to mind is `startswith`.
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
    `urlsplit` takes apart, it does not check. The helper `urls.is_valid`
    checks every part:
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


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What does `urlsplit` take `localhost` for, in the first text?",
            {
                "the host": "So it was meant, and so a browser reads it. But "
                "nothing says `//` here, and only `//` begins a host.",
                "the scheme": "What stands before the first colon is a "
                "scheme, if it could be one. `localhost` could.",
                "the path": "That is what becomes of the other two. Here the "
                "colon comes first, and letters stand before it.",
            },
            truth=lambda ran: (
                "the scheme"
                if ran.urlsplit(ran.texts[0]).scheme == "localhost"
                else "the host"
            ),
        ),
        Choice(
            "For which of the two texts does that help?",
            {
                "both": "It would, if both came out without a scheme.",
                "127.0.0.1 only": "It got its `http://`. The other one has a "
                "scheme already, and no client speaks `localhost`.",
                "localhost only": "The other way round: `localhost` was taken "
                "for a scheme, so nothing was put before it.",
            },
            truth=lambda ran: (
                "both" if len(ran.worked) == 2 else f"{ran.worked[0]} only"
            ),
            part=2,
        ),
    ],
)
def without_a_scheme():
    """An address without http://.

    People type `localhost:8000/books` into a browser, and it knows what they
    mean. They type the same into the settings of a program.
    """
    texts = ["localhost:8000/books", "127.0.0.1:8000/books", "shop.example"]
    for text in texts:
        parts = urlsplit(text)
        print(text)
        print("  scheme:", repr(parts.scheme))
        print("  host:  ", repr(parts.hostname))
        print("  path:  ", repr(parts.path))

    """
    By the rules, the first is a whole URL, as `mailto:ann@shop.example` is
    one. The others have no scheme. A repair that comes to mind: put `http://`
    before what has none.
    """
    import requests

    def repaired(text):
        return text if urlsplit(text).scheme else f"http://{text}"

    worked = []
    with lab.slow(0) as shop:
        for host in ["127.0.0.1", "localhost"]:
            text = f"{host}:{shop.port}/books"
            try:
                print(text, requests.get(repaired(text), timeout=5))
                worked.append(host)
            except ValueError as error:
                print(error)

    """
    `lab.slow(0)` is a small server that answers whatever is asked, at once.

    To put `http://` before all that is not http would guess too much: of
    `mailto:ann@shop.example` it makes a URL of the host `shop.example`. Say
    what is wrong instead. Our client does so by itself.
    """
    from textwrap import fill

    def checked(text):
        if urlsplit(text).scheme not in ("http", "https"):
            raise ValueError(f"{text!r}: did you mean 'http://{text}'?")
        return text

    with lab.slow(0) as shop:
        text = f"localhost:{shop.port}/books"
        for ask in [checked, clients.get]:
            try:
                ask(text)
            except ValueError as error:
                print(fill(str(error), 76))
        print("as it was meant:", clients.get(f"http://{text}").status_code)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Which of the three will the API not know?",
            {
                "users": "It took the place behind the last slash, which was "
                "empty. The slash at the base's end is what it needs.",
                "./users": "The `.` means: in this folder. It is the same as "
                "`users`.",
                "/users": "A slash at the beginning means the root of the "
                "site, not of the API. So `/api/v1` was dropped.",
            },
            truth=lambda ran: ran.missed[0],
        ),
        Choice(
            "Where does the second page lead?",
            {
                "into the shop": "It begins with a slash, so it looks like a "
                "path. Two slashes begin a host.",
                "to the other server": "Two slashes begin a host. From the "
                "shop's URL only the scheme was left.",
                "nowhere": "It is a good reference by the rules: another "
                "host, with the same scheme.",
            },
            truth=lambda ran: (
                "to the other server"
                if ran.asked[-1] == ran.urlsplit(ran.other.url).netloc
                else "into the shop"
            ),
            part=2,
        ),
    ],
)
def joining_eats_your_path():
    """Joining eats your path.

    An API lives below `/api/v1/`. That URL stands in the settings, with the
    slash at its end, and the program joins the rest.
    """
    from urllib.parse import urljoin

    class API(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/api/v1/users" else 404)
            self.end_headers()

    missed = []
    with servers.serve(API) as server:
        for rest in ["users", "./users", "/users"]:
            url = urljoin(f"{server.url}/api/v1/", rest)
            status = clients.get(url).status_code
            print(f"{rest:8} {urlsplit(url).path:14} {status}")
            if status == 404:
                missed.append(rest)

    """
    One slash too many cost the path. The next case costs more. After a login,
    a shop sends people back to the page that they came from. That page comes
    with the request, so it is checked: it must begin with a slash.
    """

    class Tell(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["Host"])
            self.send_response(204)
            self.end_headers()

    asked = []
    with servers.serve(Tell) as shop, servers.serve(Tell) as other:
        print("the shop is ", urlsplit(shop.url).netloc)
        for page in ["/cart", f"//127.0.0.1:{other.port}/cart"]:
            if page.startswith("/"):
                clients.get(urljoin(shop.url, page))
                print(f"{page} led to {asked[-1]}")

    """
    So join first, and look at the result. Scheme, host and port together are
    the *origin*: as long as it is the same, we are still in the shop.
    """
    shop = "https://shop.example"
    for page in ["/cart", "//other.example/cart", "https://shop.example:8/"]:
        url = urljoin(shop, page)
        print(url)
        print("  urlsplit:  ", urlsplit(url)[:2] == urlsplit(shop)[:2])
        print("  urls.parse:", urls.parse(url).origin == shop)

    """
    And to go on below a path, do not join. Plain text will do, or `urls.build`,
    for which each text is one segment, whatever is in it:
    """
    for base in ["http://api.example/v1", "http://api.example/v1/"]:
        print("plain:", f"{base.rstrip('/')}/users")
        print("build:", urls.build(base, "users"))
        print("build:", urls.build(base, "//other.example"))


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Who gets this request?",
            {
                "shop.example": "The text begins so, and that is why the "
                "check let it pass. But the host stands behind the `@`.",
                "the server on 127.0.0.1": "What stands before an `@` is a "
                "user name. The host comes behind it.",
                "nobody": "A user name in a URL is old, and still allowed: "
                "the client took it, and called the host behind it.",
            },
            truth=lambda ran: (
                "the server on 127.0.0.1" if ran.seen else "nobody"
            ),
        ),
        Number(
            "How many of these four lead to the host `shop.example`?",
            truth=lambda ran: sum(
                ran.urlsplit(text).hostname == "shop.example"
                for text in ran.texts
            ),
            right="None. Each has the name where it is something else: a user "
            "name, a query, a fragment, the beginning of a longer name.",
            low="It cannot be less than none.",
            high="None does. In each the name is something else: a user "
            "name, a query, a fragment, the beginning of a longer name.",
            part=2,
        ),
    ],
)
def the_at_switch():
    """The @ switch.

    A program may call `shop.example` and nobody else. It looks at how the
    text begins. The server here is ours, on 127.0.0.1, and tells what it got.
    """

    class Tell(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers["Host"])
            print("  Host:         ", self.headers["Host"])
            print("  Authorization:", self.headers["Authorization"])
            self.send_response(204)
            self.end_headers()

    seen = []
    with servers.serve(Tell) as server:
        text = f"http://shop.example:80@127.0.0.1:{server.port}/books"
        print("asked for:", text)
        print("allowed:  ", text.startswith("http://shop.example"))
        if text.startswith("http://shop.example"):
            clients.get(text)

    """
    `shop.example` went out as a user name and `80` as a password, in a header
    that anybody can decode.

    Other checks of the text do no better:
    """
    texts = [
        "http://shop.example@other.example/",
        "http://other.example/?shop.example",
        "http://other.example#@shop.example",
        "http://shop.example.other.example/",
    ]
    for text in texts:
        found = "shop.example" in text
        print(f"{text:36} {found!s:5} host {urlsplit(text).hostname}")

    """
    Only a parser finds the host. Compare it as a whole, and let nobody bring a
    user name along:
    """

    def allowed(text):
        url = urls.parse(text)
        return url.host == "shop.example" and url.username is None

    for text in [*texts, "http://SHOP.example/books"]:
        parts = urlsplit(text)
        plain = parts.hostname == "shop.example" and "@" not in parts.netloc
        print(f"{text:36} urlsplit: {plain!s:6} urls.parse: {allowed(text)}")


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What will be Ann's phone number afterwards?",
            {
                "an empty text": "So she meant it, and so her browser sent "
                "it. `parse_qs` left the field out.",
                "555 0100": "`parse_qs` leaves out what is empty. An update "
                "without the field keeps the old value.",
                "there is none": "A field that is left out deletes nothing. "
                "The old value stayed.",
            },
            truth=lambda ran: ran.ann["phone"] or "an empty text",
        ),
        Choice(
            "`news` has no `=` at all. What do the careful two make of it?",
            {
                "an empty text": "As with `phone=`: the name is there, and "
                "there is no value.",
                "nothing: it is left out": "That is what the first one does. "
                "The other two lose no name.",
                "an error": "Browsers and servers accept it. Only "
                "`strict_parsing=True` is that strict.",
            },
            truth=lambda ran: (
                "an empty text"
                if ("news", "") in ran.urls.decode_query(ran.query)
                else "nothing: it is left out"
            ),
            part=2,
        ),
    ],
)
def vanishing_blanks():
    """Vanishing blanks.

    Ann moves to Oslo, and gives up her phone. In her profile she changes one
    field and empties the other. The server takes over what the form has.
    """

    class Profile(BaseHTTPRequestHandler):
        def do_GET(self):
            print("asked for:", self.path)
            fields = parse_qs(urlsplit(self.path).query)
            ann.update({name: values[0] for name, values in fields.items()})
            self.send_response(204)
            self.end_headers()

    ann = {"city": "Rome", "phone": "555 0100"}
    with servers.serve(Profile) as server:
        form = {"city": "Oslo", "phone": ""}
        clients.get(f"{server.url}/ann", params=form)
        print("Ann's profile:", ann)

    """
    Nothing failed. The city is right, so a test of the form would pass.
    `parse_qs` has an option for it; `urls.decode_query` needs none.
    """
    query = "city=Oslo&phone=&news"
    print("parse_qs:    ", parse_qs(query))
    print("with option: ", parse_qs(query, keep_blank_values=True))
    print("decode_query:", urls.decode_query(query))

    """
    The same form again, at two repaired servers:
    """

    class Repaired(Profile):
        def do_GET(self):
            query = urlsplit(self.path).query
            if self.path.startswith("/plain"):
                fields = parse_qs(query, keep_blank_values=True)
                ann.update({name: text[0] for name, text in fields.items()})
            else:
                ann.update(urls.decode_query(query))
            self.send_response(204)
            self.end_headers()

    with servers.serve(Repaired) as server:
        for path in ["/plain", "/helper"]:
            ann = {"city": "Rome", "phone": "555 0100"}
            clients.get(server.url + path, params=form)
            print(path, ann)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What does the server take for the band's name?",
            {
                "AC/DC": "It would after one encoding. Here the percent sign "
                "itself was encoded, and one decoding gives that back.",
                "AC%2FDC": "`%` became `%25`. The server decoded once, as it "
                "should, and has what the first encoding made.",
                "AC%252FDC": "That is what travelled. The server did decode "
                "it, once.",
            },
            truth=lambda ran: ran.read[0],
        ),
        Choice(
            "Which of the three names will `decode_all` get wrong?",
            {
                "AC/DC": "After one round it has no escapes any more, so the "
                "second changes nothing.",
                "50% off": "` o` is no pair of hexadecimal digits, so this "
                "percent sign stays.",
                "What %2F means": "The escape is part of the name. Nobody "
                "but the sender knows how often a text was encoded.",
            },
            truth=lambda ran: next(
                name for name in ran.names if name not in ran.decoded
            ),
            part=2,
        ),
        Choice(
            "Which path gets by the check and out of the folder?",
            {
                "/pages/../secret": "The two dots are there to be seen, so it "
                "is refused.",
                "/pages/%2e%2e/secret": "`%2e` is a dot after the first "
                "decoding, and the check comes behind that.",
                "/pages/%252e%252e/secret": "At the check it reads "
                "`%2e%2e`. The second decoding makes dots of it.",
            },
            truth=lambda ran: next(
                path for path in ran.paths if ".." in ran.open_page(path)
            ),
            part=3,
        ),
    ],
)
def encoded_twice():
    """Encoded twice.

    Somebody knows that a name must be encoded, and does it. The helper that
    builds the URL knows it, too.
    """
    from urllib.parse import quote

    class Bands(BaseHTTPRequestHandler):
        def do_GET(self):
            read.append(unquote(self.path.split("/")[-1]))
            print(f"{self.path:22} read as {read[-1]}")
            self.send_response(204)
            self.end_headers()

    read = []
    name = quote("AC/DC", safe="")
    with servers.serve(Bands) as server:
        clients.get(urls.build(server.url, "bands", name))

    """
    There is no such band. A tempting repair, on the side of the server: decode
    until nothing changes any more.
    """

    def decode_all(text):
        while unquote(text) != text:
            text = unquote(text)
        return text

    names = ["AC/DC", "50% off", "What %2F means"]
    decoded = []
    for name in names:
        sent = quote(name, safe="")
        decoded.append(decode_all(sent))
        print(f"{sent:22} once: {unquote(sent):15} to the end: {decoded[-1]}")

    """
    It cannot be known from a text how often it was encoded. And who decodes
    twice, easily checks in between. This program must not leave its folder:
    """

    def open_page(path):
        path = unquote(path)
        return "refused" if ".." in path else f"opens {unquote(path)}"

    paths = [
        "/pages/../secret",
        "/pages/%2e%2e/secret",
        "/pages/%252e%252e/secret",
    ]
    for path in paths:
        print(f"{path:26} {open_page(path)}")

    """
    The repair is one and the same on both sides: once. The sender gives the
    plain name to whatever builds the URL. The receiver decodes once, and
    checks what came out, in which `%2e` is only a strange name.
    """

    def open_once(path):
        path = unquote(path)
        return "refused" if ".." in path else f"opens {path}"

    for path in paths:
        print(f"{path:26} {open_once(path)}")

    with servers.serve(Bands) as server:
        clients.get(f"{server.url}/bands/{quote('AC/DC', safe='')}")
        clients.get(urls.build(server.url, "bands", "AC/DC"))


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "How many of the eight does the pattern judge right?",
            truth=lambda ran: sum(
                bool(ran.re.match(ran.pattern, text)) == ran.urls.is_valid(text)
                for text in ran.texts
            ),
            right="The first two, those that one tries out. The others were "
            "judged wrong, in both directions.",
            low="Two are right, the first two: those that one tries out.",
            high="Only the first two, those that one tries out. The others "
            "were judged wrong, in both directions.",
        ),
        Choice(
            "Two letters more: how much longer does one match take?",
            {
                "hardly longer": "So it is with a good pattern. This one "
                "tries every way to divide the letters into groups.",
                "about four times as long": "Each letter doubles the ways to "
                "divide the letters into groups, and all are tried.",
            },
            truth=lambda ran: (
                "about four times as long"
                if ran.seconds["20 letters"] > 2 * ran.seconds["18 letters"]
                else "hardly longer"
            ),
            part=2,
        ),
    ],
)
def a_naive_validator():
    """A naive validator against hostile input.

    Many programs check URLs by a pattern that somebody found. It says: a
    scheme, names with dots between, perhaps a port, perhaps a path. Beside it
    stands what `urls.is_valid` says.
    """
    import re

    pattern = r"https?://([\w-]+\.?)+(:\d+)?(/\S*)?$"
    texts = [
        "http://shop.example/books",
        "https://shop.example:8000/",
        "http://shop.example\n",
        "http://shop.example:99999/",
        "http://shop.example:\u0668\u0660/",
        "http://-/",
        "http://[::1]/",
        "HTTP://shop.example/",
    ]
    for text in texts:
        found = bool(re.match(pattern, text))
        print(f"{text!a:36} {found!s:6} {urls.is_valid(text)}")

    """
    `$` also fits before a newline at the end. `\\d` and `\\w` fit digits and
    letters of all scripts. And no pattern counts to 65535.

    It gets worse. Somebody sends one `a` after the other, and an exclamation
    mark at the end:
    """
    import time

    from netbasics import pictures

    seconds = {}
    for count in [14, 16, 18, 20]:
        began = time.thread_time()
        re.match(pattern, "http://" + "a" * count + "!")
        seconds[f"{count} letters"] = time.thread_time() - began

    chart = pictures.bars(seconds, unit="s", title="One match")
    print(chart)
    hours = seconds["20 letters"] * 2**20 / 3600
    print(f"40 letters would take {hours:,.0f} hours, if it goes on like this")

    """
    A repetition in a repetition, `([...]+...)+`: until it gives up, the pattern
    tries every way to divide the letters. It is called *catastrophic
    backtracking*, and one such text keeps a server busy.

    In a good pattern a text can be divided in one way only. Here is one, and
    our helper, with a hundred thousand letters:
    """

    def good_name(text):
        name = urlsplit(text).hostname or ""
        return bool(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", name))

    text = "http://" + "a" * 100_000 + "!"
    for check in [good_name, urls.is_valid]:
        began = time.thread_time()
        answer = check(text)
        took = time.thread_time() - began
        print(f"{check.__name__:10} {answer} {took:.4f} s")


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "How is the second name written in the network?",
            {
                "apple.example": "They look alike on a screen. To a program "
                "they are two letters with two numbers.",
                "in the bytes of UTF-8": "Names in the network have the "
                "letters a to z, digits and hyphens only. So it is rewritten.",
                "as a name that begins with xn--": "`xn--` marks a name that "
                "was rewritten in plain letters.",
            },
            truth=lambda ran: (
                "as a name that begins with xn--"
                if ran.name.encode("idna").startswith(b"xn--")
                else "apple.example"
            ),
        ),
        Choice(
            "To how many addresses does the German name lead?",
            {
                "one": "A name should. But the two spellings are two names, "
                "and each may belong to somebody else.",
                "two": "The two spellings are two names, and each may belong "
                "to somebody else.",
            },
            truth=lambda ran: "two" if len(ran.found) == 2 else "one",
            part=3,
        ),
        Choice(
            "A letter l in a circle. Where does this lead?",
            {
                "nowhere: there is no such name": "There is not. But before "
                "anybody is asked, the letter is replaced by a plain one.",
                "to this machine": "Before anybody is asked, the letter is "
                "replaced by a plain one. The check had come before that.",
            },
            truth=lambda ran: (
                "to this machine"
                if ran.reached in ("127.0.0.1", "::1")
                else "nowhere: there is no such name"
            ),
            part=4,
        ),
    ],
)
def look_alikes():
    """Look-alikes.

    Two links come with two letters from a bank. Both read `apple.example`, in
    most fonts. The second name begins with a letter of the Cyrillic alphabet.
    """
    for name in ["apple.example", "\u0430pple.example"]:
        print(name, ascii(name))
        print("  the same as in our list:", name == "apple.example")
        print("  in the network:         ", name.encode("idna").decode())

    """
    A program is not deceived, people are. So show them the name as the network
    has it: `urls.parse(text).ascii_host`. The rewriting is called *Punycode*.

    Its rules changed once. Python itself keeps to those of 2003. Browsers keep
    to those of 2008, and so does the package `idna`, which `requests` uses.
    Here is a German name:
    """
    import idna

    name = "fa\u00df.example"
    spellings = {
        "urllib": name.encode("idna").decode(),
        "browsers": idna.encode(name).decode(),
        "urls.parse": urls.parse(f"http://{name}/").ascii_host,
    }
    print(name)
    for who, spelling in spellings.items():
        print(f"  {who:10} {spelling}")

    """
    A *name server* knows which address belongs to which name. This one knows
    the two names. It is asked for each of the spellings.
    """
    from netbasics import dns

    found = set()
    one = dns.Record("fass.example", "A", "192.0.2.1")
    other = dns.Record("xn--fa-hia.example", "A", "192.0.2.2")
    with lab.dns_server([one, other]) as server:
        for who, spelling in spellings.items():
            question = dns.query(spelling).encode()
            reply = sockets.ask_udp(server.address, question, timeout=5)
            ip = str(dns.parse(reply).answers[0].data)
            found.add(ip)
            print(f"{who:10} {spelling:20} {ip}")

    """
    One text, two machines. Which one a program calls depends on its library.

    And some letters turn into others. This check knows `localhost`, and looks
    at the text as it came:
    """
    import socket

    host = "\u24dbocalhost"
    with servers.EchoServer() as server:
        print(ascii(host), "forbidden:", host == "localhost")
        address = (host, server.port)
        with socket.create_connection(address, timeout=5) as sock:
            reached = sock.getpeername()[0]
            print("connected to:", reached)

    """
    The repair: rewrite first, then check what came out. Or refuse a text that
    other programs will read as another one, as `urls.parse` does.
    """
    from textwrap import fill

    print("rewritten:", host.encode("idna").decode())
    try:
        urls.parse(f"http://{host}/")
    except ValueError as error:
        print(fill(str(error), 76))


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What becomes of the second link, with a newline in the host?",
            {
                "refused": "The check looked for nine characters in a row, "
                "and there were ten.",
                "an error": "It would be right. But `urljoin` removes "
                "newlines, and then it is a good URL.",
                "the salaries": "The check saw the newline. `urljoin` removed "
                "it, and the client called the machine that was forbidden.",
            },
            truth=lambda ran: (
                "the salaries" if ran.shown[-1] == "the salaries" else "refused"
            ),
        ),
        Choice(
            "What does the server read?",
            {
                "a request without headers": "We wrote none. But the word "
                "brought its own line ends, and lines after the first are "
                "headers.",
                "a header X-Role: admin": "The word brought its own line "
                "ends. What follows one is a header, whoever wrote it.",
            },
            truth=lambda ran: (
                "a header X-Role: admin"
                if ("X-Role", "admin") in ran.request.headers
                else "a request without headers"
            ),
            part=2,
        ),
    ],
)
def newlines_vanish():
    """Newlines vanish.

    A program follows the links of a page, but must not call this machine. It
    looks for the forbidden address in each link.
    """
    from urllib.parse import urljoin

    page = "http://shop.example/links.html"
    shown = []
    with lab.slow(0, content=b"the salaries") as inside:
        for link in [inside.url, inside.url.replace("0.0", "0.\n0")]:
            if "127.0.0.1" in link:
                shown.append("refused")
            else:
                shown.append(clients.get(urljoin(page, link)).text)
            print(repr(link), shown[-1])

    """
    `urlsplit`, `urljoin` and browsers remove newlines and tabs, anywhere in
    the text. In the same way `java\\nscript:` becomes `javascript:`. So check
    what comes out, not what went in.

    Where nobody removes them, they do other harm. A request is made of lines,
    and somebody looks for this word:
    """
    word = "tea HTTP/1.0\r\nX-Role: admin\r\nX-Rest:"
    with lab.slow(0) as shop:
        text = f"GET /find?q={word} HTTP/1.0\r\n\r\n"
        sockets.ask(shop.address, text.encode())
        request = shop.requests[0]
        print("asked for:", request.target)
        print("headers:  ", request.headers)

    """
    What was not encoded is refused by `http.client`, on which `urllib` stands,
    and by `urls.parse`. An encoded newline is only three characters, `%0A`.
    """
    from http.client import HTTPConnection, HTTPException
    from textwrap import fill

    target = f"/find?q={word}"
    with lab.slow(0) as shop:
        try:
            HTTPConnection(*shop.address, timeout=5).request("GET", target)
        except HTTPException as error:
            print(fill(str(error), 76))
        try:
            urls.parse(shop.url + target)
        except ValueError as error:
            print(fill(str(error), 76))
        clients.get(f"{shop.url}/find?{urlencode({'q': word})}")
        clients.get(urls.build(shop.url, "find", q=word))
        for request in shop.requests:
            print("asked for:", request.target)


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "For how many of the four is `127.0.0.1` the host?",
            truth=lambda ran: sum(
                host == "127.0.0.1" for host in ran.hosts.values()
            ),
            right="To that one the backslash is a slash, which ends the "
            "host. Browsers read it so, too.",
            low="For one: to it the backslash is a slash, which ends the "
            "host. Browsers read it so, too.",
            high="For one only. Another takes all before the `@` for a user "
            "name, and two refuse.",
        ),
        Choice(
            "The check uses `urlsplit`, the client `urllib3`. What is shown?",
            {
                "refused": "The check saw `shop.example`, which is allowed.",
                "the salaries": "One text, two hosts: the one was checked, "
                "and the other was called.",
            },
            truth=lambda ran: ran.shown,
            part=2,
        ),
    ],
)
def parsers_disagree():
    """Parsers disagree.

    One text, and four parsers: that of the standard library, that of
    `requests`, that of `aiohttp`, and ours. The `r` before the text makes
    the backslash a plain character.
    """
    import yarl
    from urllib3.util import parse_url

    text = r"http://127.0.0.1\@shop.example/"
    hosts = {}
    for name, read in {
        "urlsplit": lambda: urlsplit(text).hostname,
        "urllib3, in requests": lambda: parse_url(text).host,
        "yarl, in aiohttp": lambda: yarl.URL(text).host,
        "urls.parse": lambda: urls.parse(text).host,
    }.items():
        try:
            hosts[name] = read()
        except ValueError:
            hosts[name] = "refused"
        print(f"{name:21} {hosts[name]}")

    """
    None of them is broken. The text is no URL by the rules, and each makes of
    it what it can. It becomes dangerous where two of them work together.
    """
    import requests

    with lab.slow(0, content=b"the salaries") as inside:
        text = rf"http://127.0.0.1:{inside.port}\@shop.example/"
        print("checked:", urlsplit(text).hostname)
        if urlsplit(text).hostname == "shop.example":
            shown = requests.get(text, timeout=5).text
        else:
            shown = "refused"
        print("shown:  ", shown)

    """
    A guard and a client must share one parser. With `requests`: let it prepare
    the request, check the URL that it made, and send that very request.
    """
    with lab.slow(0, content=b"the salaries") as inside:
        text = rf"http://127.0.0.1:{inside.port}\@shop.example/"
        with requests.Session() as session:
            request = session.prepare_request(requests.Request("GET", text))
            print("will be sent:", request.url)
            if urlsplit(request.url).hostname == "shop.example":
                print(session.send(request, timeout=5).text)
            else:
                print("refused, for it is not the shop")
        print("requests that came:", inside.attempts)

    """
    Or refuse early what has two readings, as `urls.parse` does:
    """
    from textwrap import fill

    try:
        urls.parse(text)
    except ValueError as error:
        print(fill(str(error), 76))


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "How many of these three will reach the service inside?",
            truth=lambda ran: ran.inside.attempts,
            right="An address has many spellings: 2130706433 is 127 * 256 * "
            "256 * 256 + 1, and 0x7f is 127 in hexadecimal.",
            low="More. An address has many spellings: 2130706433 is one "
            "number for all four, and 0x7f is 127 in hexadecimal.",
            high="The first was on the list. The other two are spellings of "
            "the same address, which were not.",
        ),
        Choice(
            "The host is allowed. What will our visitor be shown?",
            {
                "a page of httpbin.org": "Its answer was: look elsewhere. The "
                "client did, and nobody checked that second URL.",
                "an error": "A redirect is a usual thing, and the client "
                "followed it by itself.",
                "the salaries": "The first URL was checked. The client then "
                "followed the redirect to a second one by itself.",
            },
            truth=lambda ran: (
                "the salaries"
                if ran.shown == "the salaries"
                else "a page of httpbin.org"
            ),
            part=2,
        ),
        Choice(
            "The address is checked first. Whom does the request reach?",
            {
                "the public address": "The check was about the first answer. "
                "The client asked again, and got another one.",
                "the service inside": "The name server gave one answer to "
                "the check and another one to the client.",
            },
            truth=lambda ran: (
                "the service inside"
                if ran.inside.attempts
                else "the public address"
            ),
            part=5,
        ),
    ],
)
def attacking_its_own_server():
    """The request that attacked its own server.

    Our program shows people how a page begins whose URL they send. Beside it
    runs a service that only this machine can reach. Forbidden are the names
    of this machine. This session uses no proxy.
    """
    import requests

    forbidden = ["127.0.0.1", "localhost", "::1"]
    with lab.slow(0, content=b"the salaries") as inside:
        for host in ["127.0.0.1", "2130706433", "0x7f.1"]:
            url = f"http://{host}:{inside.port}/"
            shown = "refused"
            if urlsplit(url).hostname not in forbidden:
                with requests.Session() as session:
                    session.trust_env = False
                    shown = session.get(url, timeout=5).text
            print(f"{url:26} {shown}")

    """
    It is called *server-side request forgery*. A list of what is forbidden is
    never complete, so now a list of what is allowed. `httpbin.org` has a page
    that redirects to wherever one likes, as many sites do. (Inside
    `playground.internet` the public names lead to servers on this machine.)
    """
    from netbasics import playground

    allowed = ["api.example.com", "httpbin.org"]
    with lab.slow(0, content=b"the salaries") as inside, playground.internet():
        url = f"http://httpbin.org/redirect-to?url={inside.url}"
        print(url)
        if urlsplit(url).hostname in allowed:
            shown = requests.get(url, timeout=5).text
            print(shown)

    """
    The repair: follow redirects by hand, and check each of them.
    """
    from urllib.parse import urljoin

    def fetch(url):
        for _ in range(5):
            if urlsplit(url).hostname not in allowed:
                return f"refused: {url}"
            reply = requests.get(url, timeout=5, allow_redirects=False)
            if not reply.is_redirect:
                return reply.text
            url = urljoin(url, reply.headers["Location"])
        return "refused: too many redirects"

    with lab.slow(0, content=b"the salaries") as inside, playground.internet():
        print(fetch(f"http://httpbin.org/redirect-to?url={inside.url}"))
        print("requests that came inside:", inside.attempts)

    """
    Where people may send any URL, there is no such list. Then the address
    decides, not the name: is it public? Whoever owns a name runs the *name
    server* that says which address it has. Here is one, and a function that
    asks it:
    """
    from ipaddress import ip_address

    from netbasics import dns

    def answer(data, peer):
        question = dns.parse(data)
        name = question.questions[0].name
        record = dns.Record(name, "A", answers.pop(0), ttl=0)
        return question.reply(record).encode()

    def look_up(host):
        question = dns.query(host).encode()
        reply = sockets.ask_udp(names.address, question, timeout=9, tries=1)
        return [record.data for record in dns.parse(reply).answers]

    answers = ["93.184.215.14"]
    with servers.UDPServer(answer) as names:
        for ip in look_up("shop.example"):
            print("shop.example:", ip, "public:", ip_address(ip).is_global)

    """
    Our program looks the name up, checks the address, and gives the URL to a
    client. The client looks the name up as well, as all clients do:
    """
    answers = ["93.184.215.14", "127.0.0.1"]
    with servers.UDPServer(answer) as names, lab.slow(0) as inside:
        (ip,) = look_up("rebind.example")
        print("the check has:  ", ip, "public:", ip_address(ip).is_global)
        (ip,) = look_up("rebind.example")
        print("the client has: ", ip)
        sockets.ask((ip, inside.port), b"GET / HTTP/1.0\r\n\r\n")
        print("requests inside:", inside.attempts)

    """
    It is called *DNS rebinding*. The repair: look up once, check each address,
    connect to what was checked. `clients.get(url, public_only=True)` does so.
    For this try, `call` stands for the way to public addresses; it leads to a
    server of ours.
    """
    import socket

    def call(ip, port):
        print("connects to:    ", ip)
        return socket.create_connection(outside.address, timeout=5)

    def safely(url):
        return clients.get(
            url, public_only=True, resolver=look_up, connect=call
        ).text

    answers = ["93.184.215.14", "127.0.0.1"]
    with servers.UDPServer(answer) as names, lab.slow(0) as inside:
        with lab.slow(0, content=b"a public page") as outside:
            print("shown:          ", safely("http://rebind.example/"))
            print("never asked for:", answers)
            print("requests inside:", inside.attempts)

    """
    And the two other attacks, on the same function: a number for a name, and a
    server outside that redirects to the service inside.
    """
    from textwrap import fill

    answers = ["93.184.215.14"]
    with servers.UDPServer(answer) as names, lab.slow(0) as inside:
        with lab.redirect_to_other_scheme(inside.url) as outside:
            for host in ["2130706433", "redirect.example"]:
                try:
                    safely(f"http://{host}/")
                except ValueError as error:
                    print(fill(str(error), 76))
            print("requests inside:", inside.attempts)

    """
    Nothing came inside. At each redirect the guard is asked again, before the
    client connects. What must never be fetched by strangers should also ask
    for a key: a guard is one wall, not the only one.
    """


lesson.ends(
    """
    - A URL has six parts. The fragment never reaches the server.
    - A parser finds host and port; a colon alone does not.
    - Encode each text before it goes into a URL. Take the URL apart first, and
      then decode each part once.
    - Follow links with a join, and append to a path with `urls.build`.
    - A text from outside is checked part by part before it is used. What was
      checked is what must be sent, read by the same parser.
    - Who fetches what strangers ask for looks at the address, once for each
      connection, and connects to that address.

    Three questions to check yourself:

    1. A page is reached by `http://shop.example/list?page=2#row-7`. Which
       part can the server never read, and who uses it?
    2. What does `+` mean in a path, and what in a query? How is a real plus
       written in a query?
    3. The page `http://api.example/v1` has a link to `users`. Where does it
       lead, and what would one more slash in the page's URL change?

    The answers are in docs/lesson_04.md.

    Now write it yourself: `netbasics practice 4` (page_url, build_url,
    normalize, safe_next, redact, open_public).

    Next: APIs, where these URLs lead to data. `netbasics learn 05`
    """
)

if __name__ == "__main__":
    lesson.main()
