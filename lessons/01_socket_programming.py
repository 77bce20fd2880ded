"""Socket programming: what happens between two programs that talk.

Web applications, calls to services, distributed systems, any exchange of data
between machines: at the bottom there are two programs, each with a socket in
its hand. Who has seen that level can find out what goes wrong above it.

After this lesson you can
- write a client and a server in plain Python, over TCP and over UDP;
- say what a port, an address and a protocol are;
- tell what `b''` from `recv` means, and `Address already in use`;
- deeper: cut a stream into messages, use UDP although it loses some, find out
  why two programs wait for each other, and serve fifty clients at once.

The core takes about twenty minutes, the deeper steps half an hour. Everything
happens on this machine.
"""

try:
    import errno
    import gc
    import os
    import selectors
    import socket
    import threading
    import time
    import warnings
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import ExitStack

    from netbasics import servers, sockets, wire
    from netbasics.course import LINUX, Choice, Lesson, Need, Number
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/01_socket_programming.py"
    ) from error

lesson = Lesson(__file__, __doc__)
UNIX = Need("a Unix: others report a short buffer", lambda: os.name == "posix")


@lesson.step(
    ask=Choice(
        "What does `recv` return?",
        {
            "text": "Text was meant. But a socket carries bytes only, and "
            "`recv` cannot know which text they are.",
            "bytes": "Whoever wants text has to decode them.",
            "a number": "In some languages: there `recv` fills a buffer and "
            "says how far. In Python it returns the bytes themselves.",
        },
        truth=lambda ran: {str: "text", bytes: "bytes"}.get(
            type(ran.data), "a number"
        ),
    )
)
def someone_to_talk_to():
    """Someone to talk to.

    A *server* waits for others to come; a *client* comes. Here a server is
    waiting already: it greets whoever connects. The client needs four calls:
    create a socket, connect it, receive, close.
    """
    with servers.GreetingServer("Welcome to the café".encode()) as server:
        sock = socket.socket()
        sock.settimeout(5)
        sock.connect(server.address)
        data = sock.recv(1024)
        print("received:", data)
        print("decoded: ", data.decode())
        sock.close()

    """
    Bytes came. A *socket* is one end of a connection, and only bytes travel
    between the two ends. `decode` makes text of them: `é` took two bytes.

    The helper `sockets.ask` makes the same calls, and one thing more that you
    meet in step 3.
    """
    with servers.GreetingServer("Welcome to the café".encode()) as server:
        print(sockets.ask(server.address, b""))
        print(server)


@lesson.step(
    ask=[
        Choice(
            "Which port will this client's own end have?",
            {
                "the server's": "The client asked for that one. But it is the "
                "other end's, and this end has an address of its own.",
                "another one": "Each end has its own. The system picked one "
                "that was free, as the client did not ask for any.",
            },
            truth=lambda ran: (
                "the server's" if ran.here[1] == ran.there[1] else "another one"
            ),
        ),
        Number(
            "How many addresses does `localhost` have here?",
            part=2,
            truth=lambda ran: len(ran.found),
            right="It depends on the machine, so a program tries them all.",
            low="A name may have several. `create_connection` tries them all.",
            high="A name may have several. This one has no more than that.",
        ),
        Choice(
            "May you listen on port 1023?",
            {
                "yes": "An administrator may, and some systems let anybody.",
                "no": "On most systems these ports are an administrator's.",
            },
            part=3,
            truth=lambda ran: (
                "yes" if ran.port_1023.startswith("this account") else "no"
            ),
        ),
    ]
)
def the_words_live():
    """The words, live.

    Programs stand on layers. Each one uses only the one below:

    ```
    API       what a request means: "create a user"
    HTTP      requests and answers, as text
    TCP, UDP  bytes from program to program; a port says which program
    IP        packets from machine to machine; an address says which
    ```

    TCP carries a stream of bytes without loss; UDP single messages that may
    get lost. A *protocol* is what two ends agreed on, at any layer.
    """
    with servers.EchoServer() as server:
        with socket.create_connection(server.address, timeout=5) as sock:
            print("kind of address:", sock.family.name, "(IPv4)")
            print("kind of socket: ", sock.type.name, "(TCP)")
            here, there = sock.getsockname(), sock.getpeername()
            print("this end:       ", here)
            print("the other end:  ", there)

    """
    Both ends have an address and a port. The server's port has to be known;
    the client's was given out by the system just now.

    People use names instead of addresses. Before a client can connect, the
    name is looked up.
    """
    found = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    for entry in found:
        family, _, _, _, address = entry
        print(family.name, address[0])

    """
    One on some machines, two on others: `127.0.0.1` is this machine in IPv4
    (`AF_INET`), `::1` in IPv6 (`AF_INET6`). `create_connection` tries one after
    the other.

    Ports below 1024 are for services that everybody knows, such as 80 for
    HTTP. Not everybody may listen on them.
    """
    try:
        with socket.create_server(("127.0.0.1", 1023)):
            port_1023 = "this account may listen there"
    except OSError as error:
        port_1023 = error.strerror

    print("port 1023:", port_1023)


@lesson.step(
    ask=[
        Choice(
            "After the end, what does the next `recv` do?",
            {
                "it returns None": "`None` would say so too. Python hands on "
                "what the system says: no bytes.",
                "it returns b''": "No bytes, and at once: it means finished.",
                "it raises an error": "An end in good order is no error. It is "
                "a result like others.",
                "it waits": "It waits while more may come. After the end "
                "nothing can, so it returns at once.",
            },
            truth=lambda ran: (
                "it returns b''" if ran.end == b"" else "it returns None"
            ),
        ),
        Number(
            "In how many pieces does the answer pass the tap?",
            part=3,
            truth=lambda ran: len(ran.answer),
            right="The cuts are made by whoever receives, not on the way.",
            low="It did pass, and then `recv` cut it.",
            high="So many came out of `recv`, perhaps. On the way there were "
            "fewer cuts.",
        ),
    ]
)
def ask_and_answer():
    """Ask and answer.

    Text becomes bytes with `encode`. `sendall` sends all of them. `recv(1024)`
    waits until some bytes are there and returns 1024 of them at most.

    This server sends everything back: an *echo*. When we say that we have sent
    all (`shutdown` of our writing side, SHUT_WR), it is done too and closes.
    """
    with servers.EchoServer() as server:
        with socket.create_connection(server.address, timeout=5) as sock:
            sock.sendall("one café, please".encode())
            print("answer:", sock.recv(1024))
            sock.shutdown(socket.SHUT_WR)
            for attempt in (1, 2, 3):
                end = sock.recv(1024)
                print(f"recv number {attempt} after the end:", end)

    """
    `b''` means: finished, nothing will come any more. It is no error, and it
    comes at once, each time. A loop that takes it for "nothing yet" runs for
    ever and keeps a processor busy.

    So a client that wants the whole answer reads until `b''`.
    """
    with servers.EchoServer() as server:
        with socket.create_connection(server.address, timeout=5) as sock:
            sock.sendall(b"a longer question")
            sock.shutdown(socket.SHUT_WR)
            pieces = []
            while data := sock.recv(4):
                pieces.append(data)
            print(pieces)
            print("whole answer:", b"".join(pieces))
        print("the same with the helper:", sockets.ask(server.address, b"hi"))

    """
    One `sendall` came back in several `recv`s here, since each took only four
    bytes. TCP keeps the order of the bytes. It knows no messages.

    A *tap* is a relay that notes what passes: the client connects to it, and
    it connects to the server. Look at what it notes where the answer ends.
    """
    with servers.EchoServer() as server, wire.tap(server.address) as tap:
        with socket.create_connection(tap.address, timeout=5) as sock:
            sock.sendall(b"a longer question")
            pieces = [sock.recv(4)]
            sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(4):
                pieces.append(data)
        answer = tap.transcript.filter(direction="to-client", kind="chunk")
        print("pieces from recv:   ", len(pieces))
        print("pieces on the way:  ", len(answer))
        print(tap.diagram(width=76))

    """
    The system kept it, and `recv` took four bytes at
    a time. The end is no byte: it is a sign of its own, FIN, one for each
    direction. Your `shutdown` sends it, and their `recv` makes `b''` of it.
    """


@lesson.step(
    ask=[
        Choice(
            "Nobody has called `accept` yet. What does `connect` do?",
            {
                "it waits": "So one would think, and the step would hang. But "
                "the other side's system is there, and it answers.",
                "it fails": "It would if nobody listened. Here somebody does, "
                "though the program is busy.",
                "it succeeds": "The system connects on the server's behalf, "
                "once `listen` has been called.",
            },
            truth=lambda ran: "it succeeds" if ran.connected else "it fails",
        ),
        Choice(
            'Which addresses does `""` stand for?',
            {
                "127.0.0.1": "That would be the careful choice. `bind` takes "
                "an empty host for every address it has.",
                "every address of this machine": "`0.0.0.0` is how one writes "
                "it.",
                "none: it is an error": "It looks like a mistake, and it means "
                "something.",
            },
            part=4,
            truth=lambda ran: (
                "every address of this machine"
                if ran.meaning == "0.0.0.0"
                else ran.meaning
            ),
        ),
    ]
)
def a_server_bare():
    """A server, bare.

    Now the other side. A server makes a socket, takes an address (`bind`) and
    lets clients in (`listen`). Port 0 asks the system for a free port.

    Look at the order: our client connects before `accept` is called, and
    there is only one thread.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname(), timeout=5)
    print("client: connected")
    connection, peer = listener.accept()
    connected = peer == client.getsockname()
    print("server: accepted the same:", connected)

    """
    The system completes connections by itself and keeps them in a queue, the
    *backlog*. `accept` takes the next one out, as a new socket. The listening
    socket only listens; they talk through the other two.
    """
    client.sendall(b"hello")
    connection.sendall(connection.recv(1024).upper())
    print("client: received", client.recv(1024))
    for sock in (client, connection, listener):
        sock.close()

    """
    A server calls `accept` again and again, for one client after the other.
    Here it does so in a *thread*, beside our client; `daemon=True` means that
    the program may end without it.
    """

    def serve(listener):
        for number in (1, 2, 3):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(f"you are number {number}".encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        for _ in range(3):
            print(sockets.ask(listener.getsockname(), b""))
        thread.join()

    """
    Many examples write `""` instead of `127.0.0.1`.
    """
    for host in ("127.0.0.1", ""):
        with socket.socket() as sock:
            sock.bind((host, 0))  # and no listen: nobody can connect
            meaning = sock.getsockname()[0]
            print(f"{host!r:11} means", meaning)

    """
    `0.0.0.0` is every network that this machine is on, the café's wireless
    too. `127.0.0.1` can only be reached from this machine. While you practise,
    that is what you want.

    To do all this without our package, put each side into a file and start
    them in two terminals, the server first:

    ```
    import socket  # server.py
    with socket.create_server(("127.0.0.1", 8000)) as listener:
        while True:
            connection, peer = listener.accept()
            with connection:
                connection.sendall(b"hello")
    ```

    ```
    import socket  # client.py
    with socket.create_connection(("127.0.0.1", 8000)) as sock:
        print(sock.recv(1024))
    ```
    """


@lesson.step(
    ask=Choice(
        "What does the first `recvfrom` return?",
        {
            "the server's answer": "We asked the server, so one expects its "
            "answer. But `recvfrom` returns what came first, from anybody.",
            "what the stranger sent": "It came first. Nothing ties an answer "
            "to a question here.",
            "both, joined": "TCP joins what it carries. Datagrams stay apart.",
        },
        truth=lambda ran: (
            "the server's answer"
            if ran.first[1] == ran.server.address
            else "what the stranger sent"
        ),
    )
)
def udp():
    """UDP: one message, no connection.

    A UDP socket connects to nobody. `sendto` sends one message, a *datagram*,
    to an address; `recvfrom` returns one, and who sent it. Before the server
    is asked, a stranger sends something to our socket.
    """
    with servers.UDPEchoServer() as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.bind(("127.0.0.1", 0))
            with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                stranger.sendto(b"I am the server", sock.getsockname())
            sock.sendto(b"hello", server.address)
            first, second = sock.recvfrom(1024), sock.recvfrom(1024)
            for data, sender in (first, second):
                known = "server" if sender == server.address else "stranger"
                print(f"{data!r:20} from the {known}")

    """
    Anybody may send to an open UDP port, and `recv` alone would not say who
    it was. So look at the sender. Or `connect` the socket: for UDP that sends
    nothing, but afterwards only that peer's datagrams are let in.

    A datagram may get lost, and then nobody tells you. So `sockets.ask_udp`
    takes an answer from the right sender only, waits no longer than its
    timeout, and asks again.
    """
    with servers.UDPEchoServer() as server:
        print(sockets.ask_udp(server.address, b"hello", timeout=1, tries=3))
        print(server)


@lesson.step(
    ask=Choice(
        "An error ends the with-block. Is its socket open afterwards?",
        {
            "open": "Without the with-block it would be: the line that closes "
            "it would never be reached.",
            "closed": "That is what the with-block is for.",
        },
        part=2,
        truth=lambda ran: "closed" if ran.sock.fileno() == -1 else "open",
    )
)
def cleaning_up():
    """Cleaning up.

    Each open socket costs both machines something until it is closed. What
    happens to one that a function forgets? Python warns, but keeps the
    warning to itself unless it is asked.
    """

    def forgetful(address):
        sock = socket.create_connection(address, timeout=5)
        sock.sendall(b"hello")

    with servers.EchoServer() as server:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            forgetful(server.address)
            gc.collect()
        for warning in caught:
            print(warning.category.__name__, str(warning.message)[:23])

    """
    `ResourceWarning: unclosed <socket ...>`. Here Python closed the socket
    when nothing referred to it any more. A socket in a list, in an object or
    in a traceback would have stayed open. `python -X dev` shows such warnings.

    A with-block closes at its end. Here an error ends it early. The number
    that is printed is the one by which the system knows an open socket.
    """
    with servers.EchoServer() as server:
        try:
            with socket.create_connection(server.address, timeout=5) as sock:
                sock.sendall(b"hello")
                raise RuntimeError("something went wrong")
        except RuntimeError as error:
            print("error: ", error)
            print("file descriptor:", sock.fileno())

    """
    -1 means closed: open sockets have numbers from 0 on. A with-block closes
    at its end, also when an error ends it.
    """


@lesson.step(
    ask=Choice(
        "Which of the two starts works?",
        {
            "both": "The first server is gone, so one expects it. But its "
            "connection is still remembered, and it has the same port.",
            "only the one with SO_REUSEADDR": "The option says: never mind the "
            "old connections.",
        },
        part=3,
        truth=lambda ran: (
            "both"
            if ran.started == [0, 1]
            else "only the one with SO_REUSEADDR"
        ),
    )
)
def address_already_in_use():
    """Address already in use.

    The first error that everybody meets. One cause is plain: two servers want
    the same port.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        try:
            socket.create_server(("127.0.0.1", port))
        except OSError as error:
            print(errno.errorcode[error.errno], "-", os.strerror(error.errno))

    """
    The other cause puzzles: the server was stopped, nobody listens, and the
    port is still taken. A server serves one client, stops and starts again.
    """

    def listen(sock, port, option):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, option)
        sock.bind(("127.0.0.1", port))
        sock.listen()

    """
    Once without the option SO_REUSEADDR, once with it:
    """
    started = []
    for option in (0, 1):
        with socket.socket() as before, socket.socket() as after:
            listen(before, 0, option)
            address = before.getsockname()
            client = socket.create_connection(address, timeout=5)
            connection, _ = before.accept()
            for sock in (connection, client, before):  # the server's end first
                sock.close()
            try:
                listen(after, address[1], option)
                started.append(option)
                print(f"SO_REUSEADDR={option}: starts again")
            except OSError as error:
                print(f"SO_REUSEADDR={option}:", error.strerror)

    """
    The side that closes first remembers the connection for a minute or so
    (the state is called TIME_WAIT), in case old packets still come. On Linux
    and macOS that blocks the port, unless the server sets SO_REUSEADDR before
    `bind`. `socket.create_server` sets it, and all of `servers` do.

    Port 0 avoids the question altogether: it always takes a free port.
    """


@lesson.step(
    ask=Choice(
        "What does the second client get?",
        {
            "its answer": "Its bytes did arrive at the server's machine. But "
            "nobody reads them yet.",
            "a refusal": "The system connected it. Nobody knows yet that the "
            "server is busy.",
            "nothing, for as long as the first is there": "The server is in "
            "`recv`, waiting for the first one.",
        },
        part=2,
        truth=lambda ran: (
            "its answer"
            if ran.answer
            else "nothing, for as long as the first is there"
        ),
    )
)
def two_at_once():
    """Two at once.

    This server serves one client after the other.
    """

    def serve(listener):
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(1024):
                    connection.sendall(data)

    """
    The first client connects and says nothing. The second one asks.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        first = socket.create_connection(listener.getsockname(), timeout=5)
        second = socket.create_connection(listener.getsockname(), timeout=0.3)
        with first, second:
            second.sendall(b"hello")
            try:
                answer = second.recv(1024)
            except TimeoutError:
                answer = None
            print("second client:", answer or "no answer in 0.3 s")
        thread.join()

    """
    It was connected, and its bytes had arrived. But the server sat in `recv`
    with the first client. A thread for each connection ends that.
    """

    def echo(connection):
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)

    def serve(listener):
        for _ in range(2):
            connection, _ = listener.accept()
            threading.Thread(target=echo, args=(connection,)).start()

    """
    The same two clients again:
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        first = socket.create_connection(listener.getsockname(), timeout=5)
        second = socket.create_connection(listener.getsockname(), timeout=5)
        with first, second:
            second.sendall(b"hello")
            print("second client:", second.recv(1024))
        thread.join()

    """
    `servers.TCPServer` does the same with what this sketch leaves out: a
    limit on connections, timeouts, errors that end one connection only, and
    an end. The echo server of this lesson is made of it.
    """

    def shout(connection, peer):
        while data := connection.recv(1024):
            connection.sendall(data.upper())

    with servers.TCPServer(shout) as server:
        silent = socket.create_connection(server.address, timeout=5)
        with silent:
            print("second client:", sockets.ask(server.address, b"hello"))
            print(server)


@lesson.step(
    deeper=True,
    ask=Choice(
        "Five orders were sent. What does the one `recv` return?",
        {
            "the first order": "One send, one receive: so it looks. But TCP "
            "carries bytes, and nothing says where a send ended.",
            "several orders in one piece": "All that has arrived comes out "
            "together. Nothing says where a send ended.",
            "five pieces, as a list": "`recv` returns bytes, and has no idea "
            "how many sends they came from.",
        },
        truth=lambda ran: (
            "the first order"
            if ran.piece == b"left"
            else "several orders in one piece"
        ),
    ),
)
def five_sends_one_recv():
    """Five sends, one recv.

    A robot gets five orders, one `sendall` for each. It is busy for a moment,
    then it calls `recv` for the first order.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = sockets.connect(listener.getsockname())
        receiver, _ = listener.accept()
        with sender, receiver:
            for order in (b"left", b"right", b"left", b"stop", b"right"):
                sender.sendall(order)
            time.sleep(0.1)  # the robot is busy
            piece = receiver.recv(1024)
            print("the first order:", piece)

    """
    No such order exists. On a quiet day each `recv` may find one order, and
    the program seems to work.

    So the sender has to mark where a message ends, with a line end here. The
    receiver cuts there and keeps the rest for later. It asks for 7 bytes at a
    time, to show that its own cuts do no harm.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = sockets.connect(listener.getsockname())
        receiver, _ = listener.accept()
        with sender, receiver:
            for order in (b"left", b"right", b"left", b"stop", b"right"):
                sender.sendall(order + b"\n")
            sender.shutdown(socket.SHUT_WR)
            rest, orders = b"", []
            while data := receiver.recv(7):
                *whole, rest = (rest + data).split(b"\n")
                orders += whole
                print(f"{data!r:13} completes {whole}")

    """
    `sockets.Reader` does that, with a limit: else a line that never ends would
    fill the memory. After the last line it returns None.
    """

    def give_orders(connection, peer):
        for order in (b"left", b"right", b"left", b"stop", b"right"):
            connection.sendall(order + b"\n")

    with servers.TCPServer(give_orders) as server:
        with sockets.connect(server.address) as sock:
            reader = sockets.Reader(sock, deadline=5)
            lines = []
            while (line := reader.line(limit=100)) is not None:
                lines.append(line)
            print(lines)
            print(reader.received, "bytes in all")


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "How many bytes does this one `recv` return?",
            {
                "1,000,000": "It may return two million, so why not? Because "
                "it returns what is there, and does not wait for the rest.",
                "some of them": "What was there. The rest comes later.",
                "0": "It waits until at least one byte is there.",
            },
            truth=lambda ran: (
                "some of them" if 0 < len(ran.data) < 1_000_000 else "1,000,000"
            ),
        ),
        Choice(
            "`recv(4)` gets the first four of five bytes. What is decoded?",
            {
                "caf": "Nothing is left out silently: that would hide the "
                "mistake.",
                "café": "The last character has two bytes. One of them is "
                "still on its way.",
                "nothing: it is an error": "Half a character is no "
                "character. Join first, decode afterwards.",
            },
            part=2,
            truth=lambda ran: (
                "nothing: it is an error"
                if ran.text.startswith("error")
                else ran.text
            ),
        ),
        Choice(
            "The server sends half and closes. What does the loop do?",
            {
                "it waits": "It would if the connection were still open.",
                "it returns the half": "That is the dangerous one: a loop that "
                "only stops at `b''` does so, and nobody notices.",
                "it raises an error": "`b''` came before the last byte. "
                "Whoever knows how much to expect can tell.",
            },
            part=4,
            truth=lambda ran: (
                "it raises an error" if ran.error else "it returns the half"
            ),
        ),
    ],
)
def one_send_many_recvs():
    """One send, many recvs.

    The server sends a million bytes with one `sendall`. The client is ready
    to take two million.
    """
    message = ("é" * 500_000).encode()
    with servers.GreetingServer(message) as server:
        with sockets.connect(server.address) as sock:
            data = sock.recv(2_000_000)
            print(f"sent: {len(message):,} bytes, received: {len(data):,}")

    """
    The number is a limit, not an order. And the cut falls anywhere, into a
    character as well: `é` has two bytes.
    """
    with servers.GreetingServer("café") as server:
        with sockets.connect(server.address) as sock:
            data = sock.recv(4)
            try:
                text = data.decode()
            except UnicodeDecodeError as error:
                text = f"error: {error.reason}"
            print(data, "->", text)
            data += sock.recv(4)
            print(data, "->", data.decode())

    """
    Who knows how many bytes to expect calls `recv` until all are there, and
    decodes then:
    """

    def receive_exactly(sock, count):
        pieces, missing = [], count
        while missing:
            data = sock.recv(missing)
            if not data:
                raise EOFError(f"{missing:,} of {count:,} bytes are missing")
            pieces.append(data)
            missing -= len(data)
        return b"".join(pieces)

    with servers.GreetingServer(message) as server:
        with sockets.connect(server.address) as sock:
            whole = receive_exactly(sock, 1_000_000).decode()
            print(f"{len(whole):,} characters, the last one is {whole[-1]}")

    """
    This server breaks off in the middle:
    """
    error = None
    with servers.GreetingServer(message[:500_000]) as server:
        with sockets.connect(server.address) as sock:
            try:
                receive_exactly(sock, 1_000_000)
            except EOFError as caught:
                error = caught
                print("EOFError:", error)

    """
    `sockets.recv_exactly` is this loop with a deadline and less copying. Here
    the server sends everything, and then only half:
    """
    for sent in (message, message[:500_000]):
        with servers.GreetingServer(sent) as server:
            with sockets.connect(server.address) as sock:
                try:
                    data = sockets.recv_exactly(sock, 1_000_000, deadline=5)
                    print(f"{len(data.decode()):,} characters")
                except EOFError as caught:
                    print(type(caught).__name__)
                    print(caught)

    """
    How does a receiver know the number? A *frame* says it first: four bytes
    with the length, then the message. `send_frame` writes one. Reading it by
    hand, and then with a `Reader`:
    """

    def send_words(connection, peer):
        for word in ("café", "", "é" * 500_000):
            sockets.send_frame(connection, word.encode())

    with servers.TCPServer(send_words) as server:
        with sockets.connect(server.address) as sock:
            head = sockets.recv_exactly(sock, 4)
            size = int.from_bytes(head, "big")
            print(head, "->", sockets.recv_exactly(sock, size).decode())
            reader = sockets.Reader(sock, deadline=5)
            while (payload := reader.frame(limit=2_000_000)) is not None:
                print(f"a frame of {len(payload):,} bytes")


@lesson.step(
    deeper=True,
    ask=Choice(
        "`send` gets 20 million bytes, and nobody reads yet. What happens?",
        {
            "it sends all of them": "It would have to keep them somewhere. The "
            "system keeps a part for each connection, and no more.",
            "it sends some and says how many": "As much as there was room "
            "for. The rest is the caller's affair.",
            "it raises an error": "Not while some of them could be taken. It "
            "returns how many that were.",
        },
        truth=lambda ran: (
            "it sends all of them"
            if ran.sent == len(ran.message)
            else "it sends some and says how many"
        ),
    ),
)
def send_sends_some():
    """Send sends some.

    There is `sendall`, and there is `send`. Which of its bytes arrive?
    """
    message = bytes(20_000_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname(), 5) as sock:
            sent = sock.send(message)
            sock.shutdown(socket.SHUT_WR)
            receiver, _ = listener.accept()
            with receiver:
                arrived = 0
                while data := receiver.recv(65536):
                    arrived += len(data)
                print(f"given to send: {len(message):>10,} bytes")
                print(f"send returned: {sent:>10,}")
                print(f"arrived:       {arrived:>10,}")

    """
    No error, and the tail is missing. With short messages `send` takes all,
    so the mistake stays hidden until one is long.

    The repair calls `send` again, with the rest. This server counts what
    arrives and answers with the number:
    """

    def count(connection, peer):
        total = 0
        while data := connection.recv(65536):
            total += len(data)
        connection.sendall(f"{total:,} bytes arrived".encode())

    with servers.TCPServer(count) as server:
        with sockets.connect(server.address, timeout=30) as sock:
            rest = memoryview(message)  # cutting it copies nothing
            while rest:
                rest = rest[sock.send(rest) :]
            sock.shutdown(socket.SHUT_WR)
            counted = sock.recv(100)
            print("send in a loop:", counted.decode())

    """
    `sendall` is that loop. The helper `sockets.ask` does not even wait with
    reading until all is sent; you will see why that matters.
    """
    with servers.TCPServer(count) as server:
        with sockets.connect(server.address, timeout=30) as sock:
            sock.sendall(message)
            sock.shutdown(socket.SHUT_WR)
            print("sendall:       ", sock.recv(100).decode())
            asked = sockets.ask(server.address, message, timeout=30)
            print("sockets.ask:   ", asked.decode())


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What does the first `recv` bring?",
            {
                "the sum": "Three numbers were sent. The server cannot know "
                "that no fourth one follows.",
                "nothing, in 0.3 s": "The server waits for more numbers, and "
                "the client for the sum.",
                "b''": "It would mean that the server has ended. But it still "
                "waits for numbers.",
            },
            part=2,
            truth=lambda ran: (
                "nothing, in 0.3 s" if ran.first is None else "the sum"
            ),
        ),
        Choice(
            "After `shutdown(SHUT_WR)`, what can the client still do?",
            {
                "receive": "Only its own direction has ended.",
                "both": "Its own direction has ended. The other one goes on.",
                "neither": "That is `close`. `shutdown` ends what it names: "
                "here the writing side.",
            },
            part=4,
            truth=lambda ran: {
                (True, False): "receive",
                (True, True): "both",
            }.get((ran.answer == b"6", ran.sending == "works"), "neither"),
        ),
    ],
)
def half_a_goodbye():
    """Half a goodbye.

    This server adds up numbers. It answers when the last one has come:
    """

    def add_up(connection, peer):
        numbers = b""
        while data := connection.recv(1024):
            numbers += data
        connection.sendall(str(sum(map(int, numbers.split()))).encode())

    """
    The client sends its numbers and waits for the sum.
    """
    with servers.TCPServer(add_up) as server:
        with sockets.connect(server.address) as sock:
            sock.settimeout(0.3)
            sock.sendall(b"1 2 3")
            try:
                first = sock.recv(100)
            except TimeoutError:
                first = None
            print(first or "no answer in 0.3 s")

    """
    Both wait. So the client has to say that it has no more to send. The plain
    way to say so is `close`:
    """
    with servers.TCPServer(add_up) as server:
        with sockets.connect(server.address) as sock:
            sock.sendall(b"1 2 3")
            sock.close()
            try:
                closed = sock.recv(100)
            except OSError as error:
                closed = error.strerror
            print("after close:", closed)

    """
    `close` ends both directions, so the sum has nowhere to go. `shutdown` with
    SHUT_WR ends one of them.
    """
    with servers.TCPServer(add_up) as server:
        with sockets.connect(server.address) as sock:
            sock.sendall(b"1 2 3")
            sock.shutdown(socket.SHUT_WR)
            try:
                sock.sendall(b"4")
                sending = "works"
            except OSError as error:
                sending = error.strerror
            print("sending:  ", sending)
            answer = sock.recv(100)
            print("receiving:", answer)

    """
    The same once more, with a tap that looks on:
    """
    with servers.TCPServer(add_up) as server, wire.tap(server.address) as tap:
        with sockets.connect(tap.address) as sock:
            sock.sendall(b"1 2 3")
            sock.shutdown(socket.SHUT_WR)
            print("received:", sock.recv(100), sock.recv(100))
        print(tap.diagram(width=76))

    """
    The FIN of the client came first, then the answer, then the FIN of the
    server. The helper does the same; `half_close=False` leaves it out, for
    servers that take a FIN for "this client has gone".
    """
    with servers.TCPServer(add_up) as server:
        print(sockets.ask(server.address, b"1 2 3"))


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "The server has closed. What happens to two sends?",
            {
                "both succeed": "The first one does, though nobody is there. "
                "The second one meets the other side's objection.",
                "the first succeeds, the second fails": "The first is on its "
                "way before anybody can object.",
                "both fail": "The client's system knows that the server sends "
                "no more. It cannot know that the server reads no more either.",
            },
            part=2,
            truth=lambda ran: {
                (True, True): "both succeed",
                (True, False): "the first succeeds, the second fails",
            }.get(tuple(o == "no error" for o in ran.outcomes), "both fail"),
        ),
        Choice(
            "What do the client's two `recv` bring?",
            {
                "the answer, then b''": "That would be an end in good order. "
                "But the server threw away what it had not read.",
                "the answer, then an error": "A server that closes with input "
                "unread has lost data, and the system says so.",
                "an error, and no answer": "It can happen, when the error "
                "overtakes the answer. That is what makes it so unpleasant.",
            },
            part=4,
            truth=lambda ran: (
                "an error, and no answer"
                if len(ran.received) == 1
                else "the answer, then b''"
                if ran.received[-1] == b""
                else "the answer, then an error"
            ),
        ),
    ],
)
def sending_to_the_dead():
    """Sending to the dead.

    For this step we hold both ends of a connection in one hand:
    """

    def both_ends():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = sockets.connect(listener.getsockname())
            server, _ = listener.accept()
            return client, server

    """
    The server's end is closed. The client does not look, and sends twice.
    """
    client, server = both_ends()
    with client:
        server.close()
        outcomes = []
        for number in (1, 2):
            try:
                client.sendall(b"save this, please")
                outcomes.append("no error")
            except OSError as error:
                outcomes.append(type(error).__name__)
            print(f"send {number}:", outcomes[-1])
            time.sleep(0.1)  # time for the other side to object

    """
    `send` hands the bytes to the system, and returns. They travelled, nobody
    took them, and the answer was a *reset* (RST): no such connection. Only the
    next send could fail. So a send that worked proves nothing. An answer does:
    """
    client, server = both_ends()
    with client:
        server.close()
        try:
            client.sendall(b"save this, please")
            print("saved:", sockets.recv_exactly(client, 2))
        except (EOFError, ConnectionError) as error:
            lost = str(error)
            print("not saved:", lost)

    """
    A reset also comes when a server closes and has not read everything:
    """
    client, server = both_ends()
    with client, server:
        client.sendall(b"PUT a very long document")
        server.recv(3)
        server.sendall(b"too long")
        server.close()
        received = []
        try:
            for _ in range(2):
                received.append(client.recv(100))
        except ConnectionResetError as error:
            received.append(error.strerror)
        print(received)

    """
    The repair: end your own direction, then read on until the other side has
    ended its own, and close then. (With a limit, in a real server.)
    """
    client, server = both_ends()
    with client, server:
        client.sendall(b"PUT a very long document")
        server.recv(3)
        server.sendall(b"too long")
        server.shutdown(socket.SHUT_WR)
        repaired = [client.recv(100), client.recv(100)]
        print(repaired)
        client.close()
        while left := server.recv(65536):
            print("read at the end:", left)
        server.close()

    """
    `servers.TCPServer` reads on for you after the handler's return, for half a
    second and a megabyte at most.
    """

    def refuse(connection, peer):
        connection.recv(3)
        connection.sendall(b"too long")

    with servers.TCPServer(refuse) as server:
        with sockets.connect(server.address) as sock:
            sock.sendall(b"PUT a very long document")
            print([sock.recv(100), sock.recv(100)])


@lesson.step(
    deeper=True,
    ask=Choice(
        "The client sends and reads nothing. When is it stuck?",
        {
            "before a million bytes": "There is more room on the way than one "
            "would think: four buffers.",
            "after a million bytes or more": "The buffers on the way take so "
            "much. That is why tests with short messages never see it.",
            "never": "The server answers each piece. When the answers have no "
            "room left it stops reading, and the client stops as well.",
        },
        part=2,
        truth=lambda ran: (
            "never"
            if not ran.stuck
            else "before a million bytes"
            if ran.sent < 1_000_000
            else "after a million bytes or more"
        ),
    ),
)
def deadlock():
    """Deadlock.

    An echo server as in all textbooks:
    """

    def echo(connection, peer):
        while data := connection.recv(65536):
            connection.sendall(data)

    """
    The client wants to send all of its data first, and to read afterwards. It
    gives up when nothing moved for half a second; then it reads.
    """
    with servers.TCPServer(echo) as server:
        with sockets.connect(server.address) as sock:
            sock.settimeout(0.5)
            sent, stuck = 0, False
            while sent < 100_000_000 and not stuck:
                try:
                    sent += sock.send(bytes(65536))
                except TimeoutError:
                    stuck = True
            print(f"stuck: {stuck}, after {sent:,} bytes")
            back = sockets.recv_exactly(sock, sent, deadline=20)
            print(f"then the client read: {len(back):,} bytes came back")

    """
    Both wanted to send, and nobody read: a *deadlock*. The client's buffer for
    sending and the server's for receiving were full, and the same on the way
    back. As soon as one side read, all went on. So read while you send. A
    thread can do the sending:
    """
    message = bytes(20_000_000)

    def send_all(sock):
        sock.sendall(message)
        sock.shutdown(socket.SHUT_WR)

    with servers.TCPServer(echo) as server:
        with sockets.connect(server.address, timeout=30) as sock:
            thread = threading.Thread(target=send_all, args=(sock,))
            thread.start()
            received = 0
            while data := sock.recv(65536):
                received += len(data)
            thread.join()
            print(f"sent {len(message):,} bytes, received {received:,}")

    """
    `sockets.ask` sends and receives in one thread, whichever is possible. And
    `servers.EchoServer` goes on reading while its client does not, up to a
    limit. Each of them alone would have prevented the deadlock.
    """
    with servers.TCPServer(echo) as server:
        asked = sockets.ask(server.address, message, timeout=30)
        print(f"ask:        {len(asked):,} bytes came back")

    with servers.EchoServer() as server:
        with sockets.connect(server.address, timeout=30) as sock:
            sock.sendall(message)
            echoed = sockets.recv_exactly(sock, len(message), deadline=20)
            print(f"EchoServer: {len(echoed):,} bytes came back")


@lesson.step(
    deeper=True,
    needs=[UNIX],
    ask=[
        Choice(
            "What does the second `recv` return?",
            {
                "the rest of the first message": "So TCP would do it. A "
                "datagram is taken whole, and what does not fit is lost.",
                "the second message": "Each `recv` takes one datagram. What "
                "did not fit was thrown away.",
            },
            truth=lambda ran: (
                "the second message"
                if ran.second == b"bring tea"
                else "the rest of the first message"
            ),
        ),
        Number(
            "Of 5,000 datagrams, how many can be read afterwards?",
            part=2,
            truth=lambda ran: len(ran.arrived),
            unit="datagrams",
            within=0.5,
            right="The receiver's buffer held so many. The others were "
            "dropped when it was full.",
            low="The receiver's buffer holds a few more. What comes when it "
            "is full is dropped.",
            high="There was no error. But the receiver's buffer was full long "
            "before, and what comes then is dropped.",
        ),
        Choice(
            "Each answer comes twice. Which answer does the third question "
            "get?",
            {
                "its own": "So it should be. But the second copies of earlier "
                "answers are still waiting to be read.",
                "the answer to the second one": "The copies are read first, "
                "and each question takes what is next.",
                "none": "There are more answers than questions.",
            },
            part=4,
            truth=lambda ran: {
                "three": "its own",
                "two": "the answer to the second one",
            }.get(ran.replies["three"], "none"),
        ),
    ],
)
def datagrams_lie():
    """Datagrams lie.

    The receiver of these two messages has only room for seven bytes.
    """
    with (
        socket.socket(type=socket.SOCK_DGRAM) as receiver,
        socket.socket(type=socket.SOCK_DGRAM) as sender,
    ):
        receiver.settimeout(5)
        receiver.bind(("127.0.0.1", 0))
        sender.sendto(b"meet me at noon", receiver.getsockname())
        sender.sendto(b"bring tea", receiver.getsockname())
        first, second = receiver.recv(7), receiver.recv(100)
        print("first: ", first)
        print("second:", second)
        sender.sendto(b"meet me at noon", receiver.getsockname())
        whole = receiver.recv(65535)  # the longest datagram fits
        print("with enough room:", whole)

    """
    "meet me" is not what was sent, and no error said so. Now a burst: 5,000
    datagrams, each with a number, and the receiver reads afterwards.
    """
    with (
        socket.socket(type=socket.SOCK_DGRAM) as receiver,
        socket.socket(type=socket.SOCK_DGRAM) as sender,
    ):
        receiver.settimeout(0.2)
        receiver.bind(("127.0.0.1", 0))
        for number in range(5000):
            data = number.to_bytes(4, "big") + bytes(1000)
            sender.sendto(data, receiver.getsockname())
        arrived = []
        try:
            while True:
                arrived.append(int.from_bytes(receiver.recv(2000)[:4], "big"))
        except TimeoutError:
            print(f"arrived: {len(arrived):,}, the last is no. {arrived[-1]}")

    """
    Nobody tells the sender. If it wants to be sure, it asks for an answer, and
    when none comes, it asks again. This peer loses two of three:
    """
    from netbasics import lab

    with lab.udp_drops(lost=2, of=3) as peer:
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.1)
            sock.connect(peer.address)
            answer, tries = None, 0
            while answer is None and tries < 9:
                sock.send(b"hello")
                tries += 1
                try:
                    answer = sock.recv(65535)
                except TimeoutError:
                    print(f"try {tries}: no answer in 0.1 s")
            print(f"try {tries}: {answer}")

    """
    Who asks again may get two answers: the first was only late. Here a peer
    answers each question twice, with an echo of the question.
    """
    replies = {}
    with lab.udp_duplicates() as peer:
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.connect(peer.address)
            for question in ("one", "two", "three"):
                sock.send(question.encode())
                replies[question] = sock.recv(65535).decode()
                print(f"{question:5} -> {replies[question]}")

    """
    A *stale* answer belongs to an earlier question. A number in each question,
    which the answer repeats, tells them apart:
    """
    repaired, stale = {}, 0
    with lab.udp_duplicates() as peer:
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.connect(peer.address)
            for number, question in enumerate(("one", "two", "three")):
                head = number.to_bytes(4, "big")
                sock.send(head + question.encode())
                while (reply := sock.recv(65535))[:4] != head:
                    stale += 1
                repaired[question] = reply[4:].decode()
                print(f"{question:5} -> {repaired[question]}")
            print("stale answers left out:", stale)

    """
    `sockets.ask_udp` asks again, and takes a new socket for each question, so
    that a stale answer goes elsewhere:
    """
    with lab.udp_drops(lost=2, of=3) as peer:
        print(sockets.ask_udp(peer.address, b"hello", timeout=0.1, tries=9))
        print("asked", peer.attempts, "times")

    with lab.udp_duplicates() as peer:
        for question in (b"one", b"two", b"three"):
            print(question, "->", sockets.ask_udp(peer.address, question))


@lesson.step(
    deeper=True,
    needs=[LINUX],
    ask=Number(
        "The backlog is 1, and nobody accepts. How many of 5 clients connect?",
        truth=lambda ran: ran.connected,
        right="Linux keeps one more than the backlog says.",
        low="The system connects them by itself, as long as its queue has "
        "room. Linux keeps one more than the backlog says.",
        high="The queue has an end. Linux keeps one more than the backlog "
        "says, and lets the next one wait.",
    ),
)
def connected_to_nobody():
    """Connected to nobody.

    `listen(1)` asks for a backlog of one: a queue for a single connection.
    The server then has other things to do, and five clients come.
    """
    with socket.socket() as listener, ExitStack() as clients:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        address = listener.getsockname()
        connected, told = 0, "all of them connected"
        try:
            for _ in range(5):
                sock = socket.create_connection(address, timeout=0.3)
                clients.enter_context(sock)  # closes it at the block's end
                sock.sendall(b"hello")
                connected += 1
                print(f"client {connected}: connected, and has sent")
        except TimeoutError:
            told = f"client {connected + 1}: connect timed out"
        print(told)

    """
    The first ones believe that they talk to a server. So a connect that worked
    proves that a machine is there, and not that a program is.

    The one too many got no answer at all: Linux drops its packet, and the
    client's system tries again a second later. Accepting makes room:
    """
    with socket.socket() as listener, ExitStack() as clients:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        address = listener.getsockname()
        served = 0
        for _ in range(5):
            sock = socket.create_connection(address, timeout=5)
            clients.enter_context(sock)
            clients.enter_context(listener.accept()[0])
            served += 1
        print(f"with accept after each: {served} of 5 connected")

    """
    Real clients come in a crowd. So a server has a thread that does nothing
    but accept, and a larger backlog. All of `servers` have both.
    """
    with servers.EchoServer() as server, ExitStack() as clients:
        for _ in range(5):
            sock = clients.enter_context(sockets.connect(server.address))
            sock.sendall(b"hello")
            last = sock.recv(100)
        print("the fifth of five:", last)
        print(server)


@lesson.step(
    deeper=True,
    needs=[LINUX],
    ask=Choice(
        "The listening socket is closed. What do two more clients get?",
        {
            "both are refused": "So `close` sounds. But a thread that waits in "
            "`accept` holds the socket open until it returns.",
            "one is served, one is refused": "The thread in `accept` held the "
            "socket open, for one more client.",
            "both are served": "The thread's next `accept` finds the socket "
            "closed.",
        },
        part=2,
        truth=lambda ran: {
            2: "both are served",
            1: "one is served, one is refused",
        }.get(ran.results.count("served"), "both are refused"),
    ),
)
def closed_still_serving():
    """Closed, still serving.

    A thread serves one client after the other, until `accept` fails:
    """

    def serve(listener, log):
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(b"served")
        except OSError as error:
            log.append(error.strerror)

    def visit(address):
        try:
            return sockets.ask(address, b"").decode()
        except ConnectionRefusedError:
            return "refused"

    """
    Another thread closes the listening socket. The first one sits in `accept`.
    """
    listener, log = socket.create_server(("127.0.0.1", 0)), []
    address = listener.getsockname()
    thread = threading.Thread(target=serve, args=(listener, log), daemon=True)
    thread.start()
    time.sleep(0.2)  # now the thread waits in accept
    listener.close()
    results = [visit(address), visit(address)]
    print("after close:", results)
    thread.join()
    print("then accept failed:", log)

    """
    A program that only closes keeps its port, and its thread, until one more
    client comes. `shutdown` of the listening socket wakes the thread:
    """
    listener, log = socket.create_server(("127.0.0.1", 0)), []
    address = listener.getsockname()
    thread = threading.Thread(target=serve, args=(listener, log), daemon=True)
    thread.start()
    time.sleep(0.2)
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    listener.close()
    print("the thread has ended:", not thread.is_alive(), log)
    repaired = [visit(address), visit(address)]
    print("after shutdown:", repaired)

    """
    Other systems refuse to shut down a listening socket. A second socket, to
    which the accepting thread listens as well, wakes it everywhere. That is
    how `stop` of all `servers` does it:
    """
    with servers.GreetingServer("served") as server:
        print("running:", visit(server.address))
        server.stop()
        stopped = visit(server.address)
        print("stopped:", stopped)
        print(server)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "One at a time takes a second or more. How much faster is a "
            "thread for each?",
            {
                "less than twice as fast": "There is little to compute here. "
                "Nearly all of the time is waiting, and threads wait together.",
                "2 to 10 times": "All of them wait at the same time. What is "
                "left is the work of starting threads, on this machine.",
                "more than 10 times": "All of them wait at the same time.",
            },
            part=4,
            truth=lambda ran: (
                "more than 10 times"
                if ran.gain > 10
                else "2 to 10 times"
                if ran.gain > 2
                else "less than twice as fast"
            ),
        ),
        Choice(
            "The selector has one thread. Which of the others is it like?",
            {
                "one at a time": "It has one thread too. But it waits for all "
                "of its clients at once, and works for whoever is ready.",
                "a thread for each": "Nobody has to wait for a client that is "
                "slow. That takes no threads, only a list of who is ready.",
            },
            part=6,
            truth=lambda ran: (
                "a thread for each"
                if ran.seconds["selectors"] < ran.seconds["one at a time"] / 2
                else "one at a time"
            ),
        ),
    ],
)
def fifty_slow_clients():
    """Fifty slow clients.

    Each of these clients is asked for its name, and needs 20 ms to answer.
    Fifty of them come at the same moment:
    """

    def client(address):
        with socket.create_connection(address, timeout=30) as sock:
            sock.recv(100)
            time.sleep(0.02)
            sock.sendall(b"Ada")
            return sock.recv(100)

    def crowd(address):
        began = time.perf_counter()
        with ThreadPoolExecutor(50) as pool:
            greeted = set(pool.map(client, [address] * 50))
        assert greeted == {b"hello Ada"}
        return time.perf_counter() - began

    """
    The server's side of the talk, and two ways to serve fifty: one at a time,
    and with a thread for each.
    """

    def talk(connection):
        with connection:
            connection.sendall(b"your name?")
            connection.sendall(b"hello " + connection.recv(100))

    def one_at_a_time(listener):
        for _ in range(50):
            talk(listener.accept()[0])

    def a_thread_for_each(listener):
        for _ in range(50):
            connection, _ = listener.accept()
            threading.Thread(target=talk, args=(connection,)).start()

    """
    To measure one, we let it serve in a thread, beside the crowd:
    """

    def measure(serve):
        with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
            thread = threading.Thread(
                target=serve, args=(listener,), daemon=True
            )
            thread.start()
            took = crowd(listener.getsockname())
            thread.join()
            return took

    """
    Fifty times 20 ms are one second.
    """
    seconds = {
        "one at a time": measure(one_at_a_time),
        "threads": measure(a_thread_for_each),
    }
    gain = seconds["one at a time"] / seconds["threads"]
    print(f"one at a time:     {seconds['one at a time']:.2f} s")
    print(f"a thread for each: {seconds['threads']:.2f} s")
    print(f"{gain:.0f} times as fast")

    """
    A *selector* waits for many sockets at once and says which are ready. One
    thread can then serve whoever is:
    """

    def selecting(listener):
        ended = 0
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            while ended < 50:
                for key, _ in selector.select(timeout=5):
                    if key.fileobj is listener:
                        connection, _ = listener.accept()
                        connection.sendall(b"your name?")
                        selector.register(connection, selectors.EVENT_READ)
                    else:
                        selector.unregister(key.fileobj)
                        with key.fileobj as connection:
                            name = connection.recv(100)
                            connection.sendall(b"hello " + name)
                        ended += 1

    """
    The same crowd again:
    """
    seconds["selectors"] = measure(selecting)
    print(f"selectors: {seconds['selectors']:.2f} s")

    """
    `asyncio` has a selector inside. With it, each talk is written from top to
    bottom again; at each `await` the others go on (lesson 5 has more).
    """

    import asyncio

    async def greet(reader, writer):
        writer.write(b"your name?")
        writer.write(b"hello " + await reader.read(100))
        writer.close()
        await writer.wait_closed()

    async def serve_with_asyncio():
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            address = server.sockets[0].getsockname()
            return await asyncio.to_thread(crowd, address)

    seconds["asyncio"] = asyncio.run(serve_with_asyncio())
    print(f"asyncio: {seconds['asyncio']:.2f} s")

    """
    All of them in one picture, with `servers.TCPServer`, which gives each
    client a thread:
    """
    from netbasics import pictures

    with servers.TCPServer(lambda connection, peer: talk(connection)) as server:
        seconds["TCPServer"] = crowd(server.address)
        chart = pictures.bars(seconds, unit="s", title="Fifty slow clients")
        print(chart)
        print(server)

    """
    Threads are simple, and each costs memory. A selector has room for more
    clients, and its code is turned inside out. `asyncio` is in between. Only
    one at a time is wrong: whoever is slow makes all others wait.
    """


lesson.ends("""
Two programs talk through sockets, and only bytes travel. A server binds,
listens and accepts; a client connects. TCP is a stream with an end (`b''`):
it keeps bytes and no messages, so you mark where one ends. UDP is single
datagrams that may be lost, doubled or cut. A send that worked proves little,
an answer does. And nobody should wait for one slow client.

Can you answer these?

1. `recv(1024)` returned `b''`. What has happened, and what should a loop do?
2. A server was stopped and says "Address already in use" when it starts again.
   Why, and which option helps?
3. Your echo server works for one client, and the second one waits. What is
   the server doing, and what would you change?

The answers are in docs/lesson_01.md.

Now write it yourself: `netbasics practice 1` has greeting, recv_exactly,
read_lines, recv_frame, request and serve.

Next: `netbasics learn 02`, where the bytes become HTTP.
""")


if __name__ == "__main__":
    lesson.main()
