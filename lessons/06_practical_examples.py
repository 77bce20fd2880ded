"""Practical examples: small programs that survive a bad day.

Web applications, scripts that call services, programs on several machines: all
of them meet servers that are slow, gone or wrong. Six habits help.

After this lesson you can
- name five mistakes of network programs, show what each costs, and repair it
- write a chat room for several people, and notice who has left
- download a file so that a cut connection costs next to nothing
- watch several services, and tell a slow one from one that is down

It takes about thirty minutes. Step 9 has two files for two terminals.
"""

import os
import socket
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from textwrap import fill

try:
    import requests

    from netbasics import apis, certs, clients, guard, lab, servers, urls, wire
    from netbasics.course import Lesson
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/06_practical_examples.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step
def no_timeout():
    """Mistake 1: no timeout.

    Five mistakes come first, each with the habit that repairs it. The `lab`
    has servers for bad days: `silent` takes a request and never answers. And
    here nobody said how long to wait. We run the call in a thread, to be able
    to watch it from outside.

    What will it be doing after half a second, and what will end it?
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


@lesson.step
def no_error_handling():
    """Mistake 2: no error handling.

    Three weather stations are asked in turn. Two answer at once (`slow(0)`).
    The second one is switched off: nothing listens at its address. What will
    the program say about the third?
    """

    def report(stations):
        for name, url in stations.items():
            reply = requests.get(url, timeout=5)
            print(f"{name:5}", reply.json()["celsius"], "degrees")

    sunny, cold = b'{"celsius": 21}', b'{"celsius": -2}'
    with lab.slow(0, content=sunny) as rome, lab.slow(0, content=cold) as oslo:
        with lab.refused() as bonn:
            stations = {"Rome": rome.url, "Bonn": bonn.url, "Oslo": oslo.url}
            try:
                report(stations)
            except Exception as error:
                print("the program ended:", type(error).__name__)

    """
    Nothing. One station took the whole report with it.

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

    A message is for a person to read. What do these two say about the same
    failure?
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


@lesson.step
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
    The careful `.get("cents", 0)` below never fails. What will the basket
    cost, of which the milk alone is worth 120?
    """
    basket = ["bread", "milk", "tea"]
    with servers.serve(app) as server:
        total = 0
        for article in basket:
            reply = requests.get(f"{server.url}/prices/{article}", timeout=5)
            total += reply.json().get("cents", 0)

    print("total:", total, "cents")

    """
    The milk was free. To `requests`, an error page is an answer like any
    other. The habit is the same as before: `raise_for_status()` makes an
    error of it, and so does `[...]` for a field that must be there. No total
    is better than a wrong one.
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


@lesson.step
def an_unclosed_socket():
    """Mistake 4: an unclosed socket.

    This server answers two clients at a time, as a database does that has
    room for so many connections. Our program asks three questions, each over
    a socket of its own, and keeps the sockets in a list.

    Will all three be answered?
    """

    def shout(sock, peer):
        while question := sock.recv(100):
            sock.sendall(question.upper())

    with servers.TCPServer(shout, max_connections=2) as server:
        kept = []
        for question in (b"one?", b"two?", b"three?"):
            sock = socket.create_connection(server.address, timeout=0.5)
            kept.append(sock)
            sock.sendall(question)
            try:
                print(sock.recv(100))
            except TimeoutError:
                print("no answer;", server)
        for sock in kept:
            sock.close()

    """
    The first two questions were answered long ago, and their connections
    held on to both places. Nothing failed while the list was short; such
    programs fail on a busy day.

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


@lesson.step
def a_connection_for_each_request():
    """A connection for each request.

    To open a connection takes time. With HTTPS it takes much more: both ends
    agree on keys, and the client checks the server's certificate. This server
    notes the port that each request comes from, so it can tell connections
    apart.
    """
    from http.server import BaseHTTPRequestHandler

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
    Twenty requests without one, then with: how many connections?
    """

    def measure(name, get):
        ports.clear()
        start = time.perf_counter()
        for _ in range(20):
            get(server.url, verify=pem, timeout=5)
        ms = 1000 * (time.perf_counter() - start)
        print(f"{name:16} {len(ports):2} connections, {ms:4.0f} ms")

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


@lesson.step
def url_and_key_in_the_code():
    """Mistake 5: a URL and a key in the code.

    A program asks for the weather. Address and key were written into it last
    year. Meanwhile the service has moved, the call fails, and the program
    writes the error into its log.

    What can somebody find out who only reads the log?
    """
    with lab.refused() as old:
        url = f"{old.url}/weather?city=Rome&key=sk-7311"
        try:
            requests.get(url, timeout=5)
        except requests.RequestException as error:
            print(fill(f"log: {error}", 76))

    """
    The key. It is also in each copy of the program. And whoever runs it has
    to change the program, now that the service has moved.

    **Habit 5, secrets in the environment:** what differs from place to place
    comes from variables that a shell hands to the program.

    ```
    export WEATHER_URL=https://weather.example WEATHER_KEY=sk-7311
    ```

    Here we set them ourselves. Which part of this request has the key?
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
    it prints. What will it say where they were forgotten?
    """
    with lab.refused() as down:
        os.environ["WEATHER_URL"] = down.url
        with apis.APIClient.from_env("WEATHER") as weather:
            print(weather)
            try:
                weather.get("weather", params={"city": "Rome"})
            except OSError as error:
                print(fill(f"log: {error}", 76))

    del os.environ["WEATHER_URL"], os.environ["WEATHER_KEY"]
    try:
        apis.APIClient.from_env("WEATHER")
    except LookupError as error:
        print(fill(f"{type(error).__name__}: {error}", 76))


@lesson.step
def a_url_from_somebody_else():
    """A URL from somebody else.

    People send our program the address of a page, and it shows them how the
    page begins. Next to it runs a service that only this machine can reach,
    and on the disk there is a file with a password.

    Three people send these three texts. What will they be shown?
    """
    from urllib.request import urlopen

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "secret.txt")
        file.write_text("the password is sesame")
        with lab.slow(0, content=b'{"salary": 4711}') as inside:
            for text in ["http:/shop.example/", file.as_uri(), inside.url]:
                try:
                    with urlopen(text, timeout=5) as reply:
                        print(reply.read(40))
                except OSError as error:
                    print(error)

    """
    Nonsense was an error, by luck. The others were fetched: our program may
    read that file and reach that service, and now strangers can.

    **Habit 6, validated URLs:** a URL from outside is checked before it is
    used. Is a valid one safe? Two questions to four texts:
    """
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


@lesson.step
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
    Ann and Bob come. Bob leaves, and Ann talks on. What will happen, and to
    whom?
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


@lesson.step
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
    Three of them come, and Bob leaves again. Will Ann be heard this time?
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

    One question stays open, for a later day: what does `tell` do while one
    guest's machine takes nothing any more?
    """


@lesson.step
def half_a_file():
    """Half a file.

    A download over a poor line: this server breaks off the first answer
    half-way. The loop below is the usual one. What will be on the disk
    afterwards?
    """
    content = bytes(range(256)) * 4000
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name, "film.mp4")
    with lab.cut_download(content, cuts=1) as peer:
        try:
            with requests.get(peer.url, stream=True, timeout=5) as reply:
                with path.open("wb") as file:
                    for piece in reply.iter_content(16_384):
                        file.write(piece)
        except requests.RequestException as error:
            print("error:", type(error).__name__)

    print("there is", path.name, "with", path.stat().st_size, "bytes")

    """
    A file with the right name and half of its content. The error is soon
    forgotten. What will the program do when it runs the next time?
    """
    if path.exists():
        print("film.mp4 is there already, nothing to do")
        print("whole:", path.read_bytes() == content)

    folder.cleanup()

    """
    Now nobody will ever fetch the other half. So a name must not appear
    before the file is complete. And the half that came was worth keeping.
    """


@lesson.step
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
    is a ChunkedEncodingError.) This line breaks twice. Which three ranges
    will the server be asked for?
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

    content = bytes(range(256)) * 4000
    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_download(content, cuts=2) as peer:
            film = fetch(peer.url, Path(folder, "film.mp4"))
        print("asked for:", [r.header("Range") for r in peer.requests])
        print("whole:    ", film.read_bytes() == content)

    """
    Each attempt went on where the last one had ended. What did the two say to
    each other? A *tap* is a relay that notes what passes, and can read it as
    HTTP. One cut now. Which number will both name after it?
    """
    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_download(content, cuts=1) as peer:
            with wire.tap(peer.address) as tap:
                fetch(tap.url, Path(folder, "film.mp4"))

    first, second = tap.transcript.exchanges()
    print("client:", first.request.method, first.request.get("Range"))
    print(fill(f"server: {first.problem}", 76, subsequent_indent="    "))
    print("client:", second.request.method, second.request.get("Range"))
    print("server:", second.response.status, second.response.reason, end=" ")
    print(second.response.get("Content-Range"))

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
    And if it never works? This server cuts off every answer. What will be in
    the folder afterwards?
    """
    with tempfile.TemporaryDirectory() as folder:
        with lab.cut_off(content) as peer:
            try:
                clients.download(peer.url, Path(folder, "film.mp4"), retries=1)
            except OSError as error:
                print(fill(f"{type(error).__name__}: {error}", 76))
        print("in the folder:", os.listdir(folder))

    """
    Nothing, rather than half a file.
    """


@lesson.step
def a_health_monitor():
    """A health monitor.

    The last program watches services. A check is one request, and its result
    is how long the answer took, or None. Of these four, one answers at once,
    one is slow, one is down, and one is *flapping*: it fails now and then.

    What will one look at each of them tell us?
    """

    def check(url):
        start = time.perf_counter()
        try:
            requests.get(url, timeout=2).raise_for_status()
        except requests.RequestException:
            return None
        return time.perf_counter() - start

    names = ["shop", "search", "mail", "login"]
    with lab.slow(0) as shop, lab.slow(0.15) as search, lab.refused() as mail:
        with lab.flapping(fails=1, works=2) as login:
            services = [shop.url, search.url, mail.url, login.url]
            for name, url in zip(names, services, strict=True):
                print(f"{name:7}", "up" if check(url) else "down")

    """
    Two are up and two are down, it seems. One look cannot tell slow from
    fine, or flapping from down. So look several times, at all four at once.
    (A real monitor waits a while between rounds.) How long will a round take?
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
    People see a shape faster than a table. One sign for each check, higher
    for slower, `x` for a failure:
    """
    utf8 = "utf" in (sys.stdout.encoding or "").lower()
    signs = "▁▂▃▄▅▆▇█" if utf8 else "_.-:=+*#"
    slowest = max(took for past in history.values() for took in past if took)
    for name, past in history.items():
        line = ""
        for took in past:
            line += signs[int(7 * took / slowest)] if took else "x"
        print(f"{name:7} {line}")

    """
    `check` used `requests`. Had it used `clients.get`, what would the monitor
    have seen of `login`?
    """
    with lab.flapping(fails=1, works=2) as login:
        reply = clients.get(login.url)
        print("status", reply.status_code, "after", reply.tries, "tries")
        print("requests that came:", login.attempts)

    """
    A client wants an answer, so it tries again. A monitor wants the truth, so
    it must not: `clients.get(url, retries=0)`.
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

    Three questions to check yourself:

    1. `reply = requests.get(url, timeout=5)` raised nothing. What may still be
       wrong with `reply`, and which line finds it?
    2. A guest's program is killed. What does the room's thread for this guest
       see, and what would happen if nobody took the guest off the list?
    3. Your monitor has a client that retries. Which service will it always
       call healthy, and why?

    The answers are in docs/lesson_06.md. This was the last lesson. To go on
    with any of them: `netbasics learn 01`, or `netbasics playground` for
    services of your own to talk to.
    """
)

if __name__ == "__main__":
    lesson.main()
