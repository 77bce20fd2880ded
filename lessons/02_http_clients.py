"""HTTP clients: ask a server, and find out what it really answered.

Web applications, other people's services, the parts of a distributed system:
programs ask each other for data over HTTP. One line does the asking; this
lesson shows what that line does, and which answers are not what they seem.

After this lesson you can
- read a request and a response in their raw bytes
- fetch, send, sign in and follow redirects, with `urllib` and with `requests`
- end every wait, and tell what failed by catching the right error
- say why a certificate was refused, and what to do about it
- keep a token, a payment and a download safe when the other side fails

The core takes about twenty minutes, the deeper steps as long again.
Everything happens on this machine.
"""

import http.client
import json
import os
import socket
import tempfile
import time
import warnings
from contextlib import closing
from textwrap import fill
from urllib.parse import urlsplit

try:
    import requests

    from netbasics import clients, http1, lab, playground, sockets, wire
    from netbasics.course import Choice, Lesson, Number
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/02_http_clients.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step(
    ask=[
        Choice(
            "What will come back?",
            {
                "only the data": "The data is there, at the end. The lines "
                "before it say whether it worked and what the data is.",
                "lines of text, and then the data": "They say whether it "
                "worked, and what kind of data it is.",
            },
            truth=lambda ran: (
                "lines of text, and then the data"
                if ran.raw.startswith(b"HTTP/1.1 ")
                else "only the data"
            ),
        ),
        Choice(
            "The server answers as before. What will the loop do?",
            {
                "end, as before": "It looks like the same response, and yet "
                "the end of the connection did not come this time.",
                "wait for more": "`recv` returns `b''` when the other side "
                "closes, and it has no reason to.",
            },
            truth=lambda ran: "wait for more" if ran.data else "end, as before",
            part=3,
        ),
    ]
)
def by_hand():
    """By hand.

    HTTP is a conversation in text, over TCP: one *request*, one *response*. A
    socket is enough. (`playground` is a set of practice servers.)
    """
    with playground.run() as play:
        server = urlsplit(play.users_flask)
        request = f"GET /users/1 HTTP/1.1\r\nHost: {server.netloc}\r\n"
        request += "Connection: close\r\n\r\n"
        address = (server.hostname, server.port)
        with socket.create_connection(address, timeout=5) as sock:
            sock.sendall(request.encode())
            raw = b""
            while data := sock.recv(1024):
                raw += data
        for line in raw.splitlines(keepends=True):
            print(line)

    """
    The data is the last line. Request and response are built alike: a first
    line, *headers* (`name: value`), an empty line, and the *body*, which a GET
    request does not have. Lines end with two characters, CR and LF.
    """
    for name, message in [("request", request.encode()), ("response", raw)]:
        head, _, body = message.partition(b"\r\n\r\n")
        first, *headers = head.split(b"\r\n")
        print(f"{name}:")
        print("  first line:", first)
        for header in headers:
            print("  header:    ", header)
        print("  body:      ", body)

    """
    First in the request is the *method*, GET; first in the response is the
    *status line*, and 200 means that it worked. `Connection: close` asked the
    server to close after it. Clients seldom send that. Here it is left out.
    """
    with playground.run() as play:
        server = urlsplit(play.users_flask)
        request = f"GET /users/1 HTTP/1.1\r\nHost: {server.netloc}\r\n\r\n"
        address = (server.hostname, server.port)
        with socket.create_connection(address, timeout=0.5) as sock:
            sock.sendall(request.encode())
            raw = b""
            try:
                while data := sock.recv(1024):
                    raw += data
            except TimeoutError:
                print("no end after", raw.partition(b"\r\n\r\n")[2])

    """
    The whole body was there, and the loop waited for more: the server keeps
    the connection open for another request. Where the body ends, a header
    says: Content-Length. So read the headers first.
    """
    with playground.run() as play:
        server = urlsplit(play.users_flask)
        address = (server.hostname, server.port)
        with socket.create_connection(address, timeout=5) as sock:
            with sock.makefile("rb") as stream:
                for number in (1, 2):
                    request = f"GET /users/{number} HTTP/1.1\r\n"
                    request += f"Host: {server.netloc}\r\n\r\n"
                    sock.sendall(request.encode())
                    while line := stream.readline().rstrip():
                        name, _, value = line.partition(b":")
                        if name.lower() == b"content-length":
                            length = int(value)
                    print(stream.read(length))

    """
    Two requests over one connection. Some responses state no length, though,
    or none that can be right. `http1.parse_response` knows the rules for all:
    """
    with playground.run() as play:
        server = urlsplit(play.users_flask)
        address = (server.hostname, server.port)
        request = http1.build_request("GET", "/users/1", host=server.netloc)
        with sockets.connect(address, timeout=5) as sock:
            sock.sendall(request)
            response = http1.parse_response(sockets.Reader(sock))
            print(request)
            print(response)
            print(response.json())

    """
    From here on, libraries do that for us. To try one without our practice
    servers: two files, two terminals.

    ```
    from http.server import HTTPServer, SimpleHTTPRequestHandler  # server.py
    HTTPServer(("127.0.0.1", 8000), SimpleHTTPRequestHandler).serve_forever()

    import requests  # client.py
    print(requests.get("http://127.0.0.1:8000/", timeout=5).text)
    ```
    """


@lesson.step(
    ask=[
        Choice(
            "In this JSON stands `false`. What will Python print for it?",
            {
                "False": "`json.loads` knows which Python object is meant.",
                "'false'": "That would be so if we had kept the text. "
                "`json.loads` makes Python's own objects of it.",
                "0": "JSON has a type for true and false, and so has Python.",
            },
            truth=lambda ran: repr(ran.user["site_admin"]),
            part=2,
        ),
        Choice(
            "`form` is a text. Will `urlopen` take it?",
            {
                "yes": "A text has to become bytes first, and urllib leaves "
                "it to us to say how.",
                "no": "Only bytes travel, and `encode` is left to us.",
            },
            truth=lambda ran: "no" if "refusal" in vars(ran) else "yes",
            part=3,
        ),
        Choice(
            "`urlopen` raises. What becomes of the message that came with it?",
            {
                "it is lost": "So it is with most errors. This one is the "
                "response, and can be read.",
                "it can be read from the error": "This error is the response.",
            },
            truth=lambda ran: (
                "it can be read from the error" if ran.message else "it is lost"
            ),
            part=5,
        ),
    ]
)
def the_standard_library():
    """With the standard library.

    `urlopen` sends a request and reads the headers of the response. `read`
    returns the body.
    """
    from urllib.request import urlopen

    with playground.run() as play:
        with urlopen(f"{play.textbook}/users/octocat", timeout=5) as response:
            print("status:", response.status, response.reason)
            print("type:  ", response.headers["Content-Type"])
            body = response.read()
            print("body:  ", type(body).__name__, body[:34])

    """
    This body is *JSON*: lists, objects, strings and numbers written as text.
    `json.loads` makes Python objects of it.
    """
    user = json.loads(body)
    print("user:  ", type(user).__name__, "of", len(user), "fields")
    for field in ["name", "followers", "site_admin", "email"]:
        print(f"    {field}: {user[field]!r}")

    """
    A JSON object became a dict, `false` became `False`, `null` became `None`.

    Now the other direction: send a form. Its fields are written as
    `name=value&name=value`. Given `data`, urllib sends POST in place of GET.
    """
    from urllib.parse import urlencode

    form = urlencode({"user": "octocat", "note": "R&D"})
    with playground.run() as play:
        url = f"{play.httpbin}/post"  # it answers with what it was sent
        try:
            urlopen(url, data=form, timeout=5)
        except TypeError as error:
            refusal = str(error).partition(".")[0]
            print("text: ", refusal)

    """
    It wants bytes, since only bytes travel:
    """
    with playground.run() as play:
        url = f"{play.httpbin}/post"
        with urlopen(url, data=form.encode(), timeout=5) as response:
            seen = json.load(response)
            print("bytes:", form.encode())
            print("type: ", seen["headers"]["Content-Type"])
            print("form: ", seen["form"])

    """
    A header went with them that says how to read them.

    Last, a user whom the server does not know. It answers with the status 404,
    and says why in JSON.
    """
    from urllib.error import HTTPError

    with playground.run() as play:
        try:
            urlopen(f"{play.textbook}/users/nobody", timeout=5)
        except HTTPError as error:
            with error:
                message = json.load(error)["message"]
                print("raised: ", error)
                print("message:", message)

    """
    The server did answer. urllib makes an error of a status such as 404, and
    that error is the response: it has the headers and the body.
    """


@lesson.step(
    ask=[
        Choice(
            "What will the error for the unknown user be?",
            {
                "an HTTPError with the status 404": "urllib would raise one. "
                "`requests` leaves it to us to look at the status.",
                "KeyError: 'name'": "The error message of the server is JSON, "
                "too; it only has no name in it.",
                "a JSONDecodeError": "That is what the web page gives. The "
                "server's error message is JSON.",
            },
            truth=lambda ran: {
                "KeyError": "KeyError: 'name'",
                "JSONDecodeError": "a JSONDecodeError",
                "HTTPError": "an HTTPError with the status 404",
            }[ran.said["/users/nobody"].partition(":")[0]],
            part=2,
        ),
        Choice(
            "For which of these is `ok` true?",
            {
                "204": "So one would think. But it asks for less.",
                "204 and 302": "All that is below 400 is `ok`.",
                "204, 302 and 404": "The server did answer; but from 400 on "
                "it is not `ok`.",
            },
            truth=lambda ran: " and ".join(map(str, ran.fine)),
            part=4,
        ),
    ]
)
def with_requests():
    """With requests: did it work?

    The package `requests` needs fewer lines. It decodes the body as well:
    `text` is a string, `json()` gives Python objects. Headers are found in any
    case, since to HTTP it makes no difference.
    """
    with playground.run() as play:
        response = requests.get(f"{play.textbook}/users/octocat", timeout=5)
        print("status: ", response.status_code, response.reason)
        print("type:   ", response.headers["content-type"])
        print("content:", response.content[:30])
        print("text:   ", response.text[:30])
        print("name:   ", response.json()["name"])

    """
    A function that returns a user's name is one line, then. We ask for a user,
    for one whom nobody knows, and for a web page.
    """

    def name_at(url):
        return requests.get(url, timeout=5).json()["name"]

    paths = ["/users/octocat", "/users/nobody", "/docs"]
    said = {}
    with playground.run() as play:
        for path in paths:
            try:
                said[path] = f"name: {name_at(play.textbook + path)}"
            except (KeyError, ValueError) as error:
                said[path] = f"{type(error).__name__}: {error}"
            print(said[path])

    """
    Neither error says what happened. `requests` raises nothing for a 404, so
    the function took an error message for a user, and a web page for JSON.

    Check first. `raise_for_status` raises if the status is 400 or above.
    """

    def name_at(url):
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        kind = response.headers.get("Content-Type", "")
        if not kind.startswith("application/json"):
            raise ValueError(f"expected JSON, got {kind}")
        return response.json()["name"]

    with playground.run() as play:
        for path in paths:
            try:
                print("name:", name_at(play.textbook + path))
            except (requests.HTTPError, ValueError) as error:
                print(error)

    """
    The first digit of a status says the most. 2: it worked. 3: look
    elsewhere. 4: the request is wrong. 5: the server failed.

    The attribute `ok` looks like a short cut.
    """
    fine = []
    with playground.run() as play:
        for status in [204, 302, 404, 500]:
            url = f"{play.httpbin}/status/{status}"
            response = requests.get(url, timeout=5, allow_redirects=False)
            print(response.status_code, response.reason, response.ok)
            if response.ok:
                fine.append(status)

    """
    It means "below 400", and so does `raise_for_status`. Not even a 200
    promises that the body is what you wanted.
    """


@lesson.step(
    ask=[
        Choice(
            "Which machine will answer these two requests?",
            {
                "those of GitHub and httpbin": "By the names, yes. In the "
                "block the names lead elsewhere.",
                "this one": "Within the block, the names lead here.",
            },
            truth=lambda ran: (
                "this one"
                if ran.address.startswith("127.")
                else "those of GitHub and httpbin"
            ),
        ),
        Choice(
            "When will the error come?",
            {
                "at once": "Nobody has to be waited for.",
                "after 5 s, the timeout": "A timeout is for somebody who does "
                "not answer. Here nobody is asked.",
            },
            truth=lambda ran: (
                "at once" if ran.seconds < 4 else "after 5 s, the timeout"
            ),
            part=2,
        ),
    ]
)
def as_the_textbooks_print_it():
    """As the textbooks print it.

    Books ask public hosts. In the *offline internet*, which the with-block
    makes, such code runs as it is printed. (More on `https` in step 12.)
    """
    from urllib.request import urlopen

    with playground.internet():
        reply = requests.get("https://api.github.com/users/octocat", timeout=5)
        print("status:", reply.status_code)
        print("name:  ", reply.json()["name"])
        form = b"user=octocat"
        with urlopen("https://httpbin.org/post", data=form, timeout=5) as page:
            print("form:  ", json.load(page)["form"])
        for name in ["api.github.com", "httpbin.org"]:
            address = socket.gethostbyname(name)
            print(f"{name} is", address)

    """
    An address that begins with 127 is this machine itself. Outside of the
    block, the same lines ask the real hosts.

    Now a name that the offline internet does not hold.
    """
    from urllib.error import URLError

    with playground.internet():
        began = time.monotonic()
        try:
            urlopen("https://www.python.org/", timeout=5)
        except URLError as error:
            seconds = time.monotonic() - began
            print(f"after {seconds:.1f} s:")
            print(fill(str(error.reason), 76))

    """
    Nobody was asked: the name is not even looked up outside.

    For a whole script, your own or a book's, no block is needed:

    ```
    netbasics offline script.py
    ```
    """


@lesson.step(
    ask=[
        Choice(
            'What is `repo["owner"]`?',
            {
                "a name": "The name is in there, one level deeper.",
                "an object with fields of its own": "So it takes another pair "
                "of brackets to get at the name.",
                "a number": "There is one in it, the owner's id.",
            },
            truth=lambda ran: {
                str: "a name",
                dict: "an object with fields of its own",
                int: "a number",
            }[type(ran.repo["owner"])],
        ),
        Choice(
            "What will be printed for a repository without a language?",
            {
                "UNKNOWN": "That is what the default is there for. But the "
                "field is not missing.",
                "an error": "The field is there, and its value is null.",
            },
            truth=lambda ran: (
                "an error"
                if None in [repo.get("language", "") for repo in ran.repos]
                else "UNKNOWN"
            ),
            part=2,
        ),
    ]
)
def a_field_of_a_document():
    """A field out of a document.

    JSON documents are nested: an object may contain others. This one is about
    a repository.
    """
    with playground.run() as play:
        url = f"{play.textbook}/repos/requests/requests"
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        repo = response.json()
        owner = repo["owner"]
        print("owner:  ", type(owner).__name__, list(owner)[:4])
        print("login:  ", repo["owner"]["login"])
        print("topics: ", repo["topics"])
        print("first:  ", repo["topics"][0])
        print("license:", repo["license"]["name"])

    """
    A pair of brackets for each level: a name for an object, a number for a
    list.

    Some repositories have no language. `get` with a default looks like the
    safe way to read it.
    """
    with playground.run() as play:
        url = f"{play.textbook}/users/octocat/repos"
        response = requests.get(url, timeout=5)
        response.raise_for_status()
        repos = response.json()
        for repo in repos:
            language = repo.get("language", "unknown")
            try:
                print(f"{repo['name']}: {language.upper()}")
            except AttributeError as error:
                print(f"{repo['name']}: {error}")

    """
    The field is there, but `null`. The default of `get` is only for a field
    that is missing. With `or`, it is for one that is empty:
    """
    for repo in repos:
        language = repo["language"] or "unknown"
        print(f"{repo['name']}: {language.upper()}")

    """
    Use brackets for a field that must be there. If it is not, the `KeyError`
    names it at once; `get` would hand on a `None`, and the error would come
    later, from somewhere else.
    """


@lesson.step(
    ask=[
        Choice(
            "What will the server have read?",
            {
                "the term as it is, and the page": "So it looks in the URL. "
                "But some of those characters mean something there.",
                "another term, and no page": "`&` and `#` mean something in "
                "a URL.",
            },
            truth=lambda ran: (
                "the term as it is, and the page"
                if ran.response.json()["args"]
                == {"term": ran.term, "page": "2"}
                else "another term, and no page"
            ),
        ),
        Choice(
            "Which headers will `requests` have sent without being told?",
            {
                "none": "HTTP wants one at least, Host. The others are there "
                "to be polite.",
                "Host, and no other": "HTTP wants no more. `requests` also "
                "says who asks and what it can read.",
                "several, and one says that it is requests": "Whoever runs "
                "the server can read it in the log.",
            },
            truth=lambda ran: (
                "several, and one says that it is requests"
                if "python-requests" in ran.unasked["User-Agent"]
                else "Host, and no other"
            ),
            part=3,
        ),
        Choice(
            "Which value will be let in?",
            {
                "the token": "It says who you are, but not how to read it.",
                "Bearer and the token": "The scheme says how to read it.",
                "both": "The token alone has no scheme.",
            },
            truth=lambda ran: {
                (401, 200, 401): "the token",
                (401, 401, 200): "Bearer and the token",
                (401, 200, 200): "both",
            }[tuple(ran.statuses)],
            part=4,
        ),
    ]
)
def parameters_and_headers():
    """Query parameters and headers.

    A query asks more precisely: `?name=value&name=value` behind the path. An
    f-string writes it quickly. This server tells which fields it has read.
    """
    term = "R&D #1"
    with playground.run() as play:
        url = f"{play.httpbin}/get?term={term}&page=2"
        response = requests.get(url, timeout=5)
        print("asked:", url)
        print("sent: ", response.request.path_url)
        print("read: ", response.json()["args"])

    """
    No error, and another question. `&` began a field of its own, and what is
    behind `#` was not sent at all. `params` encodes each value by itself:
    """
    fields = {"term": "R&D #1", "tag": ["new", "used"], "page": None}
    with playground.run() as play:
        for get in (requests.get, clients.get):
            response = get(f"{play.httpbin}/get", params=fields, timeout=5)
            print("sent:", response.request.path_url)
            print("read:", response.json()["args"])

    """
    A list repeats its name, and `None` is left out. (`clients` is our helper
    on top of `requests`; step 8 shows what for.)

    Headers go along with each request. This server tells which.
    """
    with playground.run() as play:
        url = f"{play.httpbin}/headers"
        unasked = requests.get(url, timeout=5).json()["headers"]
        for name, value in unasked.items():
            print(f"{name}: {value}")
        named = {"User-Agent": "my-course/1.0"}
        seen = requests.get(url, headers=named, timeout=5).json()["headers"]
        print("with headers=:", seen["User-Agent"])

    """
    The User-Agent says which program asks. With a name of your own, people who
    run a server know whom to talk to.

    Another header says who you are. A *token* is a secret that an API gave
    you, and a *bearer* token lets in whoever bears it.
    """
    token, statuses = "practice-token", []
    with playground.run() as play:
        url = f"{play.textbook}/private"
        for value in [None, token, f"Bearer {token}"]:
            headers = {"Authorization": value}
            response = requests.get(url, headers=headers, timeout=5)
            statuses.append(response.status_code)
            print(response.status_code, response.json()["message"])

    """
    The scheme, `Bearer`, belongs to the value. (A header that is `None` is
    left out.) A token does not go into a URL, because URLs get written into
    logs, nor into a script: read it from the environment, `os.environ`.
    """


@lesson.step(
    ask=[
        Choice(
            "Which ones will be accepted?",
            {
                "all three": "The data is the same. But the server goes by "
                "what the request says that its body is.",
                "the second and the third": "Both are JSON. But only one of "
                "them says so.",
                "the third": "It alone says that its body is JSON.",
            },
            truth=lambda ran: {
                (True, True, True): "all three",
                (False, True, True): "the second and the third",
                (False, False, True): "the third",
            }[tuple(reply.ok for reply in ran.replies)],
        ),
        Choice(
            "What will PUT do with a name and no email?",
            {
                "change the name and leave the email": "That is what PATCH "
                "is for. PUT replaces the whole.",
                "remove the email": "To this server, a user without an email "
                "is no user.",
                "refuse": "It is not the whole of a user.",
            },
            truth=lambda ran: (
                "refuse"
                if ran.replies[1].status_code == 422
                else "remove the email"
            ),
            part=3,
        ),
    ]
)
def sending():
    """Sending: JSON, forms, and the other methods.

    An API takes new users, as JSON. Three ways to send one, all with the same
    data:
    """
    user = {"name": "Lin Clark", "email": "lin@example.com"}
    with playground.run() as play:
        url = f"{play.users_flask}/users"
        replies = [
            requests.post(url, data=user, timeout=5),
            requests.post(url, data=json.dumps(user), timeout=5),
            requests.post(url, json=user, timeout=5),
        ]
        for reply in replies:
            print("type: ", reply.request.headers.get("Content-Type"))
            print("sent: ", reply.request.body)
            print("reply:", reply.status_code, reply.reason)

    """
    `data` with a dict sends a form. `data` with a text sends that text, and
    nothing says that it is JSON. `json=` writes the body and the header.

    The answer to the last one tells where the new user is:
    """
    print("location:", reply.headers["Location"])
    print("body:    ", reply.json())

    """
    GET reads, POST creates. PATCH changes some fields, PUT replaces the whole,
    DELETE removes.
    """
    with playground.run() as play:
        url = f"{play.users_flask}/users/1"
        whole = {"name": "Ada King", "email": "king@example.com"}
        replies = [
            requests.patch(url, json={"name": "Ada"}, timeout=5),
            requests.put(url, json={"name": "Ada"}, timeout=5),
            requests.put(url, json=whole, timeout=5),
            requests.delete(url, timeout=5),
            requests.get(url, timeout=5),
        ]
        for reply in replies:
            print(reply.request.method, reply.status_code, reply.text.strip())

    """
    The whole of a user has an email, so 422: understood, but not valid. After
    a DELETE comes 204, No Content: there is no JSON to decode.

    Pages in a browser send forms, so a login wants one:
    """
    form = {"username": "octocat", "password": "secret"}
    with playground.run() as play:
        url = f"{play.textbook}/login"
        for reply in [
            requests.post(url, json=form, timeout=5),
            requests.post(url, data=form, timeout=5),
        ]:
            print(reply.request.headers["Content-Type"])
            print("   ", reply.status_code, reply.json()["message"])
            print("    cookies:", reply.cookies.keys())

    """
    `data=` for a form, `json=` for JSON: the server reads the Content-Type,
    and refuses what it was not made for. What the *cookie* is for, step 11
    shows.
    """


@lesson.step(
    ask=[
        Choice(
            "When will `requests.get` give up?",
            {
                "within half a second": "It does not know that we are in a "
                "hurry, unless we say so.",
                "later, when its own timeout is over": "One would expect "
                "that of a library. It has none of its own.",
                "never by itself": "It waits as long as there is a server.",
            },
            truth=lambda ran: (
                "never by itself" if ran.waiting else "within half a second"
            ),
        ),
    ]
)
def always_a_timeout():
    """Always a timeout.

    The *lab* has servers that misbehave on purpose. This one takes every
    request and never answers. We ask in a thread, so that we can look at it
    after half a second.
    """
    from concurrent.futures import ThreadPoolExecutor, wait

    with ThreadPoolExecutor() as pool:
        with lab.silent() as server:
            asking = pool.submit(requests.get, server.url)
            wait([asking], timeout=0.5)
            waiting = asking.running()
            print("waiting after 0.5 s:", waiting)
        print("ended by:", type(asking.exception(timeout=5)).__name__)

    """
    It did not give up. Only the end of the server ended it. `requests` has no
    timeout unless you give it one, and many examples give none. With one:
    """
    with lab.silent() as server:
        began = time.monotonic()
        try:
            requests.get(server.url, timeout=0.3)
        except requests.Timeout as error:
            seconds = time.monotonic() - began
            print(f"{type(error).__name__} after {seconds:.1f} s")

    """
    How long? Longer than the slowest good answer. This server needs 0.3 s:
    """
    with playground.run() as play:
        for timeout in [0.1, 5]:
            url = f"{play.textbook}/slow?seconds=0.3"
            try:
                response = requests.get(url, timeout=timeout)
                print(f"timeout={timeout}:", response.json())
            except requests.Timeout:
                print(f"timeout={timeout}: too late, though all was well")

    """
    `timeout=5` means: connected within 5 s, and no silence of more than 5 s.
    A server that sends a byte now and then can take much longer. Our helper
    has that timeout by default, and a deadline for the call as a whole:
    """
    with lab.silent() as server, clients.session() as session:
        print(session)
        try:
            session.get(server.url, deadline=0.3)
        except requests.Timeout as error:
            print(fill(str(error), 76))


@lesson.step(
    ask=[
        Choice(
            "What will it say of the server that is fine?",
            {
                "its title": "Look again at the line with `return`: there is "
                "a typing error in it.",
                "the server cannot be reached": "The typing error `jsn` is "
                "caught with all the rest.",
            },
            truth=lambda ran: (
                "the server cannot be reached"
                if ran.fine == "the server cannot be reached"
                else "its title"
            ),
        ),
        Choice(
            "Which clause will catch it?",
            {
                "ConnectionError": "The name is right, and the class is "
                "another one.",
                "Exception": "There are two classes of that name, and this "
                "is Python's.",
            },
            truth=lambda ran: (
                "ConnectionError"
                if ran.requests.ConnectionError is ConnectionError
                else "Exception"
            ),
            part=2,
        ),
        Choice(
            "When will the clause for `requests.Timeout` run?",
            {
                "when there is a timeout": "A timeout is a RequestException, "
                "too, and that clause comes first.",
                "never": "The first clause that fits wins.",
            },
            truth=lambda ran: (
                "never"
                if issubclass(
                    ran.requests.Timeout, ran.requests.RequestException
                )
                else "when there is a timeout"
            ),
            part=3,
        ),
        Choice(
            "Which clause will catch what happens with a web page?",
            {
                "HTTPError": "The status is 200: to HTTP, all is well.",
                "RequestException": "What is wrong with it has no clause of "
                "its own.",
                "none of them": "`requests` has an error for text that is no "
                "JSON, and it belongs to the family.",
            },
            truth=lambda ran: (
                "RequestException"
                if ran.page.startswith("something else")
                else "HTTPError"
            ),
            part=5,
        ),
    ]
)
def when_it_fails():
    """When it fails.

    Many things can go wrong, so a bare `except:` is tempting. One server here
    is gone, the other one is fine.
    """

    def title_at(url):
        try:
            response = requests.get(f"{url}/data", timeout=5)
            return response.jsn()["title"]
        except:  # noqa: E722  (a linter warns of this line)
            return "the server cannot be reached"

    with lab.refused() as gone, playground.run() as play:
        fine = title_at(play.textbook)
        print("gone:", title_at(gone.url))
        print("fine:", fine)

    """
    The second was our own typing error, `jsn`. A bare `except:` catches that
    too, and Ctrl-C as well. So name what you expect. A `ConnectionError`?
    """
    with lab.refused() as gone:
        try:
            requests.get(gone.url, timeout=5)
        except ConnectionError:
            print("caught as a ConnectionError")
        except Exception as error:
            print("not caught by ConnectionError:", type(error))
        print("the same class:", requests.ConnectionError is ConnectionError)

    """
    Two classes have that name. Python's own is another one than that of
    `requests`, which is written with its module, `requests.ConnectionError`.

    The errors of `requests` are a family. Below, each with what else it is.
    Suppose a program catches `requests.RequestException` first, and then
    `requests.Timeout`.
    """
    names = ["ReadTimeout", "ConnectTimeout", "SSLError", "HTTPError"]
    for name in [*names, "TooManyRedirects", "JSONDecodeError"]:
        family = [
            parent.__name__
            for parent in getattr(requests.exceptions, name).__mro__[1:]
            if issubclass(parent, requests.RequestException)
        ]
        print(f"{name:16} is also", ", ".join(family))

    """
    The first clause that fits wins, and `RequestException` fits all. So the
    special ones come first. `Timeout` before `ConnectionError`, since
    `ConnectTimeout` is both.
    """

    def title_at(url, timeout=5):
        try:
            response = requests.get(url, timeout=timeout)
            response.raise_for_status()
            return response.json()["title"]
        except requests.Timeout:
            return "no answer in time; later, perhaps"
        except requests.ConnectionError:
            return "no connection; is that the right address?"
        except requests.HTTPError as error:
            return f"the server says {error.response.status_code}"
        except requests.RequestException as error:
            return f"something else: {type(error).__name__}"

    with lab.refused() as gone:
        print("gone:", title_at(gone.url))

    """
    The other clauses want to be seen at work, too. The third answer is a web
    page, where we expect JSON.
    """
    with lab.silent() as mute, playground.run() as play:
        print("silent: ", title_at(mute.url, timeout=0.3))
        print("no path:", title_at(f"{play.textbook}/dta"))
        page = title_at(f"{play.textbook}/docs")
        print("a page: ", page)
        print("fine:   ", title_at(f"{play.textbook}/data"))

    """
    Each cause has a text of its own, and an error of our own code would not
    be hidden.

    The errors of our helper belong to the same family, so the same clauses
    catch them. Their messages say what happened, and not how it was wrapped:
    """
    with lab.refused() as gone, clients.session(retries=0) as session:
        for get in (requests.get, session.get):
            try:
                get(gone.url, timeout=5)
            except requests.ConnectionError as error:
                print(fill(str(error), 76, subsequent_indent="    "))


@lesson.step(
    ask=[
        Choice(
            "What will `requests.get` do?",
            {
                "return the redirect": "That it does if you ask for it.",
                "go there, and return what it finds": "It keeps the "
                "responses on the way in `history`.",
            },
            truth=lambda ran: (
                "go there, and return what it finds"
                if ran.response.history
                else "return the redirect"
            ),
        ),
        Choice(
            "It is told not to follow. Will `raise_for_status` raise?",
            {
                "yes": "We did not get what we asked for. But nothing failed, "
                "and the status is below 400.",
                "no": "The status is below 400.",
            },
            truth=lambda ran: "no" if ran.response.ok else "yes",
            part=2,
        ),
        Number(
            "How many requests will come before `requests` gives up?",
            truth=lambda ran: len(ran.server.requests),
            unit="requests",
            within=0.1,
            right="It follows thirty redirects and no more.",
            low="It is patient: thirty redirects are allowed.",
            high="It does give up, after thirty redirects.",
            part=3,
        ),
    ]
)
def a_redirect():
    """A redirect, followed.

    Pages move. The server answers with a status that begins with 3 and says
    in a header, Location, where to look.
    """
    with playground.run() as play:
        url = f"{play.textbook}/redirect?times=2"
        response = requests.get(url, timeout=5)
        print("asked:   ", url)
        for step in response.history:
            print("redirect:", step.status_code, step.headers["Location"])
        print("answered:", response.status_code, response.url)

    """
    It went there, twice. `url` is where the answer came from in the end, and
    `history` has the responses on the way.
    """
    with playground.run() as play:
        url = f"{play.textbook}/redirect?times=2"
        response = requests.get(url, timeout=5, allow_redirects=False)
        response.raise_for_status()
        print("status:  ", response.status_code, response.ok)
        print("location:", response.headers["Location"])
        print("body:    ", response.content)

    """
    No error: 302 is below 400, and the body is empty. Who does not follow has
    to look at `status_code`, or at `is_redirect`.

    A last one: this server redirects in a circle, from `/0` to `/1` and back.
    """
    with lab.redirect_loop() as server:
        try:
            requests.get(server.url, timeout=5)
        except requests.TooManyRedirects as error:
            print(f"{type(error).__name__}: {error}")
        print("requests that came:", len(server.requests))


@lesson.step(
    ask=[
        Choice(
            "What will the second call be told?",
            {
                "octocat is signed in": "The first call got a cookie, and "
                "forgot it when it returned.",
                "nobody is signed in": "The second call knows nothing of "
                "the first.",
            },
            truth=lambda ran: (
                "nobody is signed in"
                if ran.reply.status_code == 401
                else "octocat is signed in"
            ),
        ),
        Choice(
            "One call has another User-Agent. What will the third one send?",
            {
                "that of the session": "The other value was for one call.",
                "that of the second call": "What a call is given, the "
                "session does not keep.",
            },
            truth=lambda ran: (
                "that of the session"
                if ran.reply.request.headers["User-Agent"] == "my-course/1.0"
                else "that of the second call"
            ),
            part=3,
        ),
        Choice(
            "How many connections, without the session and with it?",
            {
                "5 and 5": "A session keeps more than cookies.",
                "5 and 1": "The session asks all five over one connection.",
                "1 and 1": "`requests.get` makes a session for each call, "
                "and closes it again.",
            },
            truth=lambda ran: " and ".join(map(str, ran.counts)),
            part=4,
        ),
    ]
)
def a_session():
    """A session: what is kept between requests.

    Step 7 signed in with a form, and a cookie came back. A *cookie* is a text
    that the server wants to see again at each request, to know who asks. Two
    calls: one to sign in, and one to ask who is signed in.
    """
    form = {"username": "octocat", "password": "secret"}
    with playground.run() as play:
        login, profile = f"{play.textbook}/login", f"{play.textbook}/profile"
        reply = requests.post(login, data=form, timeout=5)
        print("login:  ", reply.status_code, reply.json()["message"])
        reply = requests.get(profile, timeout=5)
        print("profile:", reply.status_code, reply.json()["message"])

    """
    `requests.get` begins anew each time and forgets all cookies. A session
    keeps them, and sends them along:
    """
    with playground.run() as play, requests.Session() as session:
        login, profile = f"{play.textbook}/login", f"{play.textbook}/profile"
        session.post(login, data=form, timeout=5)
        reply = session.get(profile, timeout=5)
        print("sent:   ", reply.request.headers["Cookie"].partition("=")[0])
        print("profile:", reply.status_code, reply.json())

    """
    Headers that every request needs are given to the session once.
    """
    with playground.run() as play, requests.Session() as session:
        session.headers["Authorization"] = "Bearer practice-token"
        session.headers["User-Agent"] = "my-course/1.0"
        url = f"{play.textbook}/private"
        for headers in [None, {"User-Agent": "a-test/2"}, None]:
            reply = session.get(url, headers=headers, timeout=5)
            print(reply.status_code, reply.request.headers["User-Agent"])

    """
    What is nearer to the call wins, for that call. Such headers go to whatever
    server the session asks. So a session with a token is for one API alone.

    Something else is kept, too. A *tap*, the relay of lesson 1, notes what
    passes; its summary will do. Five requests, each way:
    """
    counts = []
    with playground.run() as play, requests.Session() as session:
        for get in (requests.get, session.get):
            with wire.tap(play.textbook) as tap:
                for _ in range(5):
                    get(f"{tap.url}/data", timeout=5)
            counts.append(len(tap.transcript.flows))
            diagram = tap.diagram(width=76)
            print(diagram.partition("\n\nConnection 1")[0])

    """
    Over a network, and with HTTPS, a new connection costs more than a small
    request. So use a session for a series; the with-block closes it.

    Ours, with its limits, is used the same way: `clients.session()`.
    """


@lesson.step(
    ask=[
        Choice(
            "Will the server see the secret?",
            {
                "yes": "The headers are not sent before the certificate has "
                "been checked.",
                "no": "The certificate comes first, and it is refused.",
            },
            truth=lambda ran: "yes" if ran.server.requests else "no",
        ),
        Choice(
            "What will the server get with `verify=False`?",
            {
                "nothing": "That would be so if anything were checked.",
                "the request, without the secret": "`requests` cannot know "
                "which header is one. It sends them all.",
                "the request, with the secret": "Whoever this server is, it "
                "can read the token.",
            },
            truth=lambda ran: (
                "the request, with the secret"
                if ran.server.requests[0].header("Authorization")
                else "the request, without the secret"
            ),
            part=2,
        ),
    ]
)
def https():
    """HTTPS: who is there?

    With `https://` the bytes are encrypted, and the server shows a
    *certificate*: who it is, signed by an *authority* that your computer
    trusts. This server has one from an authority that nobody knows. We have a
    secret in a header.
    """
    secret = {"Authorization": "Bearer practice-token"}
    with lab.untrusted_certificate() as server:
        try:
            requests.get(server.url, headers=secret, timeout=5)
        except requests.exceptions.SSLError as error:
            print(fill(str(error), 76))
        print("requests that the server saw:", len(server.requests))

    """
    `unable to get local issuer certificate`: nobody whom this computer trusts
    has signed it. The request was not sent.

    Search for that message, and the advice is `verify=False`:
    """
    with lab.untrusted_certificate() as server:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            response = requests.get(
                server.url, headers=secret, timeout=5, verify=False
            )
        print("status: ", response.status_code)
        print("warning:", caught[0].category.__name__)
        print("server: ", server.requests[0].header("Authorization"))

    """
    It "works". Whoever stands between you and the server could be this server,
    and has your token now. To encrypt for a stranger protects nothing.

    If the server is yours or your company's, trust its authority instead:
    a file that you got from its owner, not over this connection.
    """
    with lab.untrusted_certificate() as server:
        with tempfile.TemporaryDirectory() as folder:
            trusted = str(server.authority.write_pem(folder))
            response = requests.get(server.url, timeout=5, verify=trusted)
            print("requests.get:", response.status_code)
            with clients.session(verify=trusted) as session:
                print("our session: ", session.get(server.url).status_code)

    """
    Trust is not all that is checked. Two servers whose authority we do trust
    now; our helper's message is the shorter one. What is wrong with each?
    """
    for make in (lab.expired_certificate, lab.wrong_name_certificate):
        with make() as server, tempfile.TemporaryDirectory() as folder:
            trusted = str(server.authority.write_pem(folder))
            try:
                clients.get(server.url, verify=trusted)
            except requests.exceptions.SSLError as error:
                print(fill(str(error), 76, subsequent_indent="    "))

    """
    So three things are checked: who signed, until when, and for which name.
    The message says which of them failed, and it is repaired where the
    certificate is made. Switching the check off repairs nothing.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Over HTTPS, which of the four can still be read?",
            {
                "none of them": "All that is HTTP is encrypted. But before "
                "that, the client says whom it wants to talk to.",
                "the name localhost": "The client says it first, in the "
                "clear, so that one address can serve many names.",
                "the name and the path": "The path is part of the request, "
                "and the request is encrypted.",
            },
            truth=lambda ran: {
                (): "none of them",
                (b"localhost",): "the name localhost",
                (b"localhost", b"/account"): "the name and the path",
            }[tuple(ran.readable)],
            part=2,
        ),
        Choice(
            "Can the observer tell which of the two pages was read?",
            {
                "no": "Not by reading it. But encrypted bytes can be counted.",
                "yes, by counting bytes": "A long page is long when it is "
                "encrypted, too.",
            },
            truth=lambda ran: (
                "yes, by counting bytes"
                if abs(ran.counts[0] - ran.counts[1]) > 10_000
                else "no"
            ),
            part=4,
        ),
    ],
)
def what_an_observer_sees():
    """HTTPS: what an observer sees.

    Somebody carries the bytes: a wireless network, a provider. Our tap stands
    where they stand. First, HTTP without the `s`:
    """
    secret = {"Authorization": "Bearer practice-token"}
    words = [b"localhost", b"/account", b"practice-token", b"status"]
    with lab.slow(0) as server, wire.tap(server) as tap:
        url = f"http://localhost:{tap.port}/account"
        print("we read:", requests.get(url, headers=secret, timeout=5).json())
        sent = tap.transcript.data("to-server")
        came = tap.transcript.data("to-client")
        print("it read:", [word for word in words if word in sent + came])

    """
    All of it: the name, the path, the token and the answer. Now with the `s`.
    The certificate is good, and the tap has no key:
    """
    with lab.good_certificate() as server, wire.tap(server) as tap:
        with tempfile.TemporaryDirectory() as folder:
            trusted = str(server.authority.write_pem(folder))
            url = f"https://localhost:{tap.port}/account"
            requests.get(url, headers=secret, timeout=5, verify=trusted)
            sent = tap.transcript.data("to-server")
            came = tap.transcript.data("to-client")
            readable = [word for word in words if word in sent + came]
            print("it read:", readable)
            print("first bytes of the client:", sent[:11])

    """
    The name of the server goes first and in the clear; this is called *SNI*,
    Server Name Indication. Path, headers and bodies are hidden.

    Hidden, but not gone. A site with two pages:
    """
    from netbasics import certs, servers

    pages = {"/contact": bytes(500), "/prices": bytes(30_000)}

    def site(environ, start_response):
        page = pages[environ["PATH_INFO"]]
        start_response("200 OK", [("Content-Length", str(len(page)))])
        return [page]

    authority = certs.Authority()
    tls = authority.issue("localhost").server_context()
    with servers.serve(site, tls=tls) as server:
        print("it is at", server.url)

    """
    Somebody reads one of them, and the tap has no key:
    """
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        trusted = str(authority.write_pem(folder))
        with servers.serve(site, tls=tls) as server:
            for path in pages:
                with wire.tap(server) as tap:
                    url = f"https://localhost:{tap.port}{path}"
                    requests.get(url, timeout=5, verify=trusted)
                    counts.append(len(tap.transcript.data("to-client")))
                    print(f"{path:9} {counts[-1]:6} bytes to the client")

    """
    So an observer knows who talks to whom, when, how often and how much. And
    whoever gets a program to trust an authority of theirs can read the rest:
    then a tap can be the server, as far as that program knows.
    """


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "20 bytes, 0.05 s before each, `timeout=0.5`. How many seconds?",
            truth=lambda ran: ran.took["timeout=0.5"],
            unit="s",
            within=0.3,
            right="Each byte came in time, so the timeout was never reached.",
            low="The timeout is for each wait. Each byte came in time, and the "
            "next wait began anew.",
            high="It ends when the last byte is there.",
        ),
        Choice(
            "We look at the clock after each piece. When will it end?",
            {
                "after about 0.2 s": "`requests.get` returns when it has the "
                "headers. Until then nobody looks at the clock.",
                "later": "Our loop begins when the headers are complete, and "
                "they drip as well.",
            },
            truth=lambda ran: (
                "later"
                if ran.took["and a clock"] > 0.4
                else "after about 0.2 s"
            ),
            part=2,
        ),
    ],
)
def a_timeout_is_no_deadline():
    """`timeout=0.5`, and it took longer.

    This server *drips*: it sends one byte, waits a moment, sends the next. To
    say that nothing takes longer than half a second, we write `timeout=0.5`.
    """
    took = {}
    text = b"slow, and no timeout"
    with lab.dripping(0.05, content=text) as server:
        began = time.monotonic()
        response = requests.get(server.url, timeout=0.5)
        took["timeout=0.5"] = time.monotonic() - began
        print(len(response.content), "bytes and no error after", end=" ")
        print(f"{took['timeout=0.5']:.1f} s")

    """
    A timeout bounds each wait and not the call. So bound the call ourselves:
    `stream=True` returns early, and we look at the clock after each piece.
    Here the headers drip, too.
    """
    with lab.dripping(0.008, headers=True) as server:
        began = time.monotonic()
        with requests.get(server.url, timeout=0.5, stream=True) as response:
            for _ in response.iter_content(1):
                if time.monotonic() - began > 0.2:
                    break
        took["and a clock"] = time.monotonic() - began
        print(f"gave up after {took['and a clock']:.1f} s")

    """
    What holds is a *deadline*: a time by which all must be over. Before each
    wait, the socket is told how much of it is left. By hand:
    """
    with lab.dripping(0.008, headers=True) as server:
        began = time.monotonic()
        raw = b""
        with socket.create_connection(server.address, timeout=0.2) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n")
            try:
                while data := sock.recv(1024):
                    raw += data
                    left = began + 0.2 - time.monotonic()
                    sock.settimeout(max(left, 0.001))
            except TimeoutError:
                took["by hand"] = time.monotonic() - began
                print(f"over after {took['by hand']:.1f} s, {len(raw)} bytes")

    """
    Our helper does this for connecting, headers, redirects and body:
    """
    from netbasics import pictures

    with lab.dripping(0.008, headers=True) as server:
        began = time.monotonic()
        try:
            clients.get(server.url, timeout=0.5, deadline=0.2)
        except requests.Timeout as error:
            took["deadline=0.2"] = time.monotonic() - began
            print(fill(str(error), 76))
        chart = pictures.bars(took, unit="s", title="until it was over")
        print(chart)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Which will be longer: what came, or what `content` has?",
            {
                "what came": "It can be, for a very short text. Packed text "
                "is shorter, as a rule.",
                "what `content` has": "The body came packed. `requests` had "
                "asked for that, and unpacked it.",
                "they are equal": "So it would be if the library handed out "
                "what came.",
            },
            truth=lambda ran: (
                "what `content` has"
                if len(ran.response.content) > len(ran.raw)
                else "what came"
            ),
        ),
        Choice(
            "What will `read()` of urllib return here?",
            {
                "JSON": "`requests` would have unpacked it. urllib leaves it "
                "to us.",
                "packed bytes": "urllib hands out what came.",
            },
            truth=lambda ran: (
                "packed bytes" if ran.body.startswith(b"\x1f\x8b") else "JSON"
            ),
            part=2,
        ),
        Choice(
            "How does the client know where the body ends?",
            {
                "the server closes the connection": "That is a way, too; but "
                "then each response would cost a connection.",
                "nothing comes for a while": "Then a slow network would cut "
                "bodies off.",
                "each piece says how long it is": "And one of length 0 is "
                "the last.",
            },
            truth=lambda ran: (
                "each piece says how long it is"
                if ran.raw.endswith(b"0\r\n\r\n")
                else "the server closes the connection"
            ),
            part=3,
        ),
        Choice(
            "Without `stream=True`, when do we see the first line?",
            {
                "as soon as it is sent": "`requests.get` returns when it has "
                "the whole body.",
                "together with the last one": "`requests.get` returns when it "
                "has the whole body.",
            },
            truth=lambda ran: (
                "together with the last one"
                if ran.seen[False][-1] - ran.seen[False][0] < 0.1
                else "as soon as it is sent"
            ),
            part=5,
        ),
    ],
)
def what_the_library_hides():
    """Compressed, chunked, streamed: what the library hides.

    The tap sees what really came. We compare it with what we are given.
    """
    from netbasics import servers

    with playground.run() as play, wire.tap(play.httpbin) as tap:
        response = requests.get(f"{tap.url}/gzip", timeout=5)
        raw = tap.transcript.data("to-client").partition(b"\r\n\r\n")[2]
        print("came:    ", len(raw), "bytes,", raw[:10])
        print("content: ", len(response.content), "bytes,", end=" ")
        print(response.content[:15])
        for name in ["Content-Encoding", "Content-Length"]:
            print(f"{name}:", response.headers[name])

    """
    The body is *compressed*, with gzip, and Content-Length counts what came.
    This server would send it so to anybody:
    """
    import gzip
    from urllib.request import urlopen

    with playground.run() as play:
        with urlopen(f"{play.httpbin}/gzip", timeout=5) as response:
            body = response.read()
            try:
                json.loads(body)
            except UnicodeDecodeError as error:
                print("as it came:", fill(str(error), 64))
            print("unpacked:  ", json.loads(gzip.decompress(body))["gzipped"])

    """
    Next, a server that does not know how long its answer will be. So there is
    no Content-Length, and the connection is to be kept.
    """

    def countdown(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield from [b"three\n", b"two\n", b"one\n"]

    with servers.serve(countdown) as server, wire.tap(server) as tap:
        response = requests.get(tap.url, timeout=5)
        raw = tap.transcript.data("to-client").partition(b"\r\n\r\n")[2]
        print("came:   ", raw)
        print("content:", response.content)
        print("length: ", response.headers.get("Content-Length"))

    """
    The body is *chunked*: in front of each piece stands its length, in
    hexadecimal. By hand, and with `http1`, which checks what it reads:
    """
    import io

    stream = io.BytesIO(raw)
    while size := int(stream.readline(), 16):
        print(size, "bytes:", stream.read(size))
        stream.readline()

    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    print(http1.parse_response(head + raw).body)

    """
    Such an answer may come line by line. This server needs 0.1 s for each.
    """

    def slowly(environ, start_response):
        for line in countdown(environ, start_response):
            time.sleep(0.1)
            yield line

    seen = {False: [], True: []}
    with servers.serve(slowly) as server:
        for stream in [False, True]:
            began = time.monotonic()
            with requests.get(server.url, timeout=5, stream=stream) as page:
                for line in page.iter_lines():
                    seen[stream].append(time.monotonic() - began)
                    print(f"{stream!s:5} {seen[stream][-1]:.2f} s", line)

    """
    `stream=True` hands out each piece when it comes. Use it in a with-block,
    since the connection is yours until you have read all or closed it.

    Something else is hidden: how much a small body can become. This one has a
    megabyte, and unpacked a thousand of them. Our helper counts:
    """
    with lab.gzip_bomb() as server:
        try:
            clients.get(server.url, max_bytes=1_000_000)
        except requests.RequestException as error:
            print(fill(str(error), 76))


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Half of the body comes, then the server closes. What happens?",
            {
                "an error": "Content-Length says that something is missing, "
                "and nobody compares.",
                "no error, and half of a file": "To a loop that reads until "
                "nothing comes, this is the end.",
            },
            truth=lambda ran: (
                "no error, and half of a file"
                if 0 < len(ran.copy.getvalue()) < ran.promised
                else "an error"
            ),
        ),
        Choice(
            "`read()`, all in one piece: will that notice?",
            {
                "yes": "It knows how many bytes it should have got.",
                "no": "Here it does count: it wants all that was promised.",
            },
            truth=lambda ran: "yes" if "notice" in vars(ran) else "no",
            part=2,
        ),
        Choice(
            "And `requests`, which reads in pieces here?",
            {
                "no error, as urllib": "So it was with urllib3 before "
                "version 2. Now it counts.",
                "an error": "urllib3, which reads for it, counts.",
            },
            truth=lambda ran: (
                "an error" if "kind" in vars(ran) else "no error, as urllib"
            ),
            part=4,
        ),
    ],
)
def short_and_no_error():
    """Short, and no error.

    To download a file, copy the response into it, piece by piece. That is
    what `copyfileobj` is for. This server dies in the middle of the body.
    """
    import io
    import shutil
    from urllib.request import urlopen

    with lab.cut_off() as server:
        with urlopen(server.url, timeout=5) as response:
            copy = io.BytesIO()  # it stands for a file
            shutil.copyfileobj(response, copy)
            promised = int(response.headers["Content-Length"])
            print("promised:", promised, "bytes")
            print("copied:  ", len(copy.getvalue()), "bytes")

    """
    The copy is short, and the program goes on as if it were whole.
    """
    with lab.cut_off() as server:
        with urlopen(server.url, timeout=5) as response:
            try:
                print("read:", len(response.read()))
            except http.client.IncompleteRead as error:
                notice = str(error)
                print(notice)

    """
    `read()` notices, and pieces do not: `read(4)` returns `b''` at the end,
    early or not. So whoever reads in pieces counts:
    """

    def copy_all(response, file):
        promised = response.headers["Content-Length"]
        shutil.copyfileobj(response, file)
        if promised and file.tell() != int(promised):
            raise EOFError(f"{file.tell()} of {promised} bytes came")

    with lab.cut_off() as server:
        with urlopen(server.url, timeout=5) as response:
            try:
                copy_all(response, io.BytesIO())
            except EOFError as error:
                print("EOFError:", error)

    """
    The same answer, and another library:
    """
    copied = 0
    with lab.cut_off() as server:
        with requests.get(server.url, timeout=5, stream=True) as response:
            try:
                for piece in response.iter_content(4):
                    copied += len(piece)
                print("no error:", copied)
            except requests.RequestException as error:
                kind = type(error).__name__
                print(f"{kind} after {copied} bytes")

    """
    It raised, and still half a file would be there. Our helper collects the
    data under another name, asks for the rest, and keeps all or nothing:
    """
    from pathlib import Path

    with lab.cut_off() as server, tempfile.TemporaryDirectory() as folder:
        try:
            clients.download(server.url, Path(folder, "film.mp4"), retries=1)
        except requests.RequestException as error:
            print(fill(str(error), 76))
        print("files:", [path.name for path in Path(folder).iterdir()])


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "urllib follows. Will the other host get the token?",
            {
                "no": "It was meant for the first host. urllib sends all "
                "headers of the request on.",
                "yes": "urllib sends all headers of the request on.",
            },
            truth=lambda ran: (
                "yes" if ran.arrived.header("Authorization") else "no"
            ),
        ),
        Choice(
            "`requests` takes Authorization out. And X-API-Key?",
            {
                "that, too": "It knows the name Authorization, and no others.",
                "that is sent on": "To `requests` it is a header like any "
                "other.",
            },
            truth=lambda ran: (
                "that is sent on"
                if ran.arrived["requests"].header("X-API-Key")
                else "that, too"
            ),
            part=3,
        ),
        Choice(
            "A POST is redirected with 302. What will arrive?",
            {
                "the POST, with its form": "That is what 307 and 308 are for.",
                "a POST without the form": "The method goes, too.",
                "a GET without the form": "And the status in the end is 200.",
            },
            truth=lambda ran: {
                ("POST", True): "the POST, with its form",
                ("POST", False): "a POST without the form",
                ("GET", False): "a GET without the form",
            }[ran.outcomes[302]],
            part=4,
        ),
    ],
)
def next_door():
    """Your token went next door.

    A server may redirect to another host. Our request has a token in a
    header, and that was for the first one.
    """
    from urllib.request import Request, urlopen

    secret = {"Authorization": "Bearer practice-token"}
    with lab.redirect_to_other_host() as server:
        request = Request(server.url, headers=secret)
        with urlopen(request, timeout=5) as response:
            print("asked:   ", server.url)
            print("answered:", response.url)
            arrived = server.other.requests[0]
            print("it got:  ", arrived.header("Authorization"))

    """
    Nobody was asked, and no error came. With urllib, such a header is added
    so that it stays behind when the request moves on:
    """
    with lab.redirect_to_other_host() as server:
        request = Request(server.url)
        request.add_unredirected_header("Authorization", "Bearer practice")
        with urlopen(request, timeout=5):
            for name, peer in [("first", server), ("other", server.other)]:
                print(name, peer.requests[0].header("Authorization"))

    """
    `requests` takes Authorization out by itself when the host changes. Many
    APIs want their key in a header of their own, though:
    """
    keys = secret | {"X-API-Key": "practice-key"}
    arrived = {}
    with lab.redirect_to_other_host() as server:
        for name, get in [("requests", requests.get), ("ours", clients.get)]:
            get(server.url, headers=keys, timeout=5)
            arrived[name] = server.other.requests[-1]
            for header in keys:
                print(f"{name:8} {header}: {arrived[name].header(header)}")

    """
    Our helper sends another *origin* (scheme, host and port) only headers that
    are harmless. With `requests`, use `allow_redirects=False`, and look.

    Something else changes on the way. We send a form:
    """
    outcomes = {}
    for status in [302, 303, 307]:
        with lab.redirect_to_other_host(status) as server:
            reply = requests.post(server.url, data={"pay": 5}, timeout=5)
            arrived = server.other.requests[0]
            outcomes[status] = arrived.method, bool(arrived.body)
            print(status, "->", arrived.method, arrived.body, end=" ")
            print("in the end:", reply.status_code)

    """
    302 and 303 turn a POST into a GET, which pays nothing, and all looks well.
    307 and 308 keep method and body, so the form goes to the other host. An
    address that is right from the start needs neither:
    """
    with lab.redirect_to_other_host() as server:
        for post in (requests.post, clients.post):
            reply = post(server.url, data={"pay": 5}, allow_redirects=False)
            print(reply.status_code, "look at", reply.headers["Location"])
        print("requests at the other host:", len(server.other.requests))


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "Five gets with one session: how many connections?",
            truth=lambda ran: ran.counts["the status only"],
            right="A connection with an unread body cannot be used again.",
            low="One would do, if the bodies were read. A connection with an "
            "unread body cannot be used again.",
            high="Each get needs one at most.",
        ),
        Number(
            "How many times as many bytes will it take without a session?",
            truth=lambda ran: ran.sizes["single"] / ran.sizes["session"],
            within=0.4,
            right="Each connection begins with keys and certificates.",
            low="Each connection begins with keys and certificates, and they "
            "are much longer than these small answers.",
            high="The requests and answers themselves are the same, and they "
            "count, too.",
            part=4,
        ),
    ],
)
def five_gets():
    """Five gets, five connections.

    A session keeps its connection: step 11 has shown it. Here we only want to
    know whether five pages are there, so we do not read them.
    """
    counts = {}
    with playground.run() as play, requests.Session() as session:
        with wire.tap(play.textbook) as tap:
            for _ in range(5):
                url = f"{tap.url}/data"
                with session.get(url, timeout=5, stream=True) as response:
                    print(response.status_code, end=" ")
            counts["the status only"] = len(tap.transcript.flows)
            print("connections:", counts["the status only"])

    """
    What we leave unread would stand in front of the next answer. So the
    connection is closed. Read the body; or ask for the headers only, by HEAD:
    """
    with playground.run() as play, requests.Session() as session:
        for way in (session.get, session.head):
            with wire.tap(play.textbook) as tap:
                for _ in range(5):
                    reply = way(f"{tap.url}/data", timeout=5)
                counts[reply.request.method] = len(tap.transcript.flows)
                print(reply.request.method, len(reply.content), end=" bytes; ")
                print("connections:", counts[reply.request.method])

    """
    What does a connection cost? A server with HTTPS, and a tap that counts:
    """

    from netbasics import certs, servers

    def site(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return [b"hi"]

    authority = certs.Authority()
    tls = authority.issue("localhost").server_context()
    with servers.serve(site, tls=tls) as server, wire.tap(server) as tap:
        with tempfile.TemporaryDirectory() as folder:
            trusted = str(authority.write_pem(folder))
            url = f"https://localhost:{tap.port}/"
            requests.get(url, timeout=5, verify=trusted)
            print("to the server:", len(tap.transcript.data("to-server")))
            print("to the client:", len(tap.transcript.data("to-client")))

    """
    A body of two bytes, and these are the numbers for one get. For five:
    """
    from netbasics import pictures

    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        trusted = str(authority.write_pem(folder))
        with servers.serve(site, tls=tls) as server, clients.session() as ours:
            for name, get in [("single", requests.get), ("session", ours.get)]:
                with wire.tap(server) as tap:
                    url = f"https://localhost:{tap.port}/"
                    for _ in range(5):
                        get(url, timeout=5, verify=trusted)
                    sent = tap.transcript.data("to-server")
                    came = tap.transcript.data("to-client")
                    sizes[name] = len(sent) + len(came)
            chart = pictures.bars(sizes, unit="bytes", title="five gets")
            print(chart)

    """
    And each connection costs time: two round trips before the request leaves,
    one for TCP and one for the keys. On this machine that is nothing; to
    another continent it is a third of a second.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "The status will be 304, with no body. What does `urlopen` do?",
            {
                "return a response without a body": "`requests` does. To "
                "urllib, everything that is not a 2 is an error.",
                "raise an error": "To urllib, whatever does not begin with 2 "
                "is an error, if it cannot follow it.",
                "return the old body": "It keeps none. That is our affair.",
            },
            truth=lambda ran: (
                "raise an error"
                if "status" in vars(ran)
                else "return a response without a body"
            ),
            part=2,
        ),
        Choice(
            "`requests` does not raise. What will `raise_for_status` and "
            "`json()` do?",
            {
                "the first raises": "304 is below 400.",
                "the first lets it pass, the second raises": "There is no "
                "error, and there is no body.",
                "both work": "There is no body to decode.",
            },
            truth=lambda ran: (
                "the first lets it pass, the second raises"
                if "reason" in vars(ran)
                else "both work"
            ),
            part=3,
        ),
    ],
)
def not_modified():
    """304 is an exception.

    To ask again for what has not changed is a waste. With an answer comes an
    *ETag*, a mark for this version of it:
    """
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    with playground.run() as play:
        with urlopen(f"{play.textbook}/data", timeout=5) as response:
            etag = response.headers["ETag"]
            print(response.status, etag, len(response.read()), "bytes")

    """
    Sent back in `If-None-Match`, it makes a *conditional request*: send it
    only if it is not this version. If it is, the answer is 304, Not Modified.
    """
    with playground.run() as play:
        same = {"If-None-Match": etag}
        request = Request(f"{play.textbook}/data", headers=same)
        try:
            with urlopen(request, timeout=5) as response:
                print("returned:", response.status)
        except HTTPError as error:
            with error:
                status = error.code
                print("raised:", status, error.reason, error.read())

    """
    The best of all answers, raised as an error. With `requests`:
    """
    with playground.run() as play:
        response = requests.get(
            f"{play.textbook}/data", headers=same, timeout=5
        )
        response.raise_for_status()
        print("status:", response.status_code, response.ok, response.content)
        try:
            print(response.json())
        except requests.JSONDecodeError as error:
            reason = str(error)
            print("JSONDecodeError:", reason)

    """
    No error where one might be, and another one later. So keep the ETag and
    the data together, and look for the 304 before anything else:
    """
    kept = {}

    def fetch(get, url):
        etag, data = kept.get(url, (None, None))
        response = get(url, headers={"If-None-Match": etag}, timeout=5)
        print(response.status_code, len(response.content), "bytes", end=" ")
        if response.status_code == 304:
            return data
        response.raise_for_status()
        kept[url] = response.headers.get("ETag"), response.json()
        return kept[url][1]

    with playground.run() as play:
        for get in (requests.get, requests.get, clients.get):
            print(fetch(get, f"{play.textbook}/data")["title"])

    """
    The data is the same each time, and its body came once. (A server that
    sends no ETag gives None, and a header that is None is not sent.)
    """


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "It fails twice, then works. How many requests will it take?",
            truth=lambda ran: len(ran.server.requests),
            right="Two that fail and one that works.",
            low="The two that failed were requests, too.",
            high="The loop ends when one has worked.",
        ),
        Choice(
            "No reply will come. Will the shop have taken the money?",
            {
                "no": "The request had arrived, and was carried out. Only the "
                "reply was lost.",
                "yes": "Only the reply was lost.",
            },
            truth=lambda ran: "yes" if ran.charges else "no",
            part=2,
        ),
        Choice(
            "We send it again until a reply comes. What will have been paid?",
            {
                "5 euros": "It was one order. But to the shop, these are two "
                "requests, and each of them pays.",
                "10 euros": "To the shop, these are two requests.",
            },
            truth=lambda ran: f"{5 * len(ran.charges)} euros",
            part=3,
        ),
        Choice(
            "With a key that stays the same for each try: what is paid?",
            {
                "5 euros": "The shop knows the key, and that it has been "
                "paid for.",
                "10 euros": "The shop gets two requests, and knows by the "
                "key that they are one.",
            },
            truth=lambda ran: f"{5 * len(ran.charges)} euros",
            part=4,
        ),
    ],
)
def charged_twice():
    """A retry helps; and one lost reply is charged twice.

    Some failures pass by themselves. This server is busy (503), then well. We
    try again, and wait a little longer each time:
    """
    from netbasics import pictures

    with lab.flapping(fails=2, works=None) as server:
        for attempt in range(5):
            response = requests.get(server.url, timeout=5)
            if response.status_code != 503:
                break
            time.sleep(0.05 * 2**attempt)
        print("in the end:", response.status_code)
        moments = {"requests": [request.at for request in server.requests]}
        chart = pictures.timeline(moments, unit="s")
        print(chart)

    """
    A loop around everything? This shop takes 5 euros. Its first reply is lost.
    """
    charges, reply = [], b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"

    def shop(visit):
        visit.read_request()
        charges.append(5)
        if visit.number > 1:
            visit.send(reply)

    with lab.TCPPeer("shop", shop) as server:
        try:
            requests.post(server.url, timeout=5)
        except requests.ConnectionError as error:
            print(fill(str(error), 76))
        print("paid:", sum(charges), "euros")

    """
    Nobody on this side can know that. So we try again:
    """

    def pay(url, headers=None):
        for number in range(1, 6):
            try:
                response = requests.post(url, headers=headers, timeout=5)
                return f"{response.status_code} after {number} tries"
            except requests.ConnectionError:
                continue
        return "no reply"

    charges = []
    with lab.TCPPeer("shop", shop) as server:
        print(pay(server.url))
        print("paid:", sum(charges), "euros")

    """
    GET, PUT and DELETE may come twice; they are *idempotent*. POST is not. An
    *idempotency key* makes it so: a text, the same for each try of one order.
    """
    paid, charges = set(), []

    def careful_shop(visit):
        key = visit.read_request().header("Idempotency-Key")
        if key is None or key not in paid:
            paid.add(key)
            charges.append(5)
        if visit.number > 1:
            visit.send(reply)

    with lab.TCPPeer("shop", careful_shop) as server:
        print(pay(server.url, {"Idempotency-Key": "order-1001"}))
        print("paid:", sum(charges), "euros")

    """
    Our helper tries again by itself, but only what is safe to repeat. First a
    POST without a key, then one with:
    """
    for headers in [{}, {"Idempotency-Key": "order-1002"}]:
        charges = []
        with lab.TCPPeer("shop", careful_shop) as server:
            try:
                answer = clients.post(server.url, headers=headers)
                print(answer.status_code, "after", answer.tries, "tries")
            except requests.ConnectionError as error:
                print(fill(str(error), 76))
            print("requests:", len(server.requests), "paid:", sum(charges))


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What will the second request get?",
            {
                "an answer": "The connection it is sent on has ended. "
                "Nobody is there to answer.",
                "no answer": "It was sent on a connection that had ended.",
            },
            truth=lambda ran: (
                "no answer" if "failure" in vars(ran) else "an answer"
            ),
        ),
        Choice(
            "`requests` looks before it sends. Does that help here?",
            {
                "yes": "When it looked, all was well. The end came a moment "
                "later.",
                "no": "When it looked, all was still well.",
            },
            truth=lambda ran: "no" if "kind" in vars(ran) else "yes",
            part=3,
        ),
    ],
)
def died_while_idle():
    """Died while idle.

    This server ends a connection that is kept after a moment. `http.client`,
    on which urllib is built, lets us watch it: MSG_PEEK waits, takes nothing.
    """
    with lab.dies_idle(0.01) as server:
        client = http.client.HTTPConnection(*server.address, timeout=5)
        with closing(client) as connection:
            connection.request("GET", "/")
            print("first:", connection.getresponse().read())
            print("then: ", connection.sock.recv(1, socket.MSG_PEEK))
            connection.request("GET", "/")
            try:
                print("again:", connection.getresponse().read())
            except http.client.RemoteDisconnected as error:
                failure = str(error)
                print("again:", failure)

    """
    `b''` is the end, and to send worked all the same. A session of `requests`
    looks whether a connection has ended before it uses it again:
    """
    with lab.dies_idle(0.01) as server, requests.Session() as session:
        print(session.get(server.url, timeout=5).json())
        time.sleep(0.4)
        print(session.get(server.url, timeout=5).json())
        print("connections:", server.attempts)

    """
    The second get went over a new one. Now a server that closes a moment
    later, when our request is on its way:
    """
    with lab.dies_reused() as server, requests.Session() as session:
        print(session.get(server.url, timeout=5).json())
        try:
            print(session.get(server.url, timeout=5).json())
        except requests.ConnectionError as error:
            kind = type(error).__name__
            print(fill(f"{kind}: {error}", 76))

    """
    Nobody can look into the future. What helps is to ask again, on a new
    connection, as long as it is a GET. With `requests`, an *adapter* does so
    if it is told to; our session does so by itself:
    """
    from requests.adapters import HTTPAdapter

    with requests.Session() as patient, clients.session() as ours:
        patient.mount("http://", HTTPAdapter(max_retries=1))
        for name, session in [("requests", patient), ("ours", ours)]:
            with lab.dies_reused() as server:
                for _ in range(2):
                    reply = session.get(server.url, timeout=5)
                    print(name, reply.json(), server.attempts)

    """
    And a POST? It may have been carried out before the connection ended. So
    neither of them repeats it, unless you say that it is safe.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "The second server has another port. Will it get the cookie?",
            {
                "no": "For cookies, a server is a host name. The port does "
                "not count.",
                "yes": "To the rules of cookies, it is the same host.",
            },
            truth=lambda ran: "yes" if ran.shown else "no",
        ),
        Choice(
            "Now the second sets a cookie named `session`, too. And then?",
            {
                "each has its own": "One host, one name, one cookie: the "
                "second took the place of the first.",
                "we are signed out of the first": "The second cookie took "
                "the place of the first.",
            },
            truth=lambda ran: (
                "we are signed out of the first"
                if ran.profile.status_code == 401
                else "each has its own"
            ),
            part=2,
        ),
    ],
)
def cookies_ignore_ports():
    """Cookies ignore ports.

    Two servers run on this machine, each on a port of its own. We sign in at
    the first and then ask the second which cookies it was sent.
    """
    form = {"username": "octocat", "password": "secret"}
    with playground.run() as play, requests.Session() as session:
        session.post(f"{play.textbook}/login", data=form, timeout=5)
        print("signed in at:", play.textbook)
        reply = session.get(f"{play.httpbin}/cookies", timeout=5)
        shown = reply.json()["cookies"]
        print("asked:       ", play.httpbin)
        print("it was sent: ", ", ".join(shown))

    """
    Whoever has that cookie is signed in as octocat, so each service on one
    host must trust all the others. It goes wrong without any malice, too:
    """
    with playground.run() as play, requests.Session() as session:
        session.post(f"{play.textbook}/login", data=form, timeout=5)
        url = f"{play.httpbin}/cookies/set?session=mine"
        session.get(url, timeout=5)
        profile = session.get(f"{play.textbook}/profile", timeout=5)
        print("profile:", profile.status_code, profile.reason)

    """
    What separates them: another host name, or another session. Our session
    keeps cookies by the same rules, so there the answer is the same.
    """
    with playground.run() as play, requests.Session() as session:
        session.post(f"{play.textbook}/login", data=form, timeout=5)
        other = play.httpbin.replace("127.0.0.1", "localhost")
        reply = session.get(f"{other}/cookies", timeout=5)
        print("at localhost, it was sent:", reply.json()["cookies"])

    with playground.run() as play:
        with clients.session() as first, clients.session() as second:
            first.post(f"{play.textbook}/login", data=form)
            second.get(f"{play.httpbin}/cookies/set?session=mine")
            reply = first.get(f"{play.textbook}/profile")
            print("a session each, profile:", reply.status_code)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "`http_proxy` is set. Who answers a request to 127.0.0.1?",
            {
                "the server on 127.0.0.1": "The request is for this machine, "
                "and yet it went to the proxy.",
                "the proxy": "The environment counts for each URL, unless "
                "`no_proxy` names the host.",
            },
            truth=lambda ran: (
                "the proxy" if ran.proxy.requests else "the server on 127.0.0.1"
            ),
        ),
        Choice(
            "Which of these keeps the request off the proxy?",
            {
                'session.proxies = {"http": None}': "It looks like an order. "
                "The environment counts more than that.",
                "session.trust_env = False": "This session does not ask the "
                "environment.",
                "both": "The environment counts more than `session.proxies`.",
            },
            truth=lambda ran: {
                (True, False): 'session.proxies = {"http": None}',
                (False, True): "session.trust_env = False",
                (True, True): "both",
            }[ran.direct["proxies"], ran.direct["trust_env"]],
            part=2,
        ),
        Choice(
            "Which authority will the session trust?",
            {
                "the one in session.verify": "The program said so. The "
                "environment says something else, and wins.",
                "the one in the environment": "It counts more than "
                "`session.verify`.",
            },
            truth=lambda ran: (
                "the one in the environment"
                if "refusal" in vars(ran)
                else "the one in session.verify"
            ),
            part=4,
        ),
    ],
)
def whose_proxy():
    """Whose proxy? The environment answers.

    A *proxy* asks other servers for its clients. Companies set `http_proxy` in
    the environment, and programs obey. `patch.dict` sets it for one block.
    """
    from unittest.mock import patch

    token = {"Authorization": "Bearer practice-token"}
    with playground.run() as play, lab.slow(0) as proxy:
        env = {"http_proxy": proxy.url, "no_proxy": "", "NO_PROXY": ""}
        with patch.dict(os.environ, env):
            url = f"{play.textbook}/private"
            reply = requests.get(url, headers=token, timeout=5)
            print("asked:   ", url)
            print("answer:  ", reply.text.strip())
            for seen in proxy.requests:
                print("to proxy:", seen.target, seen.header("Authorization"))

    """
    The proxy got the whole URL and the token, and the answer is its own. To
    our own machine we want to go without it. Two tries:
    """
    direct = {}
    with playground.run() as play, lab.slow(0) as proxy:
        env["http_proxy"] = proxy.url
        with patch.dict(os.environ, env), requests.Session() as session:
            url = f"{play.textbook}/data"
            session.proxies = {"http": None}
            session.get(url, timeout=5)
            direct["proxies"] = len(proxy.requests) == 0
            session.proxies, session.trust_env = {}, False
            session.get(url, timeout=5)
            direct["trust_env"] = len(proxy.requests) < 2
            print("past the proxy:", direct)

    """
    What was given to the call itself, `get(url, proxies={"http": None})`,
    counts more than the environment. `session.proxies` does not. Two other
    ways: `no_proxy`, and our helper, which asks this machine directly.
    """
    with playground.run() as play, lab.slow(0) as proxy:
        env["http_proxy"] = proxy.url
        with patch.dict(os.environ, env):
            clients.get(f"{play.textbook}/data")
            print("our helper, seen by the proxy:", len(proxy.requests))
            os.environ["no_proxy"] = "127.0.0.1,localhost"
            requests.get(f"{play.textbook}/data", timeout=5)
            print("with no_proxy, seen by it:    ", len(proxy.requests))

    """
    The environment has more to say. `REQUESTS_CA_BUNDLE` names a file of
    authorities, here those that `requests` has anyway. Our session is told to
    trust another one:
    """
    env = {"REQUESTS_CA_BUNDLE": requests.certs.where()}
    with lab.good_certificate() as server, requests.Session() as session:
        with tempfile.TemporaryDirectory() as folder:
            session.verify = str(server.authority.write_pem(folder))
            with patch.dict(os.environ, env):
                try:
                    print(session.get(server.url, timeout=5).status_code)
                except requests.exceptions.SSLError:
                    refusal = "refused: not signed by an authority in the file"
                    print(refusal)
                with clients.session(verify=session.verify) as ours:
                    print("our session:", ours.get(server.url).status_code)

    """
    `requests` also sends a password that it finds in `~/.netrc`.
    `trust_env=False` ends all of that, good and bad.
    """


lesson.ends(
    """
    - A request and a response are text: a first line, headers, a body. Whether
      it worked is in the status; check it before you use the body.
    - No call without a timeout, and a deadline where it matters. Special
      errors first, `RequestException` last.
    - A session keeps cookies, headers and the connection: one for each API.
    - A certificate that is refused is a question, and `verify=False` no answer.
    - An end is no proof that all came: count. A lost reply is no proof that
      nothing happened: use a key.
    - A redirect and the environment can lead a request, and your token, to
      somebody else.

    Three questions to check yourself:

    1. `requests.get(url, timeout=5).json()` raised a JSONDecodeError. Name two
       things that may have happened, and how to find out.
    2. Signing in worked, and the next request gets a 401. What is missing?
    3. A payment was sent by POST, and no reply came. May the program send it
       again?

    The answers are in docs/lesson_02.md.

    Now write it yourself: `netbasics practice 2` (description, get, follow,
    send, read_response, download). Then the other side, a server of your own:
    `netbasics learn 03`
    """
)


if __name__ == "__main__":
    lesson.main()
