"""HTTP servers: programs that answer whoever asks.

Each web application, each API, each status page of a machine is one. This
lesson builds the same small service with the standard library, with Flask and
with FastAPI, and shows what each of them does for you.

After this lesson you can
- answer GET and POST with nothing but `http.server`, and avoid its two traps
- build a small API with Flask and with FastAPI, and start it
- say what a framework takes off your hands, and where frameworks differ
- keep data in a file that survives a restart
- find what makes a server hang, dawdle, leak files or lose its last answer

The core takes about twenty minutes, the deeper steps half an hour more.
Lesson 2 is a good start, but not required.
"""

import asyncio
import io
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager, redirect_stderr
from http.client import HTTPConnection
from http.server import (
    BaseHTTPRequestHandler,
    HTTPServer,
    ThreadingHTTPServer,
)
from pathlib import Path
from threading import Event, Thread

try:
    import requests
    from fastapi import FastAPI
    from fastapi_offline import FastAPIOffline
    from flask import Flask, request
    from pydantic import BaseModel

    from netbasics import (
        aio,
        certs,
        clients,
        http1,
        lab,
        pictures,
        playground,
        servers,
        sockets,
        wire,
    )
    from netbasics.course import LINUX, Choice, Lesson, Need, Number
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/03_http_servers.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step(
    ask=Choice(
        "What does the client get for `/no/such/page`?",
        {
            "404, Not Found": "That would take a line that looks at the path; "
            "this handler has none, and nobody else looks.",
            "501, Not Implemented": "That is for a method which the class does "
            "not have. GET it has, so `do_GET` was called.",
            "200, and the page": "`do_GET` is called for every path. To look "
            "at the path is the handler's own work.",
        },
        truth=lambda ran: {404: "404, Not Found", 200: "200, and the page"}.get(
            ran.page.status_code, "501, Not Implemented"
        ),
        part=2,
    )
)
def with_the_standard_library():
    """With the standard library.

    A *handler* is a class with one method for each HTTP method. It writes the
    status line, the headers and the body.
    """

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self):
            page = f"<h1>You asked for {self.path}</h1>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    """
    `servers.serve` starts it in the background, on a free port, and ends it
    with the block.
    """
    with servers.serve(Hello) as server:
        for path in ("/", "/no/such/page"):
            page = requests.get(server.url + path, timeout=5)
            print(page.status_code, page.headers["Content-Type"], page.text)
        reply = requests.delete(server.url, timeout=5)
        print("DELETE:", reply.status_code, reply.reason)

    """
    Every path got the page, since the handler never looked at the path. A
    method that the class does not have is answered with 501.

    (A handler that puts the path of a request into a page must escape it with
    `html.escape`, or visitors can be sent to a page with somebody's script.)

    In a program of your own, without our package, these lines start it:

    ```
    from http.server import ThreadingHTTPServer
    ThreadingHTTPServer(("127.0.0.1", 8000), Hello).serve_forever()
    ```

    In a second terminal: `curl -i http://127.0.0.1:8000/`. Ctrl-C ends it.
    """


@lesson.step(
    ask=Number(
        "How many bytes will the body of this request have?",
        unit="bytes",
        truth=lambda ran: int(ran.reply.request.headers["Content-Length"]),
        right="`[1, 2, 39]` as text. Each sign of JSON is one byte here.",
        low="The numbers travel as text, with brackets, commas and blanks.",
        high="It is only the text `[1, 2, 39]`. The headers do not count.",
        part=2,
    )
)
def reading_a_body():
    """Reading a body.

    A POST brings a body. The server may not read "until the end": the
    connection stays open, so there is no end. The header `Content-Length`
    says how many bytes belong to the body.

    This one adds numbers: JSON comes in, JSON goes out.
    """

    class Sum(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            numbers = json.loads(self.rfile.read(length))
            text = json.dumps({"sum": sum(numbers)}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    """
    Three numbers go in. The client asks for JSON in `reply.json()`.
    """
    with servers.serve(Sum) as server:
        reply = requests.post(server.url, json=[1, 2, 39], timeout=5)
        print("body:  ", reply.request.body)
        print("answer:", reply.status_code, reply.json())

    """
    It works with a well-behaved client. `json=` made the body, and set
    Content-Type and Content-Length.
    """


@lesson.step(
    ask=[
        Choice(
            "The answer is sent at once. When does the client have it?",
            {
                "at once": "The bytes are there at once. But how would the "
                "client know that no more will follow?",
                "when its timeout is over": "So it would be with part of an "
                "answer. `requests` gives the whole or an error.",
                "never: it gives up": "It waits for more until its patience "
                "is over, and reports an error.",
            },
            truth=lambda ran: (
                "never: it gives up" if ran.problem else "at once"
            ),
            part=2,
        ),
        Choice(
            "What passes between the answer and FIN, the sign of the end?",
            {
                "the rest of the answer, in pieces": "It came in one piece.",
                "a sign that the answer is over": "There is no such sign in "
                "HTTP/1.1 but the length, or the end of the connection.",
                "nothing": "The whole answer was there, and both sides waited.",
            },
            truth=lambda ran: (
                "nothing"
                if [event.kind for event in ran.tap.transcript][-2:]
                == ["half-close", "close"]
                and ran.tap.transcript[-3].data.endswith(b"hello")
                else "the rest of the answer, in pieces"
            ),
            part=3,
        ),
        Choice(
            "What does the client with the chunks get?",
            {
                "204, No Content": "If the length could be read. There is "
                "none in this request.",
                "no answer": "A bare `http.server` would just hang up. Ours "
                "catches the error and says that it was the server's.",
                "500, Internal Server Error": "The handler failed, and "
                "`servers.serve` answered in its place.",
            },
            truth=lambda ran: (
                "500, Internal Server Error"
                if ran.chunked.status_code == 500
                else "204, No Content"
            ),
            part=5,
        ),
        Number(
            "How many of the three bodies will be taken?",
            truth=lambda ran: sum(got.ok for got in ran.answers),
            right="Only the first says its length and is short enough.",
            low="One of them does state its length, and is short.",
            high="Chunks state no length, and 200,000 bytes are too many.",
            part=7,
        ),
    ]
)
def two_traps():
    """Its two traps.

    Here are two handlers of the kind one finds in many examples. The first
    forgets to say how long its answer is.
    """

    class NoLength(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

    NoLength.protocol_version = "HTTP/1.1"

    """
    The client has half a second of patience.
    """
    with servers.serve(NoLength) as server:
        began, problem = time.monotonic(), ""
        try:
            print(requests.get(server.url, timeout=0.5).text)
        except requests.RequestException as error:
            problem = str(error).partition(": ")[2]
            print(f"client: after {time.monotonic() - began:.1f} s:")
            print(problem)

    """
    Was the answer late? A *tap* is a relay that notes what passes, and when,
    in milliseconds. (This client is chosen for its few headers.)
    """
    with servers.serve(NoLength) as server, wire.tap(server.address) as tap:
        with closing(HTTPConnection(*tap.address, timeout=0.5)) as client:
            client.request("GET", "/")
            try:
                client.getresponse().read()
            except TimeoutError as error:
                print("client:", error)
        tap.wait()
        print(tap.diagram(width=76))

    """
    Nothing. The whole answer was there at once, and no end: HTTP/1.1 keeps
    connections open. So a client that was told no length waits for more, here
    until its timeout. Without any timeout: for ever.

    The second one reads a body, but the request does not state a length: its
    client sends the body in chunks, as it may.
    """

    class TrustsLength(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            self.rfile.read(length)
            self.send_response(204)
            self.end_headers()

    """
    What a client sends from an iterator goes out in chunks.
    """
    pieces = iter([b"in ", b"chunks"])
    with servers.serve(TrustsLength) as server:
        chunked = requests.post(server.url, data=pieces, timeout=5)
        print("client:", chunked.status_code, chunked.reason)
        print("server:", repr(server.errors[0])[:60], "...")

    """
    There was no such header, so `int(None)` was called, and that is an error
    of the server (5xx) for a mistake that was not its own. A request without
    a length is refused with a status made for it: 411, Length Required.
    """

    def reply(handler, status, body=b""):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    class Repaired(BaseHTTPRequestHandler):
        def do_POST(self):
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal():
                reply(self, 411)
            elif int(length) > 100_000:
                reply(self, 413)
            else:
                reply(self, 200, self.rfile.read(int(length)).upper())

    """
    Three clients: a short body, one in chunks, and one of 200,000 bytes.
    """
    answers = []
    with servers.serve(Repaired) as server:
        for body in (b"hello", iter([b"in ", b"chunks"]), b"x" * 200_000):
            got = requests.post(server.url, data=body, timeout=5)
            answers.append(got)
            print(got.status_code, got.reason, got.content)

    """
    A limit on the length belongs to it, or one request fills the memory. This
    is the kind of work that a framework does for you.
    """


@lesson.step(
    ask=[
        Choice(
            "Which status does `/films` get, a path without a function?",
            {
                "404, Not Found": "Flask looks at the path for you.",
                "501, Not Implemented": "So did the first step, for a method "
                "that the class did not have. Flask knows its paths.",
                "500, Internal Server Error": "That is for an error in your "
                "code. To ask for what is not there is the client's.",
            },
            truth=lambda ran: {
                404: "404, Not Found",
                501: "501, Not Implemented",
            }.get(ran.reply.status_code, "500, Internal Server Error"),
            part=2,
        ),
        Choice(
            "Which of these three requests will be refused?",
            {
                "the second": "And the third: `get_json` itself refuses what "
                "is not labelled as JSON.",
                "the third": "And the second: the function looks for a title.",
                "the second and the third": "One by the function, one by "
                "Flask, each with a status of its own.",
            },
            truth=lambda ran: {
                (201, 400, 201): "the second",
                (201, 201, 415): "the third",
            }.get(tuple(ran.statuses), "the second and the third"),
            part=4,
        ),
    ]
)
def flask_routes():
    """Flask: a function for each path.

    Flask calls a function for each method and path, and makes a reply of what
    it returns: text becomes HTML, a dict or list becomes JSON.
    """
    app = Flask("pages")

    @app.get("/")
    def page():
        return "<h1>Books</h1>"

    @app.get("/books")
    def list_books():
        return [{"id": 1, "title": "Emil"}]

    """
    Three paths are asked for, and one of them has no function.
    """
    with servers.serve(app) as server:
        for path in ("/", "/books", "/films"):
            reply = requests.get(server.url + path, timeout=5)
            kind = reply.headers["Content-Type"]
            print(reply.status_code, f"{kind:25}", reply.text.split("\n")[0])

    """
    Type, length and a 404 with a page: Flask wrote them. To create something
    is a POST. The answer is 201, Created, and the header Location says where
    the new thing is.
    """
    app = Flask("books")
    books = {}

    @app.get("/books")
    def all_books():
        return list(books.values())

    @app.post("/books")
    def create_book():
        body = request.get_json()
        if "title" not in body:
            return {"error": "title is missing"}, 400
        number = len(books) + 1
        books[number] = {"id": number, "title": body["title"]}
        return books[number], 201, {"Location": f"/books/{number}"}

    """
    Three requests to it: a title, no title, no JSON.
    """
    statuses = []
    with servers.serve(app) as server:
        url = server.url + "/books"
        for body in ({"title": "Momo"}, {"name": "Momo"}):
            reply = requests.post(url, json=body, timeout=5)
            statuses.append(reply.status_code)
            print(statuses[-1], reply.headers.get("Location"), reply.json())
        reply = requests.post(url, data="no JSON", timeout=5)
        statuses.append(reply.status_code)
        print(statuses[-1], reply.reason)
        print("all books:", requests.get(url, timeout=5).json())

    """
    In a program of your own: save it as `books.py` and run

    ```
    flask --app books run
    ```

    It says itself that it is a development server. For other people's visits
    there are waitress or gunicorn, which call the same `app`.
    """


@lesson.step(
    ask=Choice(
        "In which page can the visitor read the password of the source?",
        {
            "in neither": "So it is without debug mode. With it, the source "
            "around the error is shown, to help its author.",
            "in debug mode only": "It shows the source around the error.",
            "in both": "Without debug mode the page says only that there was "
            "an error.",
        },
        truth=lambda ran: {
            (False, False): "in neither",
            (False, True): "in debug mode only",
        }.get(
            ("open-sesame" in ran.normal, "open-sesame" in ran.debug),
            "in both",
        ),
        part=2,
    )
)
def never_debug_in_public():
    """Flask's debug mode, and who may see it.

    Many examples end in `app.run(debug=True)`. Then an error shows its
    traceback in the browser, with the source around it. This app has an error
    in it, and a secret near by.
    """
    from werkzeug.debug import DebuggedApplication

    app = Flask("bank")

    @app.get("/balance")
    def balance():
        password = "open-sesame"
        return {"cents": 100 / 0, "with": password}

    """
    A visitor causes the error, first without and then with debug mode.
    """

    def visit(app):
        with servers.serve(app) as server, redirect_stderr(io.StringIO()):
            return requests.get(server.url + "/balance", timeout=5).text

    normal = visit(app)
    app.debug = True
    debug = visit(DebuggedApplication(app))
    for name, page in (("normal", normal), ("debug mode", debug)):
        print(f"{name:10} {len(page):6} characters,", end=" ")
        print("the secret is in it:", "open-sesame" in page)

    """
    The debugger shows source code to whoever causes an error, and its console
    runs any Python that somebody types, behind a PIN. That is a help on
    127.0.0.1. Where others can reach it, it hands them the machine.
    """


@lesson.step(
    ask=Number(
        "How many of these four requests will reach one of the functions?",
        truth=lambda ran: sum(status < 400 for status in ran.statuses),
        right="One of the two paths, and one of the two bodies.",
        low="`/books/7` fits, and so does the body with both fields.",
        high="`seven` is no `int`, and one body lacks its `pages`.",
        part=2,
    )
)
def fastapi_types():
    """FastAPI: types say what is allowed.

    FastAPI reads the type hints. `book_id: int` in the path must be a number;
    a body must fit its Pydantic model. What does not fit never reaches your
    function.
    """

    class Book(BaseModel):
        title: str
        pages: int

    app = FastAPI()

    @app.get("/books/{book_id}")
    def get_book(book_id: int):
        return {"id": book_id, "type": type(book_id).__name__}

    @app.post("/books", status_code=201)
    def create_book(book: Book):
        return {"title": book.title, "hours": book.pages / 30}

    """
    Four requests: two paths, two bodies.
    """
    statuses = []
    with servers.serve(app) as server:
        for path in ("/books/7", "/books/seven"):
            reply = requests.get(server.url + path, timeout=5)
            statuses.append(reply.status_code)
            print(statuses[-1], reply.text[:66])
        for body in ({"title": "Momo", "pages": 300}, {"title": "Momo"}):
            reply = requests.post(server.url + "/books", json=body, timeout=5)
            statuses.append(reply.status_code)
            print(statuses[-1], reply.text[:66])

    """
    422 means: the request can be read, but not used. The reply says which part
    is wrong (`loc`) and why (`msg`).
    """
    for problem in reply.json()["detail"]:
        print(problem["loc"], "-", problem["msg"])

    """
    FastAPI apps are *ASGI* apps, and uvicorn is a server that runs them. Save
    it as `books.py`, then

    ```
    uvicorn books:app
    ```
    """


@lesson.step(
    ask=Choice(
        "What does the page of plain FastAPI show without the internet?",
        {
            "everything": "The description is there. The script that draws "
            "it would come from another machine.",
            "nothing": "Its script and its style would come from another "
            "machine.",
        },
        truth=lambda ran: "nothing" if ran.foreign["FastAPI"] else "everything",
    )
)
def a_page_to_try_it():
    """A page to try it out.

    From the same types, FastAPI describes the whole API as JSON, and draws a
    page at `/docs` where each path can be called. There are two packages that
    do so. To which other machines does each page lead?
    """
    foreign = {}
    for kind in (FastAPI, FastAPIOffline):
        app, name = kind(title="Books"), kind.__name__
        with servers.serve(app) as server:
            page = requests.get(server.url + "/docs", timeout=5).text
        foreign[name] = page.count('"https://')
        print(f"{name:15} {foreign[name]} addresses on other machines")

    """
    An empty page. `FastAPIOffline` (the package fastapi-offline) is the same
    app, but brings the script along. The practice APIs use it:

    ```
    netbasics playground
    ```

    prints the address of such a page, to open in your browser. The
    description itself is data, for tools as well:
    """
    with servers.serve(app) as server:
        url = server.url + "/openapi.json"
        description = requests.get(url, timeout=5).json()
        print(description["openapi"], description["info"])


@lesson.step(
    ask=[
        Choice(
            "Will the client notice which of the three it is talking to?",
            {
                "no": "Status and JSON are the same for each request.",
                "yes, by the statuses": "Those belong to the agreement, for "
                "refusals too. Left to themselves, they would differ.",
                "yes, by the JSON": "It belongs to the agreement. Even what is "
                "wrong with a body is said in the same words.",
            },
            truth=lambda ran: "no" if all(ran.agreed) else "yes, by the JSON",
            part=2,
        ),
        Choice(
            "`HEAD /users`, which nobody wrote a function for. Who answers it?",
            {
                "nobody": "Flask does: it derives HEAD from GET.",
                "Flask": "It derives HEAD from GET. The others say 405.",
                "all three": "Each would have to derive HEAD from GET, and "
                "only Flask does.",
            },
            truth=lambda ran: {0: "nobody", 3: "all three"}.get(
                ran.differ["HEAD instead of GET"].count(200), "Flask"
            ),
            part=5,
        ),
    ]
)
def the_same_api_three_times():
    """The same API three times.

    The playground has one users API, written with `http.server`, with Flask
    and with FastAPI. One client will ask all three the same.
    """
    requests_to_make = [
        ("GET", "/users/1", None),
        ("POST", "/users", {"name": "Mary", "email": "mary@example.com"}),
        ("POST", "/users", {"name": ""}),
        ("GET", "/users/one", None),
        ("GET", "/users?page=1&limit=2", None),
    ]
    handler = playground.users_stdlib.create_handler
    flask_app = playground.users_flask.create_app
    fastapi_app = playground.users_fastapi.create_app

    """
    Each request goes to three fresh servers.
    """
    agreed = []
    for method, path, body in requests_to_make:
        answers = []
        for create in (handler, flask_app, fastapi_app):
            app = create(playground.Store())
            with servers.serve(app) as server:
                reply = requests.request(
                    method, server.url + path, json=body, timeout=5
                )
                answers.append((reply.status_code, reply.json()))
        agreed.append(answers[0] == answers[1] == answers[2])
        print(f"{method:5} {path:22} {answers[0][0]}  the same: {agreed[-1]}")

    """
    The API is the agreement: paths, statuses, JSON. What is behind it can be
    changed without telling anybody. How much had to be written for each?
    """
    folder = Path(playground.__file__).parent
    for name in ("users_stdlib.py", "users_flask.py", "users_fastapi.py"):
        lines = (folder / name).read_text("utf-8").splitlines()
        code = [line for line in lines if line.strip()]
        print(f"{name:18} {len(code)} lines")

    """
    Lines of `http.server` find the function for a path, read the body and
    write headers; Flask does that for you. FastAPI's file is longer than
    Flask's, since it says in types what is allowed. For that it checks each
    request, and describes the API. Open them side by side: they are in the
    folder `netbasics/playground`.

    Some requests are not part of the agreement. To ask all three:
    """

    def ask_all(difference):
        for create in (handler, flask_app, fastapi_app):
            with servers.serve(create(playground.Store())) as server:
                reply = requests.request(
                    difference.method,
                    server.url + difference.target,
                    timeout=5,
                    allow_redirects=False,
                )
                yield reply.status_code

    """
    The playground has a list of them. Left to itself, each server does as it
    likes. The columns are `http.server`, Flask and FastAPI.
    """
    differ = {}
    for difference in playground.DIFFERENCES:
        if len(difference.target) > 80 or difference.method.islower():
            continue  # requests would not send these as they are
        answers = list(ask_all(difference))
        differ[difference.what] = answers
        print(f"{difference.what:34} {answers}")

    """
    Who moves an API from one
    to another should know these, since some client will rely on one of them.
    """


@lesson.step(
    ask=[
        Choice(
            "Is Ada there, after the second start?",
            {
                "yes": "She was added, with a 201. But only to the memory of "
                "a program that has ended.",
                "no": "Memory ends with the program.",
            },
            truth=lambda ran: "yes" if "Ada L." in ran.names else "no",
        ),
        Choice(
            "A second visitor sends SQL as a name. What is in the table?",
            {
                "nothing: the table is gone": "So it would be, had the name "
                "become part of the command. A question mark kept it a value.",
                "Grace only": "The second name is strange, but it is a name.",
                "both, as they were sent": "Behind a question mark, all that "
                "comes is a value.",
            },
            truth=lambda ran: (
                "both, as they were sent"
                if len(ran.users) == 2
                else "Grace only"
            ),
            part=3,
        ),
    ]
)
def where_data_lives():
    """Where data lives.

    This users API keeps its data in memory. Someone adds Ada, then the server
    is started again, as it is at each update of a program.
    """

    create_app = playground.users_flask.create_app
    ada = {"name": "Ada L.", "email": "ada.l@example.com"}
    for start in (1, 2):
        with playground.Store() as store:
            with servers.serve(create_app(store)) as server:
                url = server.url + "/users"
                names = [user["name"] for user in clients.get(url).json()]
                print(f"start {start}: Ada L. is there:", "Ada L." in names)
                print(
                    "         added:", clients.post(url, json=ada).status_code
                )

    """
    What is in memory ends with the program. A database keeps it in a file.
    SQLite comes with Python: no server, one file, and it survives a crash in
    the middle of a change. The question marks in the SQL are not decoration:
    text that visitors send must never become a part of the command.
    """

    def users_in(path, new=None):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS users (name TEXT)")
            if new is not None:
                database.execute("INSERT INTO users VALUES (?)", [new])
            return [row[0] for row in database.execute("SELECT * FROM users")]

    """
    Two visitors give their names.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users.db"
        users_in(path, "Grace")
        users_in(path, "Robert'); DROP TABLE users; --")
        users = users_in(path)
        print(users)

    """
    The users API of the playground does the same behind its `Store`. Two
    servers, one after the other, one of Flask and one of FastAPI, and the
    same file:
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users.db"
        with playground.Store(path) as store:
            app = playground.users_flask.create_app(store)
            with servers.serve(app) as server:
                reply = clients.post(server.url + "/users", json=ada)
                place = reply.headers["Location"]
                print("Flask:  ", reply.status_code, place)
        with playground.Store(path) as store:
            app = playground.users_fastapi.create_app(store)
            with servers.serve(app) as server:
                reply = clients.get(server.url + place)
                print("FastAPI:", reply.status_code, reply.json())

    """
    `netbasics playground --db users.db` keeps its users in that file.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "The second client asks, and waits 0.3 s. What happens?",
            {
                "it is answered": "Not by this server. It has one thread, and "
                "that one waits for the first client.",
                "its connection is refused": "The system completes the "
                "connection and queues it. So the client may ask, and wait.",
                "it waits in vain": "The only thread waits for the words of "
                "the first client.",
            },
            truth=lambda ran: {
                "204": "it is answered",
                "ConnectionError": "its connection is refused",
            }.get(ran.during, "it waits in vain"),
            part=3,
        ),
        Choice(
            "Five silent clients now. How long can they keep their threads?",
            {
                "until the handler has run": "It has not even begun: no "
                "request came that could be handled.",
                "30 seconds": "Many servers have such a limit. `http.server` "
                "has none unless you set one.",
                "for ever, if they wish": "A handler class has no timeout "
                "unless you give it one.",
            },
            truth=lambda ran: (
                "for ever, if they wish"
                if ran.Hello.timeout is None
                else "30 seconds"
            ),
            part=4,
        ),
    ],
)
def one_silent_client():
    """One silent client.

    `http.server` has two servers. `HTTPServer` answers one connection after
    the other, in one thread. To play with the bare thing, we start it in the
    background by hand, without our package:
    """

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(204)
            self.end_headers()

    Hello.log_message = lambda *parts: None  # else each request is printed

    @contextmanager
    def running(server):
        Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    """
    A client with some patience:
    """

    def ask(port, patience):
        try:
            url = f"http://127.0.0.1:{port}/"
            return str(requests.get(url, timeout=patience).status_code)
        except requests.RequestException as error:
            return type(error).__name__

    """
    A first one connects and says nothing, not a byte. A browser does that
    too: it opens connections before it needs them. Then a second one asks.
    """
    first_come = HTTPServer(("127.0.0.1", 0), Hello)
    with running(first_come) as server:
        with socket.create_connection(server.server_address) as silent:
            during = ask(server.server_port, 0.3)
            print("second client:              ", during)
            silent.close()
            after = ask(server.server_port, 5)
            print("after the first one has left:", after)

    """
    One client that says nothing has stopped the server for everybody.
    `ThreadingHTTPServer` has a thread for each connection.
    """
    before = threading.active_count()
    threaded = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    with running(threaded) as server, ExitStack() as silent_ones:
        for _ in range(5):
            silent = socket.create_connection(server.server_address)
            silent_ones.enter_context(silent)
        beside = ask(server.server_port, 5)
        threads = threading.active_count() - before
        print("one more client:         ", beside)
        print("threads more than before:", threads)
        print("timeout of the handler:  ", Hello.timeout)

    """
    Everybody is answered. But each silent client holds a thread, and may do
    so as long as it wishes. A handler class can say how long it waits:
    """

    class Impatient(Hello):
        timeout = 0.2  # seconds; for a public server rather 10

    threaded = ThreadingHTTPServer(("127.0.0.1", 0), Impatient)
    with running(threaded) as server:
        with socket.create_connection(server.server_address, 5) as silent:
            goodbye = silent.recv(1)
            print("the silent client was told:", goodbye)

    """
    `b''`: the server has ended it. This limit is for each wait. Who sends a
    byte now and then is still welcome for ever; that is called *slow loris*.
    `servers.serve` uses threads too, has a limit for idle clients without
    being asked, and another for all headers together.
    """
    with servers.serve(Hello) as server:
        with socket.create_connection(server.address):
            helped = ask(server.port, 5)
            print("second client:", helped)
            print(server)


@lesson.step(
    deeper=True,
    needs=[LINUX],
    ask=[
        Choice(
            "How long does one request take, on this machine, from memory?",
            {
                "less than 5 ms": "It did for the first one. The others wait "
                "for something.",
                "about 40 ms": "A reply of five bytes, and nobody works for "
                "39 of these milliseconds.",
                "about 200 ms": "That long a client on the other side of the "
                "world would wait.",
            },
            truth=lambda ran: (
                "less than 5 ms"
                if ran.took < 5
                else "about 40 ms"
                if ran.took < 120
                else "about 200 ms"
            ),
            part=2,
        ),
    ],
)
def the_40_ms_ghost():
    """The ghost in the reply.

    This handler keeps its connections (HTTP/1.1), and states its length, as
    it should. It runs on the bare server of the standard library.
    """

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

    Hello.protocol_version = "HTTP/1.1"
    Hello.log_message = lambda *parts: None

    @contextmanager
    def running(handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield server.server_address
        finally:
            server.shutdown()
            server.server_close()

    """
    One client asks eight times, over one connection. We take the median, the
    one in the middle.
    """

    def median_ms(address):
        times = []
        with closing(HTTPConnection(*address, timeout=5)) as client:
            for _ in range(8):
                began = time.perf_counter()
                client.request("GET", "/")
                client.getresponse().read()
                times.append(1000 * (time.perf_counter() - began))
        return statistics.median(times)

    with running(Hello) as address:
        took = median_ms(address)
        print(f"one request: {took:.1f} ms")

    """
    Where does the time go? A tap between the two sees the answers come.
    """
    with running(Hello) as address, wire.tap(address) as tap:
        median_ms(tap.address)
        tap.wait()
        answers = tap.transcript.filter(direction="to-client", kind="chunk")
        for piece in answers[-4:]:
            print(f"{piece.ms:6.1f} ms {piece.size:4} bytes", piece.data[:15])

    """
    The headers come at once, the body 40 ms later: they are two writes.

    The server's system holds a second small packet back until the first one
    is confirmed (Nagle's algorithm, to save packets). The client's system
    waits 40 ms with a confirmation, for it may be sent along with other data
    (*delayed acknowledgement*). Each is sensible, and they wait for each other.

    Two ways out: do not hold back (the option TCP_NODELAY), or write once.
    """

    class AtOnce(Hello):
        disable_nagle_algorithm = True  # sets TCP_NODELAY

    class OneWrite(Hello):
        wbufsize = -1  # collects what is written until the request is done

    medians = {"two writes": took}
    for handler in (AtOnce, OneWrite):
        with running(handler) as address:
            medians[handler.__name__] = median_ms(address)

    with servers.serve(Hello) as server:
        medians["servers.serve"] = median_ms(server.address)
        chart = pictures.bars(medians, unit="ms", title="one request")
        print(chart)

    """
    `servers.serve` does both, with the first class as it was. The ghost comes
    back wherever a program writes twice and then waits: header and body,
    length and data. uvicorn can meet it too, on a socket that you opened.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "One POST goes out. How many answers come back?",
            {
                "none": "The handler did answer, with a 403.",
                "one": "So it should be. But the body was not read, so where "
                "does the server find the next request?",
                "two": "The body was never read. So it was the next thing on "
                "the connection, and looked like a request.",
            },
            truth=lambda ran: {0: "none", 1: "one"}.get(len(ran.got), "two"),
            part=3,
        ),
        Choice(
            "The second visitor asks for `/my/mail`. What comes back?",
            {
                "the page of /my/mail": "It will come, to the next one who "
                "asks. The answer to the body came first.",
                "the page of /admin": "It was there already, and the answers "
                "come in their order.",
                "an error": "All is well-formed. Nobody notices anything.",
            },
            truth=lambda ran: {
                b"/admin": "the page of /admin",
                b"/my/mail": "the page of /my/mail",
            }.get(ran.pages[1], "an error"),
            part=5,
        ),
    ],
)
def one_request_two_answers():
    """The body that nobody read.

    This handler refuses each POST. What is refused need not be read, it
    seems: the body stays where it is.
    """

    def reply(handler, status, text):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self):
            reply(self, 200, self.path.encode())

    Refuses.do_POST = lambda self: reply(self, 403, b"not allowed")
    Refuses.protocol_version = "HTTP/1.1"
    Refuses.log_message = lambda *parts: None

    """
    The bare server of the standard library runs it, in the background.
    """

    @contextmanager
    def running(handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield server.server_address
        finally:
            server.shutdown()
            server.server_close()

    """
    One request with a body, sent by hand. We count the status lines.
    """
    body = b"GET /admin HTTP/1.1\r\nHost: shop.example\r\n\r\n"
    post = http1.build_request("POST", "/", host="shop.example", body=body)

    def answers(address):
        raw = sockets.ask(address, post)
        replies = raw.split(b"HTTP/1.1 ")[1:]
        return [answer.partition(b"\r\n")[0] for answer in replies]

    with running(Refuses) as address:
        got = answers(address)
        print("answers:", *got)

    """
    It becomes dangerous where several visitors share a connection: a proxy in
    front of a server does that. Two visitors behind one:
    """

    get = http1.build_request("GET", "/my/mail", host="shop.example")

    def two_visitors(address):
        with sockets.connect(address) as shared:
            reader = sockets.Reader(shared)
            pages = []
            for request in (post, get):
                shared.sendall(request)
                pages.append(http1.parse_response(reader).body)
            shared.shutdown(socket.SHUT_WR)
            pages.append(reader.rest().rpartition(b"\n")[2])
            return pages

    """
    The proxy hands on one request after the other, and each answer to whose
    turn it is.
    """
    with running(Refuses) as address:
        pages = two_visitors(address)
        print("first: ", pages[0])
        print("second:", pages[1])
        print("on its way to a third one:", pages[2])

    """
    The first visitor wrote the request that the second one's answer belongs
    to. This is called *request smuggling*.

    The repair: read the body, or end the connection. For a body that nobody
    wants, to end it costs less.
    """

    class HangsUp(Refuses):
        def do_POST(self):
            self.close_connection = True
            reply(self, 403, b"not allowed")

    with running(HangsUp) as address:
        repaired = answers(address)
        print("repaired:     ", *repaired)

    with servers.serve(Refuses) as server:
        helped = answers(server.address)
        print("servers.serve:", *helped)
        safe = two_visitors(server.address)
        print("two visitors: ", *safe)

    """
    `servers.serve` skips what a handler left unread, or ends the connection
    if that is much. Flask and FastAPI leave it to their server in the same
    way; a proxy and a server must also agree on where each body ends.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Which of these targets brings out the secret?",
            {
                "none": "The client tidied the path before it sent it. An "
                "attacker would not use such a client.",
                "/../secret.txt, sent by requests": "It tidied the path "
                "first. What was sent was `/secret.txt`.",
                "/../secret.txt, sent as it is": "The dots went up, out of "
                "the folder. `requests` would have removed them.",
            },
            truth=lambda ran: (
                "/../secret.txt, sent as it is"
                if b"secret" in ran.by_hand
                else "none"
            ),
            part=3,
        ),
        Choice(
            "Which of the four reads outside of the folder `site`?",
            {
                "only glued": "The others look, but too early, or only at "
                "the beginning of a name.",
                "glued and no_dots": "And `begins`: `site-private` begins "
                "with `site`, too.",
                "glued, no_dots and begins": "One does not look, one "
                "looks too early, one at letters instead of folders.",
            },
            truth=lambda ran: {
                1: "only glued",
                2: "glued and no_dots",
            }.get(len(ran.leaky), "glued, no_dots and begins"),
            part=6,
        ),
    ],
)
def dots_and_their_cousins():
    """.. and its cousins.

    A server hands out the files of a folder `site`. Beside it is a file that
    nobody should see, and a folder whose name begins in the same way. Inside
    is a symbolic link, which somebody made and forgot.
    """
    desk = tempfile.TemporaryDirectory()
    base = Path(desk.name).resolve()
    site = base / "site"
    for folder in (site, base / "site-private"):
        folder.mkdir()

    (site / "index.html").write_text("<h1>Welcome</h1>")
    (base / "secret.txt").write_text("a secret")
    (base / "site-private" / "key.txt").write_text("a secret key")
    (site / "notes.txt").symlink_to(base / "secret.txt")

    """
    The tempting way: glue the path of the request to the folder.
    """
    from urllib.parse import unquote

    def glued(target):
        return Path(f"{site}{unquote(target)}")

    class Files(BaseHTTPRequestHandler):
        def do_GET(self):
            path = find(self.path)
            there = path is not None and path.is_file()
            self.send_response(200 if there else 404)
            self.end_headers()
            self.wfile.write(path.read_bytes() if there else b"")

    """
    Two clients ask for the secret: `requests`, and one that sends the path
    as it is.
    """

    def as_it_is(server, target):
        with closing(HTTPConnection(*server.address, timeout=5)) as client:
            client.request("GET", target)
            return client.getresponse().read()

    find = glued
    with servers.serve(Files) as server:
        tidied = requests.get(server.url + "/../secret.txt", timeout=5)
        by_hand = as_it_is(server, "/../secret.txt")
        print("requests:", tidied.status_code, tidied.request.path_url)
        print("by hand: ", by_hand)

    """
    This is called *path traversal*. Browsers and libraries tidy a path before
    they send it. Whoever tries the attack with them believes that all is well.

    Three repairs that people write:
    """

    def no_dots(target):
        return None if ".." in target else glued(target)

    def begins(target):
        path = glued(target).resolve()
        return path if str(path).startswith(str(site)) else None

    def inside(target):
        path = glued(target).resolve()
        return path if path.is_relative_to(site) else None

    """
    The five targets: a page, dots, the same dots percent-encoded, the folder
    next door, and the link. `resolve` follows dots and links to the real file.
    """
    targets = [
        "/index.html",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e/site-private/key.txt",
        "/notes.txt",
    ]

    """
    Each of the four is asked for all five, in this order.
    """
    leaky = set()
    for find in (glued, no_dots, begins, inside):
        with servers.serve(Files) as server:
            said = []
            for target in targets:
                body = as_it_is(server, target)
                said.append("SECRET" if b"secret" in body else body[4:11])
            if "SECRET" in said:
                leaky.add(find.__name__)
            print(f"{find.__name__:8}", *[f"{word!s:12}" for word in said])

    """
    `no_dots` looks before the path is decoded. `begins` compares letters, and
    `site-private` has the right ones. `is_relative_to` compares folders, and
    only after `resolve` is the path the one that will be opened.

    Flask has a function for it. Does it stop all of them?
    """
    from flask import send_from_directory

    app = Flask("files")

    @app.get("/<path:name>")
    def file(name):
        return send_from_directory(site, name)

    flask_said = {}
    with servers.serve(app) as server, desk:
        for target in targets:
            leaks = b"secret" in as_it_is(server, target)
            flask_said[target] = "SECRET" if leaks else "no secret"
            print(f"{target:30}", flask_said[target])

    """
    It follows the link: to Flask, whoever may put a link into the folder may
    decide what is handed out. That is sensible for your own files. It is not
    where other people's files land, such as an unpacked archive.
    """


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "How many of the four does this client accept?",
            truth=lambda ran: len(ran.accepted),
            right="It encrypts with whoever answers.",
            low="It was told to look at nothing: no name, no date, no signer.",
            high="There are only four.",
            part=2,
        ),
        Choice(
            "A client that checks, and trusts their signer. What is accepted?",
            {
                "good": "Name, time and signer must be right, all three.",
                "good and self-signed": "It encrypts as well as the others. "
                "But anybody can sign for himself.",
                "good and wrong name": "It is a true certificate, of another "
                "server. That would do for anybody who has one.",
            },
            truth=lambda ran: {
                ("good", "self-signed"): "good and self-signed",
                ("good", "wrong name"): "good and wrong name",
            }.get(tuple(ran.checked), "good"),
            part=3,
        ),
        Choice(
            "A silent client connects, then one that asks. Is it answered?",
            {
                "yes": "It has a thread for each connection. But the TLS "
                "handshake comes before the thread.",
                "no": "The handshake with the silent one is done before it "
                "gets its thread, while all others wait.",
            },
            truth=lambda ran: "yes" if ran.naive == 204 else "no",
            part=5,
        ),
    ],
)
def four_certificates():
    """Four certificates.

    With HTTPS, a server shows a certificate. Four servers of the lab show one
    each.
    """
    import ssl
    from urllib.error import URLError
    from urllib.request import urlopen

    peers = {
        "good": lab.good_certificate,
        "wrong name": lab.wrong_name_certificate,
        "self-signed": lab.self_signed_certificate,
        "expired": lab.expired_certificate,
    }
    """
    The first client was told to check nothing, as `verify=False` does in
    `requests`. Many people advise that when an error is in their way.
    """
    blind = ssl.create_default_context()
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    accepted = []
    for name, make in peers.items():
        with make() as peer:
            with urlopen(peer.url, context=blind, timeout=5) as page:
                accepted.append(name)
                print(f"{name:12}", page.status, page.read())

    """
    All are encrypted. But with whom? Whoever sits in between can show a
    certificate of his own to this client, and reads all of it.

    Now one that checks. It trusts the *authority* that signed them (nobody
    signed the self-signed one but itself).
    """
    checked, reasons = [], {}
    for name, make in peers.items():
        with make() as peer:
            known = peer.authority or certs.Authority()
            strict = known.client_context()
            try:
                with urlopen(peer.url, context=strict, timeout=5):
                    checked.append(name)
                reasons[name] = "accepted"
            except URLError as error:
                reasons[name] = error.reason.verify_message
            print(f"{name:12}", reasons[name][:60])

    """
    Now the server's side, on the bare library. A context has certificate and
    key; the server's socket is wrapped with it:
    """

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(204)
            self.end_headers()

    Hello.log_message = lambda *parts: None
    authority = certs.Authority()
    tls = authority.issue("127.0.0.1").server_context()

    @contextmanager
    def running(**options):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
        bare = server.socket
        server.socket = tls.wrap_socket(bare, server_side=True, **options)
        Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield server.server_address
        finally:
            server.shutdown()
            server.server_close()

    """
    The client trusts our authority.
    """

    def ask(address, patience=5):
        url = "https://{}:{}/".format(*address)
        trusting = authority.client_context()
        try:
            with urlopen(url, context=trusting, timeout=patience) as reply:
                return reply.status
        except URLError as error:
            return str(error.reason)

    with running() as address, socket.create_connection(address):
        naive = ask(address, 0.3)
        print("beside a silent client:", naive)

    """
    The threads do not help: `accept` does the handshake too, in the thread
    that accepts. It can be left to the first read, in the new thread.
    """
    with running(do_handshake_on_connect=False) as address:
        with socket.create_connection(address):
            repaired = ask(address)
            print("handshake in the thread:", repaired)

    with servers.serve(Hello, tls=tls) as server:
        with socket.create_connection(server.address):
            helped = ask(server.address)
            print("servers.serve:          ", helped)

    """
    For a server that others can reach: certificates for names are free of
    charge (Let's Encrypt), and expire after some weeks. Let a program renew
    them, and another one tell you if that failed.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Which of the three functions lets the others wait?",
            {
                "stops": "`async` alone makes nothing wait well: while it "
                "sleeps, the only thread does nothing else.",
                "pooled": "A function without `async` gets a thread of a "
                "pool. It blocks that one only.",
                "awaits": "At `await` it lets the others run.",
            },
            truth=lambda ran: max(ran.took, key=ran.took.get),
            part=2,
        ),
    ],
)
def fifty_sleepers():
    """Fifty sleepers.

    Most servers wait: for a database, for another service. Here the wait is a
    sleep of 20 ms. Three functions for FastAPI, which differ in two words:
    """
    app = FastAPI()

    @app.get("/stops")
    async def stops():
        time.sleep(0.02)

    @app.get("/pooled")
    def pooled():
        time.sleep(0.02)

    @app.get("/awaits")
    async def awaits():
        await asyncio.sleep(0.02)

    """
    Fifty clients ask at the same moment.
    """

    def seconds(url):
        began = time.perf_counter()
        results = asyncio.run(aio.fetch_all([url] * 50, limit=50))
        took = time.perf_counter() - began
        good = sum(isinstance(result, aio.Result) for result in results)
        print(f"{url.rpartition('/')[2]:8} {good} answers in {took:.2f} s")
        return took

    took = {}
    with servers.serve(app) as server:
        for name in ("stops", "pooled", "awaits"):
            took[name] = seconds(f"{server.url}/{name}")

    """
    An `async` function runs in the one thread of the event loop. A call that
    blocks there blocks everybody. Without `async`, FastAPI takes a thread of a
    pool; how many are in it bounds how many can wait at once.

    The same in threads of `http.server`, one for each connection:
    """

    class Sleeper(BaseHTTPRequestHandler):
        def do_GET(self):
            most.append(threading.active_count())
            time.sleep(0.02)
            self.send_response(204)
            self.end_headers()

    most = []
    with servers.serve(Sleeper) as server:
        took["threads"] = seconds(server.url + "/threads")
        print("threads at most:", max(most))
        chart = pictures.bars(took, unit="s", title="fifty sleepers of 20 ms")
        print(chart)

    """
    Fifty threads are no problem, five thousand may be one: each needs memory,
    and they share one core. Fifty thousand tasks that `await` are fine, as long
    as no line among them blocks.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "An event each 50 ms, five in all. When is the first one read?",
            {
                "after 50 ms": "It arrives then. But `get` returns when the "
                "body is over, and the body is over with the fifth.",
                "after 250 ms, with the others": "`get` reads the whole body "
                "before it returns.",
                "never": "This stream has an end. Without one, it would be so.",
            },
            truth=lambda ran: (
                "after 50 ms"
                if ran.whole[0] < ran.sent[1]
                else "after 250 ms, with the others"
            ),
            part=2,
        ),
        Choice(
            "With `stream=True` and `iter_lines()`: when is the first read?",
            {
                "at once, as it is sent": "`iter_lines` fetches 512 bytes at a "
                "time, unless told otherwise, and these are fewer.",
                "with the others": "`iter_lines` fetches 512 bytes at a time, "
                "and waits until it has them.",
            },
            truth=lambda ran: (
                "at once, as it is sent"
                if ran.lines[0] < ran.sent[1]
                else "with the others"
            ),
            part=4,
        ),
    ],
)
def a_stream_that_stays_open():
    """A stream that stays open.

    A server can keep an answer open and add to it whenever there is news. In
    *server-sent events* each piece is a few lines of text and an empty line.
    """

    class News(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for number in range(1, 6):
                time.sleep(0.05)
                sent.append(time.monotonic() - began)
                event = f"id: {number}\ndata: news {number}\n\n"
                self.wfile.write(event.encode())

    """
    A client reads it as it reads any page.
    """
    sent = []
    with servers.serve(News) as server:
        began = time.monotonic()
        text = requests.get(server.url, timeout=5).text
        whole = [time.monotonic() - began] * text.count("data:")
        print(repr(text[:38]), "...")
        print(f"sent from {sent[0]:.2f} s on, read after {whole[0]:.2f} s")

    """
    For a page of the news of a day, this client would wait a day. Most
    examples say `stream=True`:
    """

    def moments(url, **options):
        with requests.get(url, stream=True, timeout=5) as reply:
            return [
                time.monotonic() - began
                for line in reply.iter_lines(**options)
                if line.startswith(b"data:")
            ]

    """
    Two clients read it line by line; one of them was told to fetch byte by
    byte.
    """
    with servers.serve(News) as server:
        sent, began = [], time.monotonic()
        lines = moments(server.url)
        sent, began = [], time.monotonic()
        bytewise = moments(server.url, chunk_size=1)
        tracks = {"sent": sent, "iter_lines()": lines, "chunk_size=1": bytewise}
        chart = pictures.timeline(tracks, title="five events")
        print(chart)

    """
    With `chunk_size=1` each event is read as it is sent. A stream in HTTP
    chunks, as FastAPI sends it, is read chunk by chunk in any case.

    Connections break. So each event has an `id`, and a client that comes back
    says which one it had last. Browsers do so by themselves.
    """
    import itertools
    from typing import Annotated

    from fastapi import Header
    from fastapi.responses import StreamingResponse

    app = FastAPI()

    async def events(last):
        for number in itertools.count(last + 1):
            yield f"id: {number}\ndata: news {number}\n\n"
            await asyncio.sleep(0.02)

    @app.get("/news")
    async def news(last_event_id: Annotated[int, Header()] = 0):
        stream = events(last_event_id)
        return StreamingResponse(stream, media_type="text/event-stream")

    """
    It has no end. The client hangs up after three events, twice, and comes
    back. Then the server stops, while one more stream is open.
    """
    seen = []

    def three(url, last):
        headers = {"Last-Event-ID": str(last)}
        with requests.get(url, headers=headers, stream=True, timeout=5) as got:
            for line in itertools.islice(got.iter_lines(), 9):
                if line.startswith(b"id:"):
                    seen.append(int(line[3:]))

    with servers.serve(app) as server:
        url = server.url + "/news"
        for _ in range(3):
            three(url, seen[-1] if seen else 0)
        print("events:", seen)
        with requests.get(url, stream=True, timeout=5):
            stopping = time.monotonic()
            server.stop()
            stopped = time.monotonic() - stopping
            print(f"stopped after {stopped:.1f} s, with a stream open")

    """
    No event is lost, none comes twice. A stream never becomes idle, so a
    server that waits for its last answer never stops; uvicorn by itself does
    that. `servers.serve` ends event streams at once: they come back.

    In a web page three lines of script read it:

    ```
    const news = new EventSource("/news");
    news.onmessage = (event) => console.log(event.data);
    ```
    """


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "`hello` has five bytes. How many does the client send for it?",
            unit="bytes",
            truth=lambda ran: len(ran.frame),
            right="Two for kind and length, four for a mask, five for the "
            "text.",
            low="A message has a head: its kind, its length, and a mask.",
            high="No text headers any more: six bytes of head are enough.",
            part=2,
        ),
        Choice(
            "`hel` goes out, then `lo` as its second half. What comes back?",
            {
                "hel and lo": "So TCP pieces would come. The first frame "
                "says that more of the message follows.",
                "hello": "Two frames, one message: the first one says that "
                "more follows.",
                "an error": "A message may be cut, at any place.",
            },
            truth=lambda ran: "hello" if b"hello" in ran.echo else "hel and lo",
            part=5,
        ),
    ],
)
def a_websocket_frame_by_frame():
    """A WebSocket echo, frame by frame.

    HTTP has one question and one answer. With a *WebSocket* both sides send
    messages whenever they like. aiohttp has server and client for it.
    """
    import aiohttp
    from aiohttp import web

    async def echo(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
        return ws

    async def talk(url):
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url) as ws:
                await ws.send_str("hello")
                print("echo:", await ws.receive_str())

    def make_app():
        app = web.Application()
        app.router.add_get("/", echo)
        return app

    """
    A tap in between, and what passed it, piece by piece.
    """
    with servers.serve(make_app()) as server, wire.tap(server) as tap:
        asyncio.run(talk(tap.url))
        tap.wait()
        for piece in tap.transcript.filter(kind="chunk"):
            head = piece.data.partition(b"\r\n")[0]
            if piece.size < 100:
                head = head.hex(" ")
            print(f"{piece.direction:9} {piece.size:4} bytes ", head)
        sent = tap.transcript.data("to-server").partition(b"\r\n\r\n")[2]
        frame = sent[: 2 + 4 + (sent[1] & 0x7F)]

    """
    It begins as an HTTP request. With 101 the server agrees, and from there on
    no more HTTP passes: each message is a *frame*. By hand:
    """
    print("last frame of it:", bool(frame[0] & 0x80))
    print("kind:            ", frame[0] & 0x0F, "(1 text, 8 close, 9 ping)")
    print("masked:          ", bool(frame[1] & 0x80))
    length = frame[1] & 0x7F
    mask, data = frame[2:6], frame[6 : 6 + length]
    text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    print("on the wire:     ", data)
    print("unmasked:        ", text)

    """
    A client masks with four random bytes. That hides nothing, since they are
    sent along. It keeps a web page from writing bytes of its choice into a
    connection that some old proxy between may take for HTTP.

    Now we are the client. To agree, the server must do something with our key
    that nobody does by chance. (Masks of zeros leave the text readable.)
    """

    import base64
    import hashlib

    def masked(first_byte, data):
        return bytes([first_byte, 0x80 | len(data), 0, 0, 0, 0]) + data

    key = base64.b64encode(b"sixteen bytes!!!").decode()
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    digest = hashlib.sha1((key + magic).encode()).digest()
    proof = base64.b64encode(digest)
    opening = http1.build_request("GET", "/", host="x", headers=upgrade)

    """
    If it agrees: a message in two frames, a ping, and a goodbye.
    """
    with servers.serve(make_app()) as server:
        with sockets.connect(server.address) as sock:
            sock.sendall(opening)
            reader = sockets.Reader(sock)
            agreed = proof in reader.until(b"\r\n\r\n")
            print("key understood:  ", agreed)
            sock.sendall(masked(0x01, b"hel") + masked(0x80, b"lo"))
            echo = reader.exactly(7)
            print("two frames, then:", echo)
            sock.sendall(masked(0x89, b"?"))
            pong = reader.exactly(3)
            print("a ping, then:    ", pong)
            sock.sendall(masked(0x88, (1000).to_bytes(2, "big")))
            goodbye = reader.exactly(4)
            print("close 1000, then:", goodbye, reader.rest())

    """
    Kind 0 means "the rest of it", 9 is a ping and 10 its pong: are you there?
    The goodbye is answered, then the connection ends. In a program of your
    own, let a library do it: aiohttp, or `websockets`.
    """


@lesson.step(
    deeper=True,
    needs=[Need("signals as Unix has them", lambda: os.name == "posix")],
    ask=[
        Choice(
            "The program is told to end. What does the waiting client get?",
            {
                "its answer": "Nobody told the program to wait for it.",
                "the end of the connection": "The program was gone at once, "
                "and its connections with it.",
                "nothing, until its timeout": "The system closes the "
                "connections of a program that ends. So it is told.",
            },
            truth=lambda ran: (
                "its answer"
                if ran.wrong == "done"
                else "the end of the connection"
            ),
            part=3,
        ),
        Choice(
            "A stopped server, and a connection from before. Is it answered?",
            {
                "yes": "The server accepts nobody new. But the thread of each "
                "connection goes on.",
                "no": "Nobody new is let in. But this one has a thread of its "
                "own, which nobody told.",
            },
            truth=lambda ran: "yes" if ran.after_stop == b"ok" else "no",
            part=6,
        ),
    ],
)
def a_clean_stop():
    """A clean stop.

    Servers are stopped all the time: at each update, each night. Here is one
    as a program of its own. An answer takes it 0.3 s.
    """
    from textwrap import dedent

    program = dedent("""
        import time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        class Slow(BaseHTTPRequestHandler):
            def do_GET(self):
                print("asked", flush=True)
                time.sleep(0.3)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"done")

        server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
        print(server.server_port, flush=True)
    """)
    simple = "server.serve_forever()\n"

    """
    Systems stop a program with a *signal*: SIGTERM, "please end". We send it
    while a client waits for its answer.
    """

    from concurrent.futures import ThreadPoolExecutor

    def ask(port):
        try:
            return requests.get(f"http://127.0.0.1:{port}/", timeout=5).text
        except requests.RequestException as error:
            return type(error).__name__

    def stop_in_the_middle(code):
        command = [sys.executable, "-c", code]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, text=True, **quiet) as child:
            port = int(child.stdout.readline())
            with ThreadPoolExecutor() as pool:
                answer = pool.submit(ask, port)
                child.stdout.readline()  # it says that it was asked
                child.terminate()
        return answer.result(), child.returncode

    """
    Its output says when the client has asked. Then it is told to end.
    """
    wrong, status = stop_in_the_middle(program + simple)
    print("client:", wrong)
    print("exit status:", status)

    """
    So each update costs some visitors their answer. A program may do something
    else at a signal. This one lets nobody new in, and waits for its threads.
    """
    clean = dedent("""
        import signal, threading

        def stop(signum, frame):
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        server.daemon_threads = False
        with server:
            server.serve_forever(0.01)
    """)
    right, status = stop_in_the_middle(program + clean)
    print("client:", right)
    print("exit status:", status)

    """
    `shutdown` ends the loop that accepts. It has to be called from another
    thread, as it waits for that loop. The end of the with-block waits for the
    threads, if they are no daemons.

    Is that all? Here is a client that keeps its connection.
    """

    class Kept(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    Kept.protocol_version = "HTTP/1.1"
    Kept.log_message = lambda *parts: None
    """
    It asks, then the server is stopped and closed, then it asks again.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Kept)
    accepting = Thread(target=server.serve_forever, args=(0.01,))
    accepting.start()
    with closing(HTTPConnection(*server.server_address, timeout=5)) as client:
        client.request("GET", "/")
        print("running:", client.getresponse().read())
        server.shutdown()
        server.server_close()
        accepting.join()
        client.request("GET", "/")
        after_stop = client.getresponse().read()
        print("stopped:", after_stop)

    """
    A stopped server that answers: so a client may go on with the old program
    for hours, and one that is silent would hold up a clean end for ever.
    `stop` of our servers knows its connections: it finishes the busy ones, and
    closes the idle ones at once.
    """
    asked, tracks = Event(), {}

    class Slow(Kept):
        def do_GET(self):
            asked.set()
            time.sleep(0.3)
            super().do_GET()

    def visit(url):
        start = time.monotonic() - began
        status = requests.get(url, timeout=5).status_code
        tracks["request"] = [(start, time.monotonic() - began)]
        return status

    """
    One client waits for its answer, one is silent, one comes too late.
    """
    with servers.serve(Slow) as server, ThreadPoolExecutor() as pool:
        with socket.create_connection(server.address, 5) as silent:
            began = time.monotonic()
            answer = pool.submit(visit, server.url)
            asked.wait(5)
            start = time.monotonic() - began
            server.stop(drain=5)
            tracks["stop()"] = [(start, time.monotonic() - began)]
            goodbye = silent.recv(1)
            late = ask(server.port)
            print("in flight:", answer.result())
            print("silent:   ", goodbye)
            print("too late: ", late)
            chart = pictures.timeline(tracks, title="a clean stop")
            print(chart)

    """
    In a program of your own: gunicorn and uvicorn drain at SIGTERM. Give them
    more time than your slowest answer takes, and whoever stops them more.
    """


lesson.ends("""
A server turns a request into a status, headers and a body. A framework writes
most of that for you; the API is what all of them have in common. Data that
should outlive the program goes into a database.

What goes deeper was about those who do not behave: the silent, the slow, the
nosy. A server needs a limit for each wait, reads a body or ends the
connection, looks at a path only after it is decoded and resolved, never blocks
its event loop, and finishes what it has begun before it ends.

Can you answer these?

1. A client waits, although the server has sent its whole answer. What did the
   server forget to say, and why does the client wait?
2. Why is `app.run(debug=True)` dangerous on a machine that others can reach?
3. A handler refuses a POST and leaves its body unread. What happens to the
   next request on the same connection?

The answers are in docs/lesson_03.md.

Now write it yourself: `netbasics practice 3` has `create_app`, `resolve`,
`drain`, and, harder, `respond`, `decode_frame` and `handle`.

Next: `netbasics learn 04`, about the addresses that clients ask for.
""")


if __name__ == "__main__":
    lesson.main()
