"""Socket programming: what happens between two programs that talk.

Web applications, calls to services, distributed systems, any exchange of data
between machines: at the bottom there are two programs, each with a socket in
its hand. Who has seen that level can find out what goes wrong above it.

After this lesson you can
- write a client and a server in plain Python, over TCP and over UDP;
- say what a port, an address and a protocol are;
- tell what `b''` from `recv` means, and `Address already in use`.

It takes about twenty minutes. Everything happens on this machine.
"""

try:
    import errno
    import gc
    import os
    import socket
    import threading
    import warnings

    from netbasics import servers, sockets, wire
    from netbasics.course import Lesson
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/01_socket_programming.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step
def someone_to_talk_to():
    """Someone to talk to.

    A *server* waits for others to come; a *client* comes. Here a server is
    waiting already: it greets whoever connects. The client needs four calls:
    create a socket, connect it, receive, close.

    What will `recv` give: the text that was sent, or something else?
    """
    with servers.GreetingServer("Welcome to the café".encode()) as server:
        sock = socket.socket()
        sock.settimeout(5)
        sock.connect(server.address)
        data = sock.recv(1024)
        sock.close()

    print("received:", data)
    print("decoded: ", data.decode())

    """
    Bytes came. A *socket* is one end of a connection, and only bytes travel
    between the two ends. `decode` makes text of them: `é` took two bytes.

    The helper `sockets.ask` makes the same calls, and one thing more that you
    meet in step 3.
    """
    with servers.GreetingServer("Welcome to the café".encode()) as server:
        print(sockets.ask(server.address, b""))
        print(server)


@lesson.step
def the_words_live():
    """The words, live.

    Programs stand on layers. Each one uses only the one below:

    ```
    API       what a request means: "create a user"
    HTTP      requests and answers, as text
    TCP, UDP  bytes from program to program; a port says which program
    IP        packets from machine to machine; an address says which
    ```

    TCP carries a stream of bytes and nothing gets lost. UDP carries single
    messages that may. A *protocol* is what two ends agreed on, at any layer.
    Which port will this client's own end have?
    """
    with servers.EchoServer() as server:
        with socket.create_connection(server.address, timeout=5) as sock:
            print("kind of address:", sock.family.name, "(IPv4)")
            print("kind of socket: ", sock.type.name, "(TCP)")
            print("this end:       ", sock.getsockname())
            print("the other end:  ", sock.getpeername())

    """
    Both ends have an address and a port. The server's port has to be known;
    the client's was given out by the system just now.

    People use names instead of addresses. Before a client can connect, the
    name is looked up. How many addresses does `localhost` have?
    """
    for entry in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM):
        family, _, _, _, address = entry
        print(family.name, address[0])

    """
    One on some machines, two on others: `127.0.0.1` is this machine in IPv4
    (`AF_INET`), `::1` in IPv6 (`AF_INET6`). `create_connection` tries one after
    the other.

    Ports below 1024 are for services that everybody knows, such as 80 for
    HTTP. Most systems let only an administrator listen on them. Are you one?
    """
    try:
        with socket.create_server(("127.0.0.1", 1023)):
            print("port 1023: this account may listen there")
    except OSError as error:
        print("port 1023:", error.strerror)


@lesson.step
def ask_and_answer():
    """Ask and answer.

    Text becomes bytes with `encode`. `sendall` sends all of them. `recv(1024)`
    waits until some bytes are there and returns 1024 of them at most.

    This server sends everything back: an *echo*. When we say that we have sent
    all (`shutdown` of our writing side, SHUT_WR), it is done too and closes.
    What does `recv` return then: an error, `None`, or something else?
    """
    with servers.EchoServer() as server:
        with socket.create_connection(server.address, timeout=5) as sock:
            sock.sendall("one café, please".encode())
            print("answer:", sock.recv(1024))
            sock.shutdown(socket.SHUT_WR)
            for attempt in (1, 2, 3):
                print(f"recv number {attempt} after the end:", sock.recv(1024))

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
    it connects to the server. In how many pieces will the answer pass? And
    what will it note where the answer ends?
    """
    with servers.EchoServer() as server, wire.tap(server.address) as tap:
        with socket.create_connection(tap.address, timeout=5) as sock:
            sock.sendall(b"a longer question")
            pieces = [sock.recv(4)]
            sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(4):
                pieces.append(data)

    print("pieces from recv:", len(pieces))
    print(tap.diagram(width=76))

    """
    The answer passed whole. The system kept it, and `recv` took four bytes at
    a time. The end is no byte: it is a sign of its own, FIN, one for each
    direction. Your `shutdown` sends it, and their `recv` makes `b''` of it.
    """


@lesson.step
def a_server_bare():
    """A server, bare.

    Now the other side. A server makes a socket, takes an address (`bind`) and
    lets clients in (`listen`). Port 0 asks the system for a free port.

    Nobody has called `accept` when our client connects below, and there is
    only one thread. Will `connect` wait for ever?
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    client = socket.create_connection(listener.getsockname(), timeout=5)
    print("client: connected")
    connection, peer = listener.accept()
    print("server: accepted the same:", peer == client.getsockname())
    client.sendall(b"hello")
    connection.sendall(connection.recv(1024).upper())
    print("client: received", client.recv(1024))
    for sock in (client, connection, listener):
        sock.close()

    """
    The system completes connections by itself and keeps them in a queue, the
    *backlog*. `accept` takes the next one out, as a new socket. The listening
    socket only listens.

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
    To do this without our package, put each side into a file and start them
    in two terminals, the server first:

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

    Many examples write `""` instead of `127.0.0.1`. What does that stand for?
    """
    for host in ("127.0.0.1", ""):
        with socket.socket() as sock:
            sock.bind((host, 0))  # and no listen: nobody can connect
            print(f"{host!r:11} means", sock.getsockname()[0])

    """
    `0.0.0.0` is every network that this machine is on, the café's wireless
    too. `127.0.0.1` can only be reached from this machine. While you practise,
    that is what you want.
    """


@lesson.step
def udp():
    """UDP: one message, no connection.

    A UDP socket connects to nobody. `sendto` sends one message, a *datagram*,
    to an address; `recvfrom` returns one, and who sent it.

    Before the server is asked, a stranger sends something to our socket. What
    will the first `recvfrom` return?
    """
    with servers.UDPEchoServer() as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.bind(("127.0.0.1", 0))
            with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                stranger.sendto(b"I am the server", sock.getsockname())
            sock.sendto(b"hello", server.address)
            for _ in range(2):
                data, sender = sock.recvfrom(1024)
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


@lesson.step
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

    A with-block closes at its end, also when an error ends it.
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
    -1 means closed: the system knows an open socket by a number from 0 on.
    """


@lesson.step
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
    Once without the option SO_REUSEADDR, once with it. Which start works?
    """
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


@lesson.step
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
    The first client connects and says nothing. What does the second one get?
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        first = socket.create_connection(listener.getsockname(), timeout=5)
        second = socket.create_connection(listener.getsockname(), timeout=0.3)
        with first, second:
            second.sendall(b"hello")
            try:
                print("second client:", second.recv(1024))
            except TimeoutError:
                print("second client: no answer in 0.3 s")
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


lesson.ends("""
Two programs talk through sockets, and only bytes travel. A server binds,
listens and accepts; a client connects. TCP is a stream with an end (`b''`),
UDP is single datagrams from whoever sends them. Sockets want closing, and a
port is taken for as long as the system says.

Can you answer these?

1. `recv(1024)` returned `b''`. What has happened, and what should a loop do?
2. A server was stopped and says "Address already in use" when it starts again.
   Why, and which option helps?
3. Your echo server works for one client, and the second one waits. What is
   the server doing, and what would you change?

The answers are in docs/lesson_01.md. Next: `netbasics learn 02`, where the
bytes become HTTP.
""")


if __name__ == "__main__":
    lesson.main()
