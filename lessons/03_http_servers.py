"""HTTP servers: programs that answer whoever asks.

Each web application, each API, each status page of a machine is one. This
lesson builds the same small service with the standard library, with Flask and
with FastAPI, and shows what each of them does for you.

After this lesson you can
- answer GET and POST with nothing but `http.server`, and avoid its two traps
- build a small API with Flask and with FastAPI, and start it
- say what a framework takes off your hands, and where frameworks differ
- keep data in a file that survives a restart

It takes about twenty minutes. Lesson 2 is a good start, but not required.
"""

import io
import json
import sqlite3
import tempfile
import time
from contextlib import closing, redirect_stderr
from http.server import BaseHTTPRequestHandler
from pathlib import Path

try:
    import requests
    from fastapi import FastAPI
    from fastapi_offline import FastAPIOffline
    from flask import Flask, request
    from pydantic import BaseModel

    from netbasics import clients, playground, servers, wire
    from netbasics.course import Lesson
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/03_http_servers.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step
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
    with the block. What will the client get for the second path?
    """
    with servers.serve(Hello) as server:
        for path in ("/", "/no/such/page"):
            reply = requests.get(server.url + path, timeout=5)
            print(reply.status_code, reply.headers["Content-Type"], reply.text)
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


@lesson.step
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
        print(reply.status_code, reply.json())

    """
    It works with a well-behaved client. `json=` made the body, and set
    Content-Type and Content-Length.
    """


@lesson.step
def two_traps():
    """Its two traps.

    Here are two handlers of the kind one finds in many examples. The first
    forgets to say how long its answer is. The answer is sent at once. Will
    the client have it at once?
    """

    class NoLength(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

    NoLength.protocol_version = "HTTP/1.1"
    with servers.serve(NoLength) as server:
        began = time.monotonic()
        try:
            print(requests.get(server.url, timeout=0.5).text)
        except requests.RequestException as error:
            print(f"client: after {time.monotonic() - began:.1f} s:")
            print(str(error).partition(": ")[2])

    """
    Was the answer late? A *tap* is a relay that notes what passes, and when,
    in milliseconds. (This client is chosen for its few headers.) What will
    pass between the answer and FIN, the sign that the client has ended?
    """
    from http.client import HTTPConnection

    with servers.serve(NoLength) as server, wire.tap(server.address) as tap:
        with closing(HTTPConnection(*tap.address, timeout=0.5)) as client:
            client.request("GET", "/")
            try:
                client.getresponse().read()
            except TimeoutError as error:
                print("client:", error)

    print(tap.diagram(width=76))

    """
    Nothing. The whole answer was there at once, and no end: HTTP/1.1 keeps
    connections open. So a client that was told no length waits for more, here
    until its timeout. Without any timeout: for ever.

    The second one reads a body, but the request does not state a length: its
    client sends the body in chunks, as it may. What happens on both sides?
    """

    class TrustsLength(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            self.rfile.read(length)
            self.send_response(204)
            self.end_headers()

    pieces = iter([b"in ", b"chunks"])
    with servers.serve(TrustsLength) as server:
        reply = requests.post(server.url, data=pieces, timeout=5)
        print("client:", reply.status_code, reply.reason)
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
    Will the client with chunks, and one with 200,000 bytes, be served?
    """
    with servers.serve(Repaired) as server:
        for body in (b"hello", iter([b"in ", b"chunks"]), b"x" * 200_000):
            got = requests.post(server.url, data=body, timeout=5)
            print(got.status_code, got.reason, got.content)

    """
    A limit on the length belongs to it, or one request fills the memory. This
    is the kind of work that a framework does for you.
    """


@lesson.step
def flask_routes():
    """Flask: a function for each path.

    Flask calls a function for each method and path, and makes a reply of what
    it returns: text becomes HTML, a dict or list becomes JSON. Which status
    will a path get that has no function?
    """
    app = Flask("pages")

    @app.get("/")
    def page():
        return "<h1>Books</h1>"

    @app.get("/books")
    def list_books():
        return [{"id": 1, "title": "Emil"}]

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
    Three requests to it. Which of them will be refused?
    """
    with servers.serve(app) as server:
        url = server.url + "/books"
        for body in ({"title": "Momo"}, {"name": "Momo"}):
            reply = requests.post(url, json=body, timeout=5)
            print(
                reply.status_code, reply.headers.get("Location"), reply.json()
            )
        reply = requests.post(url, data="no JSON", timeout=5)
        print(reply.status_code, reply.reason)
        print("all books:", requests.get(url, timeout=5).json())

    """
    In a program of your own: save it as `books.py` and run

    ```
    flask --app books run
    ```

    It says itself that it is a development server. For other people's visits
    there are waitress or gunicorn, which call the same `app`.
    """


@lesson.step
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
    A visitor causes the error, first without and then with debug mode. What
    can a visitor read about the program in each case?
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


@lesson.step
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
    Which of these four requests will reach it?
    """
    with servers.serve(app) as server:
        for path in ("/books/7", "/books/seven"):
            reply = requests.get(server.url + path, timeout=5)
            print(reply.status_code, reply.text[:66])
        for body in ({"title": "Momo", "pages": 300}, {"title": "Momo"}):
            reply = requests.post(server.url + "/books", json=body, timeout=5)
            print(reply.status_code, reply.text[:66])

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


@lesson.step
def a_page_to_try_it():
    """A page to try it out.

    From the same types, FastAPI describes the whole API as JSON, and draws a
    page at `/docs` where each path can be called. The page of the plain
    package loads its script from another host. What does a machine without
    internet show then?
    """
    pages = {}
    for kind in (FastAPI, FastAPIOffline):
        app = kind(title="Books")
        with servers.serve(app) as server:
            pages[kind] = requests.get(server.url + "/docs", timeout=5).text
        foreign = pages[kind].count('"https://')
        print(f"{kind.__name__:15} {foreign} addresses on other machines")

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


@lesson.step
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
    Each request goes to three fresh servers. Will the client notice which one
    it is talking to?
    """
    for method, path, body in requests_to_make:
        answers = []
        for create in (handler, flask_app, fastapi_app):
            app = create(playground.Store())
            with servers.serve(app) as server:
                reply = requests.request(
                    method, server.url + path, json=body, timeout=5
                )
                answers.append((reply.status_code, reply.json()))
        same = answers[0] == answers[1] == answers[2]
        print(f"{method:5} {path:22} {answers[0][0]}  the same: {same}")

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

    Some requests are not part of the agreement; the playground has a list.
    What does each server do then, left to itself?
    """
    for difference in playground.DIFFERENCES:
        if len(difference.target) > 80 or difference.method.islower():
            continue  # requests would not send these as they are
        answers = []
        for create in (handler, flask_app, fastapi_app):
            with servers.serve(create(playground.Store())) as server:
                reply = requests.request(
                    difference.method,
                    server.url + difference.target,
                    timeout=5,
                    allow_redirects=False,
                )
                answers.append(reply.status_code)
        print(f"{difference.what:34} {answers}")

    """
    The columns are `http.server`, Flask and FastAPI. Who moves an API from one
    to another should know these, since some client will rely on one of them.
    """


@lesson.step
def where_data_lives():
    """Where data lives.

    This users API keeps its data in memory. Someone adds Ada, then the server
    is started again, as it is at each update of a program. Is she there?
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

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users.db"
        users_in(path, "Grace")
        users_in(path, "Robert'); DROP TABLE users; --")
        print(users_in(path))

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


lesson.ends("""
A server turns a request into a status, headers and a body. `http.server` lets
you write each of them, length included. Flask finds your function and makes
the reply; FastAPI also checks what comes in, from your types. The API is what
all three have in common. Data that should live longer than the program goes
into a database.

Can you answer these?

1. A client waits, although the server has sent its whole answer. What did the
   server forget to say, and why does the client wait?
2. Why is `app.run(debug=True)` dangerous on a machine that others can reach?
3. A request has a body that is valid JSON, but a field is missing. Which
   status fits, and who checks it in Flask, and who in FastAPI?

The answers are in docs/lesson_03.md. Next: `netbasics learn 04`, about the
addresses that clients ask for.
""")


if __name__ == "__main__":
    lesson.main()
