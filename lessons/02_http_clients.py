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

import json
import socket
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
    The request begins with a *method*, GET, and what is asked for. The
    response begins with the *status line*; 200 means that it worked.

    `Connection: close` asked the server to close when it had answered, and so
    our loop came to its end. Clients seldom send that. Here it is left out.
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
        ),
        Choice(
            "`form` is a text. Will `urlopen` take it?",
            {
                "yes": "A text has to become bytes first, and urllib leaves "
                "it to us to say how.",
                "no": "Only bytes travel, and `encode` is left to us.",
            },
            truth=lambda ran: "no" if "refusal" in vars(ran) else "yes",
            part=2,
        ),
        Choice(
            "What will `urlopen` do?",
            {
                "return a response whose status is 404": "`requests` will do "
                "so, in the next step. urllib raises.",
                "return None": "There is an answer, and it says why not.",
                "raise an error": "And the error carries the answer.",
            },
            truth=lambda ran: (
                "raise an error"
                if "message" in vars(ran)
                else "return a response whose status is 404"
            ),
            part=3,
        ),
    ]
)
def the_standard_library():
    """With the standard library.

    `urlopen` sends a request and reads the headers of the response. `read`
    returns the body.

    This body is *JSON*: lists, objects, strings and numbers written as text.
    `json.loads` makes Python objects of it.
    """
    from urllib.request import urlopen

    with playground.run() as play:
        with urlopen(f"{play.textbook}/users/octocat", timeout=5) as response:
            print("status:", response.status, response.reason)
            print("type:  ", response.headers["Content-Type"])
            body = response.read()
            user = json.loads(body)
            print("body:  ", type(body).__name__, body[:34])
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
        with urlopen(url, data=form.encode(), timeout=5) as response:
            seen = json.load(response)
            print("bytes:", form.encode())
            print("type: ", seen["headers"]["Content-Type"])
            print("form: ", seen["form"])

    """
    It wants bytes, since only bytes travel. A header went with them that says
    how to read them.

    Last, a user whom the server does not know. It answers with a 404.
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
    `text` is a string, `json()` gives Python objects.
    """
    with playground.run() as play:
        response = requests.get(f"{play.textbook}/users/octocat", timeout=5)
        print("status: ", response.status_code, response.reason)
        print("type:   ", response.headers["content-type"])
        print("content:", response.content[:30])
        print("text:   ", response.text[:30])
        print("name:   ", response.json()["name"])

    """
    Names of headers are found in any case; to HTTP it makes no difference.

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
    The first digit of a status says the most:

    - 2: it worked (200 OK, 201 Created, 204 No Content)
    - 3: look elsewhere (302 Found)
    - 4: the request is wrong (401 Unauthorized, 404 Not Found)
    - 5: the server failed (500 Internal Server Error)

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
    makes, the names of some lead to our practice servers, so that such code
    runs as it is printed. (The `s` in `https` is for step 12.)
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
    import time
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
    from threading import Thread

    def fetch(url):
        try:
            requests.get(url)
        except requests.RequestException as error:
            print("ended by:", type(error).__name__)

    with lab.silent() as server:
        thread = Thread(target=fetch, args=(server.url,), daemon=True)
        thread.start()
        thread.join(0.5)
        waiting = thread.is_alive()
        print("waiting after 0.5 s:", waiting)

    thread.join(5)
    print("waiting after the server's end:", thread.is_alive())

    """
    It did not give up. Only the end of the server ended it. `requests` has no
    timeout unless you give it one, and many examples give none. With one:
    """
    import time

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
    for kind in [
        requests.ReadTimeout,
        requests.ConnectTimeout,
        requests.exceptions.SSLError,
        requests.HTTPError,
        requests.TooManyRedirects,
        requests.JSONDecodeError,
    ]:
        family = [
            parent.__name__
            for parent in kind.__mro__[1:]
            if issubclass(parent, requests.RequestException)
        ]
        print(f"{kind.__name__:16} is also", ", ".join(family))

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

    Search for that message, and you will find the advice `verify=False`. Try
    it:
    """
    import warnings

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
    import tempfile

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


lesson.ends(
    """
    - A request and a response are text: a first line, headers, a body.
    - Whether it worked is in the status. Check it before you use the body.
    - Let the library encode: `params=`, `json=`, `data=`.
    - No call without a timeout. Special errors first, `RequestException` last.
    - A session keeps cookies, headers and the connection.
    - A certificate that is refused is a question, and `verify=False` no answer.

    Three questions to check yourself:

    1. `requests.get(url, timeout=5).json()` raised a JSONDecodeError. Name two
       things that may have happened, and how to find out.
    2. A program catches `ConnectionError`, and still ends with an error that
       is called ConnectionError. Why?
    3. Signing in worked, and the next request gets a 401. What is missing?

    The answers are in docs/lesson_02.md. Next: the other side, a server of
    your own. `netbasics learn 03`
    """
)


if __name__ == "__main__":
    lesson.main()
