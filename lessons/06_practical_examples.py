"""Practical examples: small programs that survive a bad day.

Web applications, scripts that call services, programs on several machines: all
of them meet servers that are slow, gone or wrong. Six habits help.

After this lesson you can
- name five mistakes of network programs, show what each costs, and repair it
- write a chat room for several people, and notice who has left
- download a file so that a cut connection costs next to nothing
- watch several services, and tell a slow one from one that is down
- say what a port, a name server and a proxy really told you
- check links, and receive events, without doing anything twice

The core takes about thirty minutes, the deeper steps as long again. Step 9
has two files for two terminals.
"""

import os
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from textwrap import fill

try:
    import requests

    from netbasics import apis, clients, lab, servers, sockets, urls, wire
    from netbasics.course import LINUX, Choice, Lesson, Need, Number
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/06_practical_examples.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step(
    ask=Choice(
        "What will end this call?",
        {
            "`requests` gives up by itself": "It has no such limit, unless "
            "one is given. It was still waiting.",
            "the end of the server": "Had the server gone on, so would the "
            "call. There is no limit unless one is given.",
            "nothing at all": "It nearly was so. Only when the server was "
            "stopped, the connection ended, and with it the call.",
        },
        truth=lambda ran: (
            "the end of the server"
            if ran.state == "still waiting" and ran.call.done()
            else "`requests` gives up by itself"
        ),
    ),
)
def no_timeout():
    """Mistake 1: no timeout.

    Five mistakes come first, each with the habit that repairs it. The `lab`
    has servers for bad days: `silent` takes a request and never answers. And
    here nobody said how long to wait. We run the call in a thread, to be able
    to watch it from outside.
    """
    with ThreadPoolExecutor() as pool:
        with lab.silent() as peer:
            call = pool.submit(requests.get, peer.url)
            wait([call], timeout=0.5)
            state = "done" if call.done() else "still waiting"
            print("half a second later:", state)
        print("the server is gone: ", type(call.exception()).__name__)

    """
    Only the end of the server ended the call. A program without that thread
    would still stand at this line, whatever else it had to do.

    **Habit 1, timeouts:** each wait has an end. With `clients.get` it has one
    even if you forget it.
    """
    with lab.silent() as peer:
        for get in (requests.get, clients.get):
            start = time.perf_counter()
            try:
                get(peer.url, timeout=0.3)
            except requests.Timeout as error:
                seconds = time.perf_counter() - start
                print(f"{type(error).__name__} after {seconds:.1f} s")

    with clients.session() as session:
        print(f"by default: {session.timeout} s, {session.deadline} s in all")

    """
    A timeout bounds one wait for the next bytes. A server that sends a byte
    now and then can keep a call going for hours. So our clients have a
    *deadline* as well, a time for the whole call.
    """


@lesson.step(
    ask=Choice(
        "The station in Bonn is off. What will the report say about Oslo?",
        {
            "-2 degrees": "Oslo would have answered. Nobody came to ask it.",
            "an error": "The error was about Bonn. For Oslo there was not "
            "even a line.",
            "nothing": "The error left the loop, and with it the function.",
        },
        truth=lambda ran: "-2 degrees" if ran.oslo.attempts else "nothing",
        part=2,
    ),
)
def no_error_handling():
    """Mistake 2: no error handling.

    Three weather stations are asked in turn. Two answer at once (`slow(0)`).
    The second one is switched off: nothing listens at its address. This is
    the program:
    """

    def report(stations):
        for name, url in stations.items():
            reply = requests.get(url, timeout=5)
            print(f"{name:5}", reply.json()["celsius"], "degrees")

    """
    And these are the stations.
    """
    sunny, cold = b'{"celsius": 21}', b'{"celsius": -2}'
    with lab.slow(0, content=sunny) as rome, lab.slow(0, content=cold) as oslo:
        with lab.refused() as bonn:
            stations = {"Rome": rome.url, "Bonn": bonn.url, "Oslo": oslo.url}
            try:
                report(stations)
            except Exception as error:
                print("the program ended:", type(error).__name__)

    """
    One station took the whole report with it.

    **Habit 2, errors:** decide what a failure means where it happens. Here it
    means one line of the report.
    """

    def report(stations):
        for name, url in stations.items():
            try:
                reply = requests.get(url, timeout=5)
                reply.raise_for_status()
                print(f"{name:5}", reply.json()["celsius"], "degrees")
            except requests.RequestException as error:
                print(f"{name:5} no reading: {type(error).__name__}")

    with lab.slow(0, content=sunny) as rome, lab.slow(0, content=cold) as oslo:
        with lab.refused() as bonn:
            report({"Rome": rome.url, "Bonn": bonn.url, "Oslo": oslo.url})

    """
    `RequestException` is whatever can go wrong with a request: no connection,
    no answer in time, an error status, a body that is no JSON. A misspelt
    name in our own code is none of these and still ends the program, as it
    should. A bare `except:` would hide both.

    A message is for a person to read. Compare what these two say about the
    same failure.
    """
    with lab.refused() as peer:
        for name, get in ("requests", requests.get), ("clients", clients.get):
            try:
                get(peer.url, timeout=5)
            except requests.RequestException as error:
                print(fill(f"{name}: {error}", 76, subsequent_indent="    "))

    """
    `clients.get` asked again as well: where nothing had been sent, nothing
    can happen twice.
    """


@lesson.step(
    ask=Number(
        "The milk alone is worth 120. What will the basket cost?",
        unit="cents",
        truth=lambda ran: ran.total,
        right="The milk was free.",
        low="Bread and tea were added. Only for the milk there was no number.",
        high="For the milk there was no number, and `.get` put a 0 there.",
        part=2,
    ),
)
def an_unchecked_response():
    """Mistake 3: an unchecked response.

    An answer came, so all is well? This shop has prices. For one article its
    database fails, and it says so: with a status, and with JSON.
    """
    from flask import Flask

    app = Flask("shop")
    prices = {"bread": 250, "tea": 300}

    @app.get("/prices/<article>")
    def price(article):
        if article not in prices:
            return {"error": "the database is busy"}, 500
        return {"cents": prices[article]}

    """
    Bread costs 250, tea 300, and the milk's price is what the database cannot
    find now. The careful `.get("cents", 0)` below never fails.
    """
    basket = ["bread", "milk", "tea"]
    with servers.serve(app) as server:
        total = 0
        for article in basket:
            reply = requests.get(f"{server.url}/prices/{article}", timeout=5)
            total += reply.json().get("cents", 0)
        print("total:", total, "cents")

    """
    To `requests`, an error page is an answer like any other. The habit is the
    same as before: `raise_for_status()` makes an error of it, and so does
    `[...]` for a field that must be there. No total is better than a wrong one.
    """
    with servers.serve(app) as server:
        try:
            total = 0
            for article in basket:
                url = f"{server.url}/prices/{article}"
                reply = requests.get(url, timeout=5)
                reply.raise_for_status()
                total += reply.json()["cents"]
            print("total:", total, "cents")
        except requests.HTTPError as error:
            reply = error.response
            print("no total:", reply.status_code, reply.json()["error"])

    """
    `apis.APIClient` checks each answer by itself: the status, and whether it
    is JSON at all.
    """
    with servers.serve(app) as server, apis.APIClient(server.url) as shop:
        try:
            total = 0
            for article in basket:
                total += shop.get(f"prices/{article}")["cents"]
            print("total:", total, "cents")
        except OSError as error:
            print(fill(f"no total: {error}", 76))


@lesson.step(
    ask=Number(
        "How many of the three questions will be answered?",
        truth=lambda ran: ran.answered,
        right="The third client waits at the door, for a place that the first "
        "two do not need any more.",
        low="Two places are there, and the first two questions get them.",
        high="There is room for two, and the first two are still connected, "
        "though they have their answers.",
        part=2,
    ),
)
def an_unclosed_socket():
    """Mistake 4: an unclosed socket.

    This server answers two clients at a time, as a database does that has
    room for so many connections. Our program asks three questions, each over
    a socket of its own, and keeps the sockets in a list.
    """

    def shout(sock, peer):
        while question := sock.recv(100):
            sock.sendall(question.upper())

    """
    The third one waits for half a second at most.
    """
    with servers.TCPServer(shout, max_connections=2) as server:
        kept, answered = [], 0
        for question in (b"one?", b"two?", b"three?"):
            sock = socket.create_connection(server.address, timeout=0.5)
            kept.append(sock)
            sock.sendall(question)
            try:
                print(sock.recv(100))
                answered += 1
            except TimeoutError:
                print("no answer;", server)
        for sock in kept:
            sock.close()

    """
    Answered long ago, two connections held on to both places. Nothing failed
    while the list was short; such programs fail on a busy day.

    **Habit 3, context managers:** a with-block closes at its end, by
    whichever way it is left.
    """
    with servers.TCPServer(shout, max_connections=2) as server:
        for question in (b"one?", b"two?", b"three?"):
            with socket.create_connection(server.address, timeout=5) as sock:
                sock.sendall(question)
                print(sock.recv(100))

    """
    Files, sessions, servers, streamed responses, a pool of threads: whatever
    has a `close` belongs in a with-block.
    """


@lesson.step(
    ask=Choice(
        "Twenty requests without a session, twenty with. How many connections?",
        {
            "20 and 20": "Without a session, yes. A session keeps the "
            "connection open, and uses it again.",
            "20 and 1": "`requests.get` begins anew each time. A session "
            "keeps the connection, and the handshake is done once.",
            "1 and 1": "With a session, yes. `requests.get` makes a session "
            "for one request and throws it away.",
        },
        truth=lambda ran: (
            f"{ran.counts['requests.get']} and {ran.counts['requests.Session']}"
        ),
        part=3,
    ),
)
def a_connection_for_each_request():
    """A connection for each request.

    To open a connection takes time. With HTTPS it takes much more: both ends
    agree on keys, and the client checks the server's certificate. This server
    notes the port that each request comes from, so it can tell connections
    apart.
    """
    from http.server import BaseHTTPRequestHandler

    from netbasics import certs

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self):
            ports.add(self.client_address[1])
            self.send_response(204)
            self.end_headers()

    Hello.protocol_version = "HTTP/1.1"
    authority = certs.Authority()
    tls = authority.issue("127.0.0.1").server_context()

    """
    **Habit 4, sessions:** a session keeps what requests have in common.
    """
    counts = {}

    def measure(name, get):
        ports.clear()
        start = time.perf_counter()
        for _ in range(20):
            get(server.url, verify=pem, timeout=5)
        ms = 1000 * (time.perf_counter() - start)
        counts[name] = len(ports)
        print(f"{name:16} {len(ports):2} connections, {ms:4.0f} ms")

    """
    Our session is made like that of `requests`.
    """
    ports = set()
    with servers.serve(Hello, tls=tls) as server:
        with tempfile.TemporaryDirectory() as folder:
            pem = authority.write_pem(Path(folder, "authority.pem"))
            measure("requests.get", requests.get)
            with requests.Session() as session:
                measure("requests.Session", session.get)
            with clients.session() as session:
                measure("clients.session", session.get)

    """
    A session leaves the connection open for the next request. It also keeps
    cookies and headers, so that a login lasts.
    """


@lesson.step(
    ask=Choice(
        "What can somebody find out who only reads the log?",
        {
            "that the service is down": "That, and the whole URL. The key is "
            "a part of it.",
            "also where it is": "The URL is in the message, whole. The key "
            "is a part of it.",
            "also the key": "Errors quote URLs, and so do proxies, servers "
            "and the lists that browsers keep.",
        },
        truth=lambda ran: (
            "also the key"
            if "sk-7311" in ran.log
            else "also where it is"
            if "127.0.0.1" in ran.log
            else "that the service is down"
        ),
    ),
)
def url_and_key_in_the_code():
    """Mistake 5: a URL and a key in the code.

    A program asks for the weather. Address and key were written into it last
    year. Meanwhile the service has moved, the call fails, and the program
    writes the error into its log.
    """
    with lab.refused() as old:
        url = f"{old.url}/weather?city=Rome&key=sk-7311"
        try:
            requests.get(url, timeout=5)
        except requests.RequestException as error:
            log = str(error)
            print(fill(f"log: {log}", 76))

    """
    The key is also in each copy of the program. And whoever runs it has to
    change the program, now that the service has moved.

    **Habit 5, secrets in the environment:** what differs from place to place
    comes from variables that a shell hands to the program.

    ```
    export WEATHER_URL=https://weather.example WEATHER_KEY=sk-7311
    ```

    Here we set them ourselves.
    """
    with lab.slow(0, content=b'{"celsius": 21}') as service:
        os.environ["WEATHER_URL"] = service.url
        os.environ["WEATHER_KEY"] = "sk-7311"
        key = os.environ["WEATHER_KEY"]
        reply = requests.get(
            os.environ["WEATHER_URL"] + "/weather",
            params={"city": "Rome"},
            headers={"Authorization": f"Bearer {key}"},
            timeout=5,
        )
        print(reply.json())
        print("the URL:   ", service.requests[0].target)
        print("the header:", service.requests[0].header("Authorization"))

    """
    The key went in a header, and errors quote URLs, not headers. The program
    can be shown to anybody: it contains no key.

    `APIClient.from_env` reads both variables, and keeps the key out of what
    it prints.
    """
    with lab.refused() as down:
        os.environ["WEATHER_URL"] = down.url
        with apis.APIClient.from_env("WEATHER") as weather:
            print(weather)
            try:
                weather.get("weather", params={"city": "Rome"})
            except OSError as error:
                print(fill(f"log: {error}", 76))

    """
    And where they were forgotten, it says so at once, and not at the first
    request:
    """
    del os.environ["WEATHER_URL"], os.environ["WEATHER_KEY"]
    try:
        apis.APIClient.from_env("WEATHER")
    except LookupError as error:
        print(fill(f"{type(error).__name__}: {error}", 76))


@lesson.step(
    ask=Number(
        "To how many of these three texts will something be shown?",
        truth=lambda ran: len(ran.shown),
        right="Only the nonsense failed. `urlopen` opens files as well, and "
        "a program may ask services that strangers cannot reach.",
        low="The second is a file, and `urlopen` opens files as well. The "
        "third is a service that our program may ask.",
        high="The first text has one slash too few: there is no host in it.",
    ),
)
def a_url_from_somebody_else():
    """A URL from somebody else.

    People send our program the address of a page, and it shows them how the
    page begins. Next to it runs a service that only this machine can reach,
    and on the disk there is a file with a password. Three people send these
    three texts.
    """
    from urllib.request import urlopen

    shown = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "secret.txt")
        file.write_text("the password is sesame")
        with lab.slow(0, content=b'{"salary": 4711}') as inside:
            for text in ["http:/shop.example/", file.as_uri(), inside.url]:
                try:
                    with urlopen(text, timeout=5) as reply:
                        shown.append(reply.read(40))
                        print(shown[-1])
                except OSError as error:
                    print(error)

    """
    Nonsense was an error, by luck. What our program may read and reach, now
    strangers can.

    **Habit 6, validated URLs:** a URL from outside is checked before it is
    used. Is a valid one safe? Two questions to four texts:
    """
    from netbasics import guard

    texts = [
        "http:/shop.example/",
        "file:///etc/passwd",
        "http://127.0.0.1/salaries",
        "http://93.184.215.14/",
    ]
    for text in texts:
        try:
            public = bool(guard.check_public(text))
        except ValueError:
            public = False
        print(f"{text:26} valid: {urls.is_valid(text)!s:6} public: {public}")

    """
    Valid means that a client can request it. Public means that it leads out
    of our network: the host is looked up and all its addresses are checked.
    With `public_only`, a client asks both, at each redirect again.
    """
    with lab.slow(0, content=b'{"salary": 4711}') as inside:
        try:
            clients.get(inside.url, public_only=True)
        except ValueError as error:
            print(fill(f"{type(error).__name__}: {error}", 76))
        print("requests that came:", inside.attempts)


@lesson.step(
    ask=Choice(
        "Bob has left, and Ann talks on. What will happen?",
        {
            "nothing: what Bob does not hear is lost": "The first line is. "
            "After that the system knows that he is gone, and says so to "
            "whoever sends: to Ann's thread.",
            "Bob's thread ends with an error": "It ended in peace: its loop "
            "saw the end. The error came where something was sent to him.",
            "Ann is thrown out": "It was her thread that sent to Bob. The "
            "error came there, and ended it.",
        },
        truth=lambda ran: (
            "Ann is thrown out"
            if ran.server.errors
            else "nothing: what Bob does not hear is lost"
        ),
        part=2,
    ),
)
def a_chat_room_in_ten_lines():
    """A chat room in ten lines.

    Three programs follow that need these habits. In a chat room, what one
    guest says is sent to all. A server runs `chat` in a thread for each
    guest; the threads share a list.
    """
    members = []

    def chat(sock, peer):
        members.append(sock)
        sock.sendall(b"welcome\n")
        for line in sock.makefile("rb"):
            for member in members:
                member.sendall(line)

    """
    Ann and Bob come. After a while Bob leaves.
    """
    with servers.TCPServer(chat) as server:
        ann = socket.create_connection(server.address, timeout=5)
        bob = socket.create_connection(server.address, timeout=5)
        print("both read:", ann.recv(100), bob.recv(100))
        ann.sendall(b"Ann: hello\n")
        print("both read:", ann.recv(100), bob.recv(100))
        bob.close()
        for _ in range(50):
            ann.sendall(b"Ann: Bob?\n")
            if not ann.recv(100):
                print("Ann was thrown out")
                break
        ann.close()
        print("the reason:", repr(server.errors[-1]))

    """
    Nobody had taken Bob off the list. A line could not be sent to him, and
    the error ended the thread that had tried it: Ann's.
    """


@lesson.step(
    ask=Choice(
        "Bob leaves again, and Ann asks where he is. Who hears it?",
        {
            "nobody": "So it was before the repair. Now what cannot be sent "
            "to one does no harm to the others.",
            "Cem": "And Ann as well: the room sends to all its members, and "
            "she is one of them.",
            "Ann and Cem": "The room sends to all its members, and Bob is no "
            "longer one of them.",
        },
        truth=lambda ran: " and ".join(ran.guests),
        part=4,
    ),
)
def a_chat_room():
    """A chat room that notices who left.

    Three things were missing. Who leaves must come off the list, and the
    others should hear of it. What cannot be sent to one guest must not harm
    the one who said it. And what several threads change needs a *lock*, which
    lets in one of them at a time.
    """
    members = {}
    lock = threading.Lock()

    def tell(text):
        with lock:
            for sock in members:
                try:
                    sock.sendall(f"{text}\n".encode())
                except OSError:
                    continue  # gone; that guest's own thread will notice

    """
    The first line of a guest is the name. `readline(1000)` reads a line, but
    no more than that. It returns `''` when the guest has left, and raises
    OSError when the connection broke. In both cases `finally` comes next.
    """

    def chat(sock, peer):
        with sock, sock.makefile(encoding="utf-8", errors="replace") as lines:
            name = lines.readline(100).strip()
            with lock:
                members[sock] = name
            tell(f"* {name} came")
            try:
                while line := lines.readline(1000):
                    tell(f"{name}: {line.strip()}")
            except OSError:
                pass
            finally:
                with lock:
                    del members[sock]
                tell(f"* {name} left")

    """
    Guests, to try it: each is a file that lines are written to and read from.
    """
    guests = {}

    def come(name, address):
        sock = socket.create_connection(address, timeout=5)
        guests[name] = sock.makefile("rw", encoding="utf-8")
        sock.close()  # the file keeps the connection until it is closed
        print(name, file=guests[name], flush=True)

    def hear():
        for name, guest in guests.items():
            print(f"{name} hears:", guest.readline().strip())

    """
    Three of them come, and Bob leaves again.
    """
    with servers.TCPServer(chat) as server:
        for name in ("Ann", "Bob", "Cem"):
            come(name, server.address)
            hear()
        guests.pop("Bob").close()
        hear()
        print("Where is Bob?", file=guests["Ann"], flush=True)
        hear()
        for guest in guests.values():
            guest.close()

    """
    To run it without our package, put the first two parts into `room.py`,
    with `import socket, threading` above and this below:

    ```
    with socket.create_server(("127.0.0.1", 8000)) as room:
        while True:
            guest = room.accept()
            threading.Thread(target=chat, args=guest, daemon=True).start()
    ```

    and this into `guest.py`, for a second terminal and a third. The first
    line that you type is your name.

    ```
    import socket, sys, threading

    def show(sock):
        for line in sock.makefile(encoding="utf-8"):
            print(line, end="")

    with socket.create_connection(("127.0.0.1", 8000)) as sock:
        threading.Thread(target=show, args=(sock,), daemon=True).start()
        for line in sys.stdin:
            sock.sendall(line.encode())
    ```

    One question stays open, for step 13: what does `tell` do while one
    guest's machine takes nothing any more?
    """


@lesson.step(
    ask=Choice(
        "What will be on the disk afterwards?",
        {
            "nothing, there was an error": "What came before the error had "
            "been written already, and nobody took it away.",
            "half of the file": "With the name of the whole. What came "
            "before the error had been written already.",
            "the whole file": "The connection broke, and `requests` does not "
            "begin again by itself.",
        },
        truth=lambda ran: (
            "nothing, there was an error"
            if not ran.size
            else "half of the file"
            if ran.size < len(ran.content)
            else "the whole file"
        ),
        part=2,
    ),
)
def half_a_file():
    """Half a file.

    A download over a poor line. The film has about a million bytes.
    """
    content = bytes(range(256)) * 4000
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name, "film.mp4")

    """
    This server breaks off the first answer half-way. The loop is the usual
    one.
    """
    with lab.cut_download(content, cuts=1) as peer:
        try:
            with requests.get(peer.url, stream=True, timeout=5) as reply:
                with path.open("wb") as file:
                    for piece in reply.iter_content(16_384):
                        file.write(piece)
        except requests.RequestException as error:
            print("error:", type(error).__name__)
        size = path.stat().st_size if path.exists() else 0
        print("there is", path.name, "with", size, "bytes")

    """
    A file with the right name and half of its content. The error is soon
    forgotten. Then the program runs once more:
    """
    if path.exists():
        print("film.mp4 is there already, nothing to do")
        print("whole:", path.read_bytes() == content)

    folder.cleanup()

    """
    Now nobody will ever fetch the other half. So a name must not appear
    before the file is complete. And the half that came was worth keeping.
    """


@lesson.step(
    ask=[
        Number(
            "At which byte will the second of the three requests begin?",
            unit="bytes",
            within=0.1,
            truth=lambda ran: int(
                ran.peer.requests[1].header("Range")[6:].rstrip("-")
            ),
            right="It is what the first request had left on the disk: about "
            "half, as the server breaks off half-way.",
            low="What has come need not come again. The server breaks off "
            "half-way, so about half is there.",
            high="Only what is on the disk counts: about half, as the "
            "server breaks off half-way.",
            part=3,
        ),
        Choice(
            "This server always cuts. What will be in the folder at the end?",
            {
                "film.mp4, with what has come": "A name stands for the whole "
                "file. There is no whole file.",
                "a part file": "While it tries, yes. It takes it away when "
                "it gives up.",
                "nothing": "The error says that it did not work. Nothing on "
                "the disk says otherwise.",
            },
            truth=lambda ran: {0: "nothing"}.get(
                len(ran.left),
                "film.mp4, with what has come"
                if "film.mp4" in ran.left
                else "a part file",
            ),
            part=6,
        ),
    ],
)
def a_download_that_resumes():
    """A download that resumes.

    By hand first. What comes is added to a file with another name. The header
    `Range` asks for the rest, the bytes from a number on. Status 206 means
    that the rest is coming; 200 would mean all of it, from the start.
    """

    def add_rest(url, part):
        rest = {"Range": f"bytes={part.stat().st_size}-"}
        reply = requests.get(url, headers=rest, stream=True, timeout=5)
        with reply, part.open("ab") as file:
            reply.raise_for_status()
            if reply.status_code != 206:
                file.truncate(0)
            for piece in reply.iter_content(16_384):
                file.write(piece)

    """
    Only a complete file is renamed. (To `requests`, a body that was cut off
    is a ChunkedEncodingError.)
    """

    def fetch(url, path):
        part = path.with_suffix(".part")
        part.touch()
        for _ in range(5):
            try:
                add_rest(url, part)
                return part.replace(path)
            except requests.exceptions.ChunkedEncodingError:
                print("cut, with", part.stat().st_size, "bytes on the disk")
        raise OSError("five attempts were not enough")

    """
    The file has 1,024,000 bytes, and this line breaks twice.
    """
    content = bytes(range(256)) * 4000
    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_download(content, cuts=2) as peer:
            film = fetch(peer.url, Path(folder, "film.mp4"))
            print("asked for:", [r.header("Range") for r in peer.requests])
            print("whole:    ", film.read_bytes() == content)

    """
    Each attempt went on where the last one had ended. What did the two say to
    each other? A *tap* is a relay that notes what passes, and can read it as
    HTTP. One cut now. Look for the number that both name after it.
    """
    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_download(content, cuts=1) as peer:
            with wire.tap(peer.address) as tap:
                fetch(tap.url, Path(folder, "film.mp4"))
                tap.wait(2)
                cut, rest = tap.transcript.exchanges()
                print("client:", cut.request.method, cut.request.get("Range"))
                print(fill(f"server: {cut.problem}", subsequent_indent="    "))
                print("client:", rest.request.method, rest.request.get("Range"))
                print("server:", rest.response.status, end=" ")
                print(rest.response.get("Content-Range"))

    """
    It is what was on the disk. A little more had come, but the last piece was
    not full, and the error came in its place. So ask from what you have.

    One thing is missing still: if somebody puts another film there between two
    attempts, we get the beginning of one and the end of the other.

    `clients.download` says which version it began with (`If-Range`). So it is
    sent the rest of that one, or all of a new one. And it says how far it is:
    in a terminal you see the bar stand still at each cut.
    """

    def draw(received, total):
        signs = 30 * received // total
        bar = "#" * signs + "." * (30 - signs)
        print(f"\r[{bar}] {received:,} of {total:,}", end="", flush=True)
        time.sleep(0.02)  # to make it slow enough to watch

    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_download(content, cuts=2) as peer:
            film = clients.download(
                peer.url, Path(folder, "film.mp4"), progress=draw
            )
            print()
            print("asked for:", [r.header("Range") for r in peer.requests])
            print("only if:  ", [r.header("If-Range") for r in peer.requests])
            print("whole:    ", film.read_bytes() == content)

    """
    And if it never works? This server cuts off every answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_off(content) as peer:
            try:
                clients.download(peer.url, Path(folder, "film.mp4"), retries=1)
            except OSError as error:
                print(fill(f"{type(error).__name__}: {error}", 76))
            left = os.listdir(folder)
            print("in the folder:", left)

    """
    Nothing is better than half a file.
    """


@lesson.step(
    ask=[
        Choice(
            "Which of the four will one look call down?",
            {
                "mail": "And `login`, which just failed. The next look may "
                "find it up.",
                "mail, login": "Now and then is now for `login`. One look "
                "cannot tell.",
                "search, mail": "`search` answers, late, but in time. And "
                "`login` just failed.",
            },
            truth=lambda ran: ", ".join(
                n for n, up in ran.looks.items() if not up
            ),
            part=2,
        ),
        Choice(
            "What would the monitor have seen of `login`, with `clients.get`?",
            {
                "a failure, as before": "The client asked again by itself, "
                "and handed out the second answer.",
                "all well": "The client asked again by itself. The failure "
                "went unseen.",
            },
            truth=lambda ran: (
                "all well" if ran.reply.ok else "a failure, as before"
            ),
            part=6,
        ),
    ],
)
def a_health_monitor():
    """A health monitor.

    The last program watches services. A check is one request, and its result
    is how long the answer took, or None.
    """

    def check(url):
        start = time.perf_counter()
        try:
            requests.get(url, timeout=2).raise_for_status()
        except requests.RequestException:
            return None
        return time.perf_counter() - start

    """
    Of these four, one answers at once, one is slow, one is down, and one is
    *flapping*: it fails now and then.
    """
    names = ["shop", "search", "mail", "login"]
    looks = {}
    with lab.slow(0) as shop, lab.slow(0.15) as search, lab.refused() as mail:
        with lab.flapping(fails=1, works=2) as login:
            services = [shop.url, search.url, mail.url, login.url]
            for name, url in zip(names, services, strict=True):
                looks[name] = check(url) is not None
                print(f"{name:7}", "up" if looks[name] else "down")

    """
    Two are up and two are down, it seems. One look cannot tell slow from
    fine, or flapping from down. So look several times, at all four at once.
    (A real monitor waits a while between rounds.)
    """
    history = {name: [] for name in names}
    with lab.slow(0) as shop, lab.slow(0.15) as search, lab.refused() as mail:
        with lab.flapping(fails=1, works=2) as login:
            services = [shop.url, search.url, mail.url, login.url]
            print("round" + "".join(f"{name:>9}" for name in names))
            with ThreadPoolExecutor() as pool:
                for number in range(1, 9):
                    print(f"{number:5}", end="", flush=True)
                    results = pool.map(check, services)
                    for name, took in zip(names, results, strict=True):
                        history[name].append(took)
                        cell = f"{1000 * took:.0f} ms" if took else "failed"
                        print(f"{cell:>9}", end="", flush=True)
                    print()

    """
    A round takes as long as its slowest check, and not as long as all four.
    Which of these services would you wake somebody up for?
    """

    from statistics import median

    def verdict(past):
        good = [took for took in past if took]
        if not good:
            return "down"
        if len(good) < len(past):
            return "flapping"
        return "slow" if median(good) > 0.1 else "fine"

    for name, past in history.items():
        good = sum(1 for took in past if took)
        print(f"{name:7} {good} of {len(past)} checks good: {verdict(past)}")

    """
    People see a shape faster than a table. A cross is a failure.
    """
    from netbasics import pictures

    ms = {
        name: [took and 1000 * took for took in past]
        for name, past in history.items()
    }
    chart = pictures.line(ms, unit="ms", title="latency, round by round")
    print(chart)

    """
    `check` used `requests`. Suppose it had used `clients.get`.
    """
    with lab.flapping(fails=1, works=2) as login:
        reply = clients.get(login.url)
        print("status", reply.status_code, "after", reply.tries, "tries")
        print("requests that came:", login.attempts)

    """
    A client wants an answer, so it tries again. A monitor wants the truth, so
    it must not: `clients.get(url, retries=0)`.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Ann shows a picture, again and again. Who will wait in the end?",
            {
                "nobody": "TCP loses nothing. When the system's buffers for "
                "Cem are full, `sendall` waits until he reads.",
                "Ann": "Ann's thread waits for Cem, true. But it has the "
                "lock meanwhile, and Bob's thread needs it.",
                "Ann and Bob": "Ann's thread waits in `sendall`, for Cem, and "
                "keeps the lock. Whoever talks next waits for the lock.",
            },
            truth=lambda ran: " and ".join(ran.waiting) or "nobody",
            part=3,
        ),
        Choice(
            "Cem's program hangs again. What becomes of him this time?",
            {
                "he gets all pictures later": "That would take memory "
                "without end: nobody knows when he reads again.",
                "he is shown out": "A guest who is too far behind costs "
                "the others nothing: the door is the limit.",
                "the others wait for him": "`post` does not send, it only "
                "adds to a queue. That does not wait.",
            },
            truth=lambda ran: (
                "the others wait for him"
                if not ran.heard
                else "he is shown out"
                if ran.left == 2
                else "he gets all pictures later"
            ),
            part=6,
        ),
    ],
)
def the_chat_freezes():
    """The chat freezes.

    Now to the question of step 9. Here is its room, without names and
    goodbyes.
    """
    members = []
    lock = threading.Lock()

    def tell(line):
        with lock:
            for sock in members:
                sock.sendall(line)

    def chat(sock, peer):
        with lock:
            members.append(sock)
        sock.sendall(b"welcome\n")
        for line in sock.makefile("rb"):
            tell(line)

    """
    Guests to try it: files again, that read their welcome first. To talk is
    to say a line and to hear it come back, as in any chat.
    """

    def come(server, timeout):
        sock = socket.create_connection(server.address, timeout=timeout)
        guest = sock.makefile("rwb")
        sock.close()  # the file keeps the connection until it is closed
        guest.readline()
        return guest

    def talk(name, guest, line):
        guest.write(line)
        guest.flush()
        try:
            return guest.readline()
        except TimeoutError:
            waiting.append(name)

    """
    Cem comes as the third. His program hangs: it reads nothing more.
    """
    picture = b"x" * 60_000 + b"\n"
    waiting = []
    with servers.TCPServer(chat) as server:
        with come(server, 0.5) as ann, come(server, 0.5) as bob:
            with come(server, 0.5):
                shown = 0
                while talk("Ann", ann, picture) and shown < 1000:
                    bob.readline()
                    shown += 1
                talk("Bob", bob, b"Bob: is anybody there?\n")
                print("after", shown, "pictures there wait:", *waiting)
                print("the lock is taken:", lock.locked())

    """
    For a while the system kept what was meant for Cem. When its buffers were
    full, `sendall` waited, as it should: it promises to send all.

    A timeout for each `sendall` would only make the freeze shorter. The
    repair is that nobody waits for somebody else. Each guest gets a queue,
    the *outbox*, and a thread of its own that sends what is in it.
    """
    from queue import SimpleQueue

    outboxes = {}

    def post(line):
        with lock:
            for sock, outbox in outboxes.items():
                outbox.put(line)
                if outbox.qsize() > 20:
                    with suppress(OSError):
                        sock.shutdown(socket.SHUT_RDWR)

    def send(sock, outbox):
        with suppress(OSError):
            while line := outbox.get():
                sock.sendall(line)

    """
    `post` shows out who is too far behind: `shutdown` wakes both threads of
    that guest. Here is the first, which reads:
    """

    def chat(sock, peer):
        outbox = SimpleQueue()
        sender = threading.Thread(target=send, args=(sock, outbox))
        sender.start()
        with lock:
            outboxes[sock] = outbox
        outbox.put(b"welcome\n")
        with suppress(OSError):
            for line in sock.makefile("rb"):
                post(line)
        with lock:
            del outboxes[sock]
        outbox.put(b"")  # ends the sender
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sender.join()

    """
    The same three guests once more.
    """
    with servers.TCPServer(chat) as server:
        with come(server, 5) as ann, come(server, 5) as bob, come(server, 5):
            shown = 0
            while len(outboxes) == 3 and shown < 1000:
                heard = talk("Ann", ann, picture) == bob.readline() == picture
                shown += 1
            left = len(outboxes)
            print("after", shown, "pictures there are", left, "guests")
            print("Ann and Bob have heard the last one:", heard)

    """
    Whoever sends to many needs a limit for the slowest: so much may wait for
    you, and no more. Message queues, live pages and databases have it too.
    """


@lesson.step(
    deeper=True,
    needs=[LINUX],
    ask=[
        Choice(
            "Which of the four will this check call open?",
            {
                "shop": "`mute` takes connections as well. That it never "
                "answers comes later, and nobody looked.",
                "shop, mute": "A connection is all that was asked for. "
                "Whether somebody answers is another question.",
                "shop, mute, jammed": "For `jammed` the connection is never "
                "completed: its queue is full.",
            },
            truth=lambda ran: ", ".join(n for n, up in ran.found.items() if up),
            part=2,
        ),
        Choice(
            "Which of the four will take longest to find out about?",
            {
                "off": "To refuse is an answer, and it comes at once. Only "
                "silence has to be waited for.",
                "mute": "It takes connections at once. The silence comes "
                "after that.",
                "jammed": "Silence is no answer. So one waits for the whole "
                "timeout, and knows little afterwards.",
            },
            truth=lambda ran: max(ran.took, key=ran.took.get),
            part=4,
        ),
    ],
)
def open_refused_silent():
    """Open, refused, silent.

    Is the service there? The usual check tries to connect. `connect_ex`
    returns 0 if that worked, and the number of the error if not.
    """

    def is_open(address):
        with socket.socket() as sock:
            sock.settimeout(0.25)
            return sock.connect_ex(address) == 0

    """
    Four servers of the lab. `shop` works, `mute` takes connections and never
    answers, nobody listens at `off`, and `jammed` has a full queue of clients
    that it does not accept. (How that looks is up to the system; this is
    Linux.)
    """
    with lab.slow(0) as shop, lab.silent() as mute:
        with lab.refused() as off, lab.full_backlog() as jammed:
            peers = {"shop": shop, "mute": mute, "off": off, "jammed": jammed}
            found = {}
            for name, peer in peers.items():
                found[name] = is_open(peer.address)
                print(f"{name:7} open: {found[name]}")

    """
    Yes or no is too little. `off` and `jammed` look alike, and they are not:
    a refusal is an answer. It says that the machine is there, and that nobody
    listens at this port. So there are three results.
    """

    def look(address):
        try:
            with socket.create_connection(address, timeout=0.25):
                return "open"
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "silent"

    """
    How long does each of them take? (`took` is in milliseconds.)
    """
    with lab.slow(0) as shop, lab.silent() as mute:
        with lab.refused() as off, lab.full_backlog() as jammed:
            peers = {"shop": shop, "mute": mute, "off": off, "jammed": jammed}
            took = {}
            for name, peer in peers.items():
                start = time.perf_counter()
                result = look(peer.address)
                took[name] = 1000 * (time.perf_counter() - start)
                print(f"{name:7} {result:8} after {took[name]:3.0f} ms")

    """
    `silent` has many reasons: the machine is off, a firewall drops what comes,
    the server has no time. From here they look the same.

    And `open` only says that a system took the connection. It even does so
    before the program accepts it. Whether the service works, only a question
    to the service tells:
    """
    with lab.slow(0) as shop, lab.silent() as mute, lab.refused() as off:
        for name, peer in {"shop": shop, "mute": mute, "off": off}.items():
            try:
                reply = clients.get(peer.url, timeout=0.2, retries=0)
                print(f"{name}: status {reply.status_code}")
            except OSError as error:
                print(fill(f"{name}: {error}", 76, subsequent_indent="    "))

    """
    Look only at machines that are yours, or whose owner agreed. To try the
    ports of others is taken for an attack, and often forbidden.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What will the name server answer?",
            {
                "192.0.2.7": "The name is right for people. In the message "
                "the server takes the `e` for the length of a word: 101.",
                "there is no such name": "It did not come so far: it could "
                "not read the question.",
                "it cannot read the question": "It took the `e`, byte 101, "
                "for the length of a word, and found the message too short.",
            },
            truth=lambda ran: {
                0: "192.0.2.7",
                1: "it cannot read the question",
            }.get(ran.code, "there is no such name"),
        ),
        Number(
            "How many bytes will the whole question have?",
            unit="bytes",
            truth=lambda ran: len(ran.question),
            right="12 for the header, 13 for the name with its three lengths, "
            "4 for type and class. Such a question leaves your machine each "
            "time a name is looked up.",
            low="Count once more: 12 of the header, 13 of the name (each "
            "word has its length before it, and a 0 ends it), 4 at the end.",
            high="It is less than one would think: 12 of the header, 13 of "
            "the name, 4 at the end. There is no text around it.",
            part=2,
        ),
        Choice(
            "Somebody else answers, with another id. What does `last` show?",
            {
                "192.0.2.7, the true address": "The server was not heard at "
                "all. Whoever answers first is believed.",
                "the other one's address": "Nobody looked at the id. So "
                "whoever answers first decides where the program goes.",
                "nothing, it is refused": "That would be right. But this "
                "code only takes the last four bytes.",
            },
            truth=lambda ran: (
                "the other one's address"
                if ran.last == "203.0.113.66"
                else "192.0.2.7, the true address"
            ),
            part=4,
        ),
    ],
)
def a_dns_question_by_hand():
    """A DNS question by hand, in 29 bytes.

    Names are looked up with a datagram. It begins with six numbers of two
    bytes: an id, flags, and how many questions and answers follow. Then comes
    the name, and at last the type (1: an address) and the class (1: internet).

    This server knows `example.com`. The tempting way to write the name:
    """
    from struct import pack, unpack

    from netbasics import dns

    records = [dns.Record("example.com", "A", "192.0.2.7")]
    header = pack("!6H", 4711, 0x0100, 1, 0, 0, 0)
    with lab.dns_server(records) as server:
        text = header + b"example.com\0" + pack("!2H", 1, 1)
        reply = sockets.ask_udp(server.address, text)
        code = reply[3] & 15  # four bits of the flags say what went wrong
        print("error code:", code)

    """
    0 would be fine, 3 means that there is no such name, and 1 that the server
    cannot read the question. There are no dots in the message. Each word has
    its length before it, in one byte, and a length of 0 ends the name.
    """
    name = b""
    for word in b"example.com".split(b"."):
        name += bytes([len(word)]) + word

    question = header + name + b"\0" + pack("!2H", 1, 1)
    print(question[:12])
    print(question[12:])

    """
    The answer repeats the header and the question. Behind them stands the
    record: the name, type, class, seconds to keep it, length, address.
    """
    with lab.dns_server(records) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(2)
            sock.sendto(question, server.address)
            reply, _ = sock.recvfrom(512)
            print("header:  ", unpack("!6H", reply[:12]))
            print("the question again:", reply[12:29] == question[12:])
            print("record:  ", reply[29:])
            print("address: ", ".".join(map(str, reply[-4:])))

    """
    `\\xc0\\x0c` is a pointer: "the name that stands at byte 12". It saves room.

    The system's own look-up is not that trusting. UDP has no connection:
    anybody can send a datagram to our port. The id is there to tell our
    answer from others. In this part somebody is quicker than the server, and
    does not know the id.
    """
    with lab.dns_wrong_id() as server:
        ours = dns.query("www.example.com")
        reply = sockets.ask_udp(server.address, ours.encode())
        last = ".".join(map(str, reply[-4:]))
        print("by hand: ", last)
        message = dns.parse(reply)
        print("we asked:", ours.id, "and", message.id, "was answered")
        print("is it for us:", message.answers_to(ours))

    """
    `dns.query` takes an id that nobody can guess, and `answers_to` compares
    id and question. `dns.parse` also refuses what is cut off, and pointers
    that go round in a circle.
    """
    with lab.dns_server(records) as server:
        ours = dns.query("example.com")
        reply = sockets.ask_udp(server.address, ours.encode())
        message = dns.parse(reply)
        print("is it for us:", message.answers_to(ours))
        print(*message.answers)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What will the proxy have noted of this request?",
            {
                "the host and the port": "So it is with HTTPS, below. Plain "
                "HTTP has to be read, to know where to send it.",
                "the whole address": "And more: the headers stand right "
                "below it, with the key.",
                "everything, the key too": "It has to read the request, to "
                "know where to send it. And there it all stands.",
            },
            truth=lambda ran: (
                "everything, the key too"
                if "sk-7311" in ran.noted[0]
                else "the whole address"
                if "salary" in ran.noted[0]
                else "the host and the port"
            ),
            part=3,
        ),
        Choice(
            "And now, with HTTPS?",
            {
                "the host and the port": "The client asks for a way to this "
                "port, and says the rest to the server, encrypted.",
                "the whole address": "The path is a part of the request. The "
                "proxy hears only CONNECT, with host and port.",
                "everything, the key too": "It would need a certificate for "
                "the server's name. Without one it can only pass bytes on.",
            },
            truth=lambda ran: (
                "everything, the key too"
                if ran.readable
                else "the whole address"
                if "salary" in ran.noted[-1]
                else "the host and the port"
            ),
            part=4,
        ),
    ],
)
def the_view_of_a_proxy():
    """The proxy's view.

    A proxy stands between a client and the servers, in companies, schools,
    and before web sites. This one notes the *head* of a request: all up to
    the first empty line.
    """
    noted = []

    def pump(source, target):
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    """
    For plain HTTP the client sends the request, with the whole URL in the
    first line. (Most proxies shorten that line; servers take it as it is.)
    For HTTPS it sends `CONNECT host:port`, and wants a way for bytes.
    """

    def proxy(sock, peer):
        head = sockets.Reader(sock).until(b"\r\n\r\n")
        noted.append(head.decode())
        method, target, _ = head.decode().split(" ", 2)
        tunnel = method == "CONNECT"
        url = urls.parse(f"https://{target}" if tunnel else target)
        with sockets.connect((url.host, url.port)) as server:
            if tunnel:
                sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                server.sendall(head)
            back = threading.Thread(target=pump, args=(server, sock))
            back.start()
            pump(sock, server)
            back.join()

    """
    A request with a key in a header, as in step 6.
    """
    key = {"Authorization": "Bearer sk-7311"}
    with servers.TCPServer(proxy) as middle, lab.slow(0) as site:
        way = {"http": f"http://{middle.host}:{middle.port}"}
        url = f"{site.url}/salary?of=Ann"
        reply = requests.get(url, headers=key, proxies=way, timeout=5)
        print("status", reply.status_code, "and the proxy noted:")
        print(noted[0].strip().replace("\r", ""))

    """
    So plain HTTP is a postcard for whoever stands on the way. The same with
    HTTPS. A tap before the proxy keeps all bytes that it gets to see.
    """
    with servers.TCPServer(proxy) as middle, lab.good_certificate() as site:
        with wire.tap(middle) as tap, tempfile.TemporaryDirectory() as folder:
            pem = site.authority.write_pem(Path(folder, "authority.pem"))
            way = {"https": f"http://{tap.host}:{tap.port}"}
            url = f"{site.url}/salary?of=Ann"
            clients.get(url, headers=key, proxies=way, verify=pem)
            print(noted[-1].strip().replace("\r", ""))
            passed = tap.transcript.data("to-server")
            readable = b"sk-7311" in passed or b"salary" in passed
            print(len(passed), "bytes passed; readable:", readable)
            print("the site was asked for", site.requests[0].target)

    """
    The proxy knows who talks to whom, when, and how much. It does not know
    what is said. Unless the client trusts the proxy's own certificates: then
    it can read all, as some companies do.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "The advice one finds is `verify=False`. What does it change?",
            {
                "now the answer comes": "It switches off the check of a "
                "certificate. This server never sent one.",
                "another error comes": "It is the same one. Both fail before "
                "there is a certificate to check.",
                "nothing": "It fails before there is a certificate to check. "
                "The error is about the first bytes.",
            },
            truth=lambda ran: (
                "now the answer comes"
                if len(ran.kinds) < 2
                else "nothing"
                if len(set(ran.kinds)) == 1
                else "another error comes"
            ),
        ),
        Choice(
            "The client spoke TLS. How will the server have answered?",
            {
                "not at all, it hung up": "It did answer, and clearly. The "
                "client could not read it, for it expected TLS.",
                "in plain HTTP": "Both were polite, each in its own language. "
                "The client took `HTTP` for a number of a version.",
                "in TLS, with an error": "It knows no TLS. It answered in the "
                "only language that it has.",
            },
            truth=lambda ran: (
                "in plain HTTP"
                if ran.answer.startswith(b"HTTP/")
                else "in TLS, with an error"
                if ran.answer
                else "not at all, it hung up"
            ),
            part=2,
        ),
    ],
)
def the_wrong_protocol():
    """The wrong protocol.

    Somebody wrote `https://` for a server that speaks plain HTTP. The error
    talks of TLS, so people look for a mistake in the certificate.
    """
    kinds = []
    with lab.http_instead_of_tls() as peer:
        for verify in (True, False):
            try:
                requests.get(peer.url, verify=verify, timeout=5)
            except requests.exceptions.SSLError as error:
                kinds.append(str(error).partition("[SSL: ")[2].split("]")[0])
                print(f"verify={verify!s:5} {kinds[-1]}")

    """
    The name of the error (an older or newer system has another one) says
    nothing about certificates. Look at what the two said to each other.
    """
    with lab.http_instead_of_tls() as peer:
        with wire.tap(peer.address) as tap:
            try:
                requests.get(f"https://{tap.host}:{tap.port}", timeout=5)
            except requests.exceptions.SSLError:
                tap.wait()
            print("client:", tap.transcript.data("to-server")[:5])
            answer = tap.transcript.data("to-client")
            print("server:", answer[:24])

    """
    `\\x16\\x03` is how TLS says hello. So the first bytes tell a protocol. Ask
    three ports in plain HTTP, as by a mistake the other way round, and look
    only at the first five bytes.
    """
    with lab.slow(0) as web, lab.tls_instead_of_http() as secure:
        with lab.other_protocol() as mail:
            for name, peer in ("web", web), ("secure", secure), ("mail", mail):
                with socket.create_connection(peer.address, 5) as sock:
                    sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    print(f"{name:7}", sock.recv(5))

    """
    `\\x15\\x03` is an alert of TLS: the server did not understand. A number of
    three digits before any `HTTP/` is a mail server, or one for files.

    Our clients say what to look at. Then the repair is one letter.
    """
    with lab.http_instead_of_tls() as plain, lab.tls_instead_of_http() as tls:
        for url in (plain.url, tls.url):
            try:
                clients.get(url, retries=0)
            except OSError as error:
                print(fill(str(error), 76, subsequent_indent="    "))

    """
    The first server, asked in its own language: it answers 400 whatever one
    says, but it answers.
    """
    with lab.http_instead_of_tls() as plain:
        reply = clients.get(f"http://{plain.host}:{plain.port}")
        print(reply.status_code, reply.text.strip())


def multicast_works():
    """Say whether a datagram to a group arrives on the loopback interface."""
    loopback = socket.inet_aton("127.0.0.1")
    group = "239.255.6.6"
    member = socket.inet_aton(group) + loopback
    kind = socket.AF_INET, socket.SOCK_DGRAM
    try:
        with socket.socket(*kind) as ear, socket.socket(*kind) as mouth:
            ear.settimeout(1)
            ear.bind((group, 0))
            for option, value in (
                (socket.IP_MULTICAST_IF, loopback),
                (socket.IP_MULTICAST_TTL, 0),
            ):
                mouth.setsockopt(socket.IPPROTO_IP, option, value)
            ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            mouth.sendto(b"?", (group, ear.getsockname()[1]))
            return ear.recv(1) == b"?"
    except OSError:
        return False


MULTICAST = Need("multicast on the loopback interface", multicast_works)


@lesson.step(
    deeper=True,
    needs=[MULTICAST],
    ask=[
        Choice(
            "The printer has the right port. Will it hear the question?",
            {
                "yes": "A port is not enough. The question went to the "
                "group's address, and the socket has another.",
                "no": "The question went to the group's address, and the "
                "printer is no member of the group.",
            },
            truth=lambda ran: "yes" if ran.heard else "no",
            part=2,
        ),
        Choice(
            "The same question from a connected socket. How many answers?",
            {
                "two, as before": "They were sent. The system threw them "
                "away: they did not come from the connected address.",
                "none": "The socket is connected to the group. The answers "
                "come from the servers' own addresses, and are dropped.",
            },
            truth=lambda ran: "none" if ran.silent else "two, as before",
            part=5,
        ),
    ],
)
def find_my_server():
    """Find my server.

    Printers, speakers, game servers: how does a program find them in a house
    where nobody has written down their addresses? It asks all at once. With
    *multicast*, a datagram goes to a group, and who has joined the group gets
    it. The time to live (TTL) says how many networks it may pass. At 0 it does
    not leave this machine.
    """
    GROUP = "239.255.6.6"
    loopback = socket.inet_aton("127.0.0.1")

    def udp():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(0.2)
        ip = socket.IPPROTO_IP
        sock.setsockopt(ip, socket.IP_MULTICAST_IF, loopback)
        sock.setsockopt(ip, socket.IP_MULTICAST_TTL, 0)
        return sock

    """
    A printer waits for the question; the client sends it to the group.
    """
    with udp() as client, udp() as printer:
        printer.bind(("127.0.0.1", 0))
        port = printer.getsockname()[1]
        client.sendto(b"who is there?", (GROUP, port))
        try:
            heard = printer.recv(100)
        except TimeoutError:
            heard = b""
        print("the printer heard", heard)

    """
    A server has to join the group, on an interface: here on that of the
    loopback address. And several programs share one port, which both sides
    know beforehand. (Here the system chooses it.)
    """

    def join(sock, port):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((GROUP, port))
        group = socket.inet_aton(GROUP) + loopback
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        return sock.getsockname()[1]

    def answer(sock, text):
        _, client = sock.recvfrom(100)
        sock.sendto(text, client)

    """
    The printer and a music player are members now.
    """
    with udp() as client, udp() as printer, udp() as music:
        port = join(printer, 0)
        join(music, port)
        client.sendto(b"who is there?", (GROUP, port))
        answer(printer, b"printer at port 9100")
        answer(music, b"music at port 6600")
        try:
            while True:
                print(client.recv(100))
        except TimeoutError:
            print("silence")

    """
    One datagram was sent, and each member got a copy. So listen until it is
    silent, and not for the first answer only.

    UDP sockets can be connected, so that only the one who was asked may
    answer. `sockets.ask_udp` does so, for good reasons. And with a group?
    """
    with udp() as client, udp() as printer, udp() as music:
        port = join(printer, 0)
        join(music, port)
        client.connect((GROUP, port))
        client.send(b"who is there?")
        answer(printer, b"printer at port 9100")
        answer(music, b"music at port 6600")
        try:
            silent = not client.recv(100)
        except TimeoutError:
            silent = True
        print("no answer:", silent)

    """
    So a question to a group needs a socket that is not connected. And
    whoever is in the group can answer, friend or not. What it says is only a
    hint where to look. All together, with a server to find:
    """
    with servers.GreetingServer(b"hello from the shop\n") as shop:
        with udp() as client, udp() as beacon:
            port = join(beacon, 0)
            client.sendto(b"where is the shop?", (GROUP, port))
            answer(beacon, str(shop.port).encode())
            text, (host, _) = client.recvfrom(100)
        print("found at", host)
        with sockets.connect((host, int(text))) as sock:
            print(sockets.Reader(sock).line())


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "Four pages link to each other. When is the checker done?",
            {
                "after four requests": "It does not remember where it has "
                "been. Each page leads back to the first one.",
                "after eight requests, one for each link": "Links lead back "
                "to pages whose links are then looked at again.",
                "never, if nobody stops it": "Each page leads back to the "
                "first one, and nobody remembers it.",
            },
            truth=lambda ran: (
                "never, if nobody stops it"
                if ran.todo
                else "after four requests"
                if len(ran.visits) == 4
                else "after eight requests, one for each link"
            ),
            part=2,
        ),
        Number(
            "How many requests will the site see from this one?",
            truth=lambda ran: len(ran.visits),
            right="Four pages and the broken link, none of them twice.",
            low="A link that is broken has to be asked for as well: how else "
            "would one know?",
            high="What stands in `seen` is not asked for again, and links in "
            "comments and to mail addresses are no links to follow.",
            part=5,
        ),
    ],
)
def a_link_checker():
    """A link checker.

    Pages move, and links to them break. A program can find them: it reads a
    page, follows its links, reads those. A small site to try it on, with one
    broken link, and a server of somebody else (`OTHER`).
    """
    pages = {
        "/": '<a href="news/">News</a> <a href="about.html#team">Team</a>',
        "/news/": '<a href="../">Home</a> <a href="old.html">Old</a>',
        "/news/old.html": '<a href="/abuot.html">About</a> <a href="./">Up</a>',
        "/about.html": '<a href="/">Home</a> <a href="OTHER/">Friends</a>'
        '<a href="mailto:ann@shop.example">Ann</a>'
        '<!-- <a href="/draft.html">not yet</a> -->',
    }
    visits = []

    def site(environ, start_response):
        path = environ["PATH_INFO"]
        visits.append(path)
        status = "200 OK" if path in pages else "404 Not Found"
        start_response(status, [("Content-Type", "text/html")])
        return [pages.get(path, "gone").replace("OTHER", other.url).encode()]

    """
    The tempting way: a pattern finds the links, `urljoin` makes whole URLs of
    them, and all of them come to a list.
    """
    import re
    from urllib.parse import urldefrag, urljoin

    with servers.serve(site) as server, lab.slow(0) as other:
        todo = [f"{server.url}/"]
        for _ in range(60):  # to stop it
            if todo and todo[0].startswith("http"):
                reply = requests.get(todo[0], timeout=5)
                links = re.findall('href="(.*?)"', reply.text)
                todo += [urljoin(todo[0], link) for link in links]
            todo = todo[1:]
        print("asked for:", len(visits), "on the list:", len(todo))
        print("the first page:", visits.count("/"), "times")
        print("a draft in a comment:", "/draft.html" in visits)
        print("somebody else's server:", other.attempts, "times")

    """
    Four things are missing. Remember what was seen, and take off the
    fragment, which is no other page. Read HTML with a parser, which knows
    comments. Look at links to others once, and do not search their pages.
    """
    from html.parser import HTMLParser

    class Links(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag == "a" and "href" in dict(attrs):
                self.found.append(dict(attrs)["href"])

    def links_of(html):
        parser = Links()
        parser.found = []
        parser.feed(html)
        return parser.found

    """
    `todo` has each URL with the page on which it stands, for the report. With
    our helpers, `urls.join` and `.origin` (scheme, host and port together):
    """

    def check(start):
        seen, todo, broken = {start}, [(start, "")], []
        with clients.session(timeout=5) as session:
            while todo:
                url, page = todo.pop(0)
                reply = session.get(url)
                if not reply.ok:
                    broken.append((url, page))
                elif urls.parse(url).origin == urls.parse(start).origin:
                    for link in links_of(reply.text):
                        link = urldefrag(urls.join(url, link)).url
                        if link.startswith("http") and link not in seen:
                            seen.add(link)
                            todo.append((link, url))
        return broken

    """
    The same site once more.
    """
    visits.clear()
    with servers.serve(site) as server, lab.slow(0) as other:
        broken = check(f"{server.url}/")
        print("asked for:", len(visits), "and of others:", other.attempts)
        for url, page in broken:
            print("broken:", urls.parse(url).path, "on", urls.parse(page).path)

    """
    On a site that is not yours, ask more slowly (lesson 5), and obey its
    `robots.txt`. And one that is down should be a line of the report too:
    catch `requests.RequestException`, as in step 2.
    """


@lesson.step(
    deeper=True,
    ask=[
        Number(
            "One order was paid for. How many parcels leave the house?",
            unit="parcels",
            truth=lambda ran: len(ran.parcels),
            right="Each try was received, and each was packed. The shop was "
            "only too slow to say so.",
            low="The sender got no answer in time and could not know that "
            "the message had arrived. So it tried again.",
            high="Three tries are all that this sender makes.",
            part=3,
        ),
        Choice(
            "How many parcels now, after those four messages?",
            {
                "none": "One of the four is good, and new. It is packed a "
                "moment after the answer.",
                "one": "The second has the id of the first. The third has a "
                "wrong signature, the fourth an old time.",
                "two": "The second message is signed correctly, and answered "
                "with 202. But its id is known already.",
                "four": "Only who knows the secret can sign, and each id "
                "counts once.",
            },
            truth=lambda ran: {0: "none", 1: "one", 2: "two"}.get(
                len(ran.parcels), "four"
            ),
            part=8,
        ),
    ],
)
def a_webhook_receiver():
    """A webhook receiver.

    Who waits for an event could ask for it again and again. With a *webhook*
    it is the other way round: we give a URL to the service, and it sends us a
    POST when something happens. Here a bank reports what was paid.

    First the bank. A message that nobody confirms is sent again.
    """

    def deliver(url, body, headers=None, timeout=5.0):
        for tries in (1, 2, 3):
            try:
                reply = requests.post(
                    url, data=body, headers=headers, timeout=timeout
                )
                return f"status {reply.status_code} after try {tries}"
            except requests.RequestException:
                pass
        return f"given up after try {tries}"

    """
    The shop packs a parcel for each payment, and then says that all is well.
    Packing takes a while.
    """
    import json

    from flask import Flask, request

    naive = Flask("naive")
    parcels = []

    @naive.post("/paid")
    def paid():
        time.sleep(0.3)
        parcels.append(request.get_json(force=True)["order"])
        return "", 204

    """
    One order is paid for. The bank waits 0.1 seconds for each answer.
    """
    body = json.dumps({"id": "evt-1", "order": 7})
    with servers.serve(naive) as server:
        print("the bank:", deliver(f"{server.url}/paid", body, timeout=0.1))
        server.stop(drain=5)  # what it has begun may finish
        print("parcels: ", parcels)

    """
    Nobody made a mistake that shows: a slow answer and a lost one look the
    same to the bank. And a check is missing. What if somebody else sends this?
    """
    parcels.clear()
    with servers.serve(naive) as server:
        url = f"{server.url}/paid"
        wrong = json.dumps({"id": "evt-2", "order": 99})
        print("somebody:", deliver(url, wrong))
        print("parcels: ", parcels)

    """
    Four things are to do. First check who sent it: a signature over the bytes
    that came, and the time, which is signed as well. Bank and shop have
    agreed on a secret for that (lesson 5 shows the details).
    """
    import hmac

    secret = os.urandom(16)

    def sign(stamp, body):
        return hmac.new(secret, stamp + b"." + body, "sha256").hexdigest()

    def is_genuine(headers, body):
        stamp = headers.get("X-Timestamp", "").encode()
        given = headers.get("X-Signature", "").encode()
        if not hmac.compare_digest(given, sign(stamp, body).encode()):
            return False
        return abs(time.time() - float(stamp)) < 300

    """
    Then: take each id once, answer at once, and do the work afterwards, in a
    thread that takes it out of a queue. (They are in memory here. A real shop
    keeps ids and queue in a database, for the day on which it restarts.)
    """
    import queue

    careful = Flask("careful")
    inbox = queue.SimpleQueue()
    seen = set()
    lock = threading.Lock()

    @careful.post("/paid")
    def paid_and_signed():
        if not is_genuine(request.headers, request.get_data()):
            return {"error": "not signed by the bank, or too old"}, 401
        event = request.get_json(force=True)
        with lock:
            if event["id"] not in seen:
                seen.add(event["id"])
                inbox.put(event)
        return "", 202

    """
    The work, and four messages: a good one, the same once more, one with a
    wrong signature, and a good one that somebody has kept for an hour.
    """

    def work():
        while event := inbox.get():
            time.sleep(0.3)
            parcels.append(event["order"])

    def signed(body, age=0):
        stamp = str(time.time() - age).encode()
        return {"X-Timestamp": stamp, "X-Signature": sign(stamp, body.encode())}

    messages = {
        "good:  ": signed(body),
        "again: ": signed(body),
        "forged:": {**signed(body), "X-Signature": "0" * 64},
        "old:   ": signed(body, age=3600),
    }

    """
    The worker runs in a thread of its own.
    """
    parcels.clear()
    with servers.serve(careful) as server:
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        for name, headers in messages.items():
            print(name, deliver(f"{server.url}/paid", body, headers))
        inbox.put(None)  # no more work
        worker.join(5)
        print("parcels:", parcels)

    """
    And the bank's side, with our client. It repeats a POST only where that
    is safe: an `Idempotency-Key` says that the receiver takes each id once.
    This shop is restarting; it fails at first.
    """
    for headers in ({}, {"Idempotency-Key": "evt-1"}):
        with lab.flapping(fails=1, works=None) as shop:
            reply = clients.post(shop.url, data=body, headers=headers)
            kind = "with a key:" if headers else "without:"
            print(f"{kind:11} status {reply.status_code}, tries: {reply.tries}")

    """
    A sender that tries until it has an answer, and a receiver that takes each
    id once: together each event counts exactly once.
    """


lesson.ends(
    """
    - A server can be silent, gone, broken, or not whom you meant. Each call
      needs a timeout, and each failure a decision.
    - An answer is checked before it is used; whatever was opened is closed.
    - Addresses and keys come from the environment; URLs from outside are
      checked, so that strangers cannot use your program's reach.
    - A name stands for complete things only, and a cut is a place to go on.
    - One look says little. Several looks tell slow, down and flapping apart.
    - Who sends to many needs a limit for the slowest. Who receives must check
      the sender, and count each event once.

    Three questions to check yourself:

    1. `reply = requests.get(url, timeout=5)` raised nothing. What may still be
       wrong with `reply`, and which line finds it?
    2. A guest's program is killed. What does the room's thread for this guest
       see, and what would happen if nobody took the guest off the list?
    3. Your monitor has a client that retries. Which service will it always
       call healthy, and why?

    The answers are in docs/lesson_06.md. Now write it yourself:
    `netbasics practice 6`, with the exercises `is_open`, `broadcast`,
    `parse_answer`, `diagnose`, `tunnel` and `mirror`.

    This was the last lesson. To go on with any of them: `netbasics learn 01`,
    or `netbasics playground` for services of your own to talk to.
    """
)

if __name__ == "__main__":
    lesson.main()
