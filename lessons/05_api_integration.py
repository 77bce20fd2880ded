"""API integration: programs that use what other programs offer.

Payments, maps, the weather: applications are put together from services that
others run, and so are the parts of any larger system. They exchange data
through APIs; this lesson builds a client for one.

After this lesson you can
- create, read, replace, change and delete what an API keeps
- write a client class that checks each answer and shows its key to nobody
- fetch all pages of a list, and keep to a limit of requests
- ask for many things at once, and measure what it brings

It takes about twenty minutes. Lesson 2 is a good start, but not required.
"""

import asyncio
import time
from textwrap import fill

try:
    import requests

    from netbasics import aio, apis, lab, limits, playground, servers
    from netbasics.course import Lesson
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/05_api_integration.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step
def one_user():
    """One user, from beginning to end.

    An *API* is an agreement on how one program asks another. Over HTTP it says
    which things there are (*resources*, each with a URL), what can be done
    with them (methods), and how it went (status). The data is JSON.

    Here is the life of one user, as methods and what is sent with them:
    """
    life = [
        ("POST", {"name": "Lin", "email": "lin@example.com"}),  # create
        ("GET", None),  # read
        ("PUT", {"name": "Lin Wu", "email": "lin@example.com"}),  # replace
        ("PATCH", {"email": "wu@example.com"}),  # change
        ("DELETE", None),
        ("GET", None),
    ]

    """
    Each method changes what the next one finds. Which answers will have no
    data, and what will the last status be?
    """
    path = "/users"
    with playground.run() as play:
        for method, data in life:
            url = play.users_flask + path
            reply = requests.request(method, url, json=data, timeout=5)
            answer = f"{reply.status_code} {reply.text.strip()}"
            print(f"{method:6} {path:8} {answer}")
            path = reply.headers.get("Location", path)

    """
    `/users` is the list. The answer to POST said in its header `Location` where
    the new user is, and all else was done there. 204 means: done, and there is
    nothing to say.

    PUT and PATCH look alike. Here both are sent a name and no email address.
    What will each of them make of it?
    """
    with playground.run() as play:
        url = f"{play.users_flask}/users/1"
        for method in ("PATCH", "PUT"):
            data = {"name": "Ada L."}
            reply = requests.request(method, url, json=data, timeout=5)
            print(f"{method:5} {reply.status_code} {reply.text.strip()}")

    """
    PATCH changes what is sent. PUT puts a whole user in the place of the old
    one, so a part is missing. This API says no; another might keep a user
    without an address.

    An API says no with a status and a reason. Four requests that are refused:
    which of the statuses can you tell before you run it?
    """
    ada = {"name": "Ada", "email": "ada@example.com"}  # she is there already
    asked = [
        ("GET", "/users/99", None),
        ("POST", "/users", {"name": "Eve"}),
        ("POST", "/users", ada),
        ("POST", "/users/1", ada),
    ]
    with playground.run() as play:
        for method, path, data in asked:
            url = play.users_flask + path
            reply = requests.request(method, url, json=data, timeout=5)
            answer = f"{reply.status_code} {reply.json()['error']}"
            print(f"{method:4} {path:9} {answer}")

    """
    4xx says that the request is at fault. 404: there is no such thing. 422: the
    data does not fit. 409: it conflicts with what is there. 405: this resource
    does not know the method.

    Without our practice API, the smallest one to try: two files, two terminals.

    ```
    from flask import Flask  # server.py
    app = Flask("practice")
    app.get("/users/1")(lambda: {"id": 1, "name": "Ada"})
    app.run(port=8000)

    import requests  # client.py
    print(requests.get("http://127.0.0.1:8000/users/1", timeout=5).json())
    ```
    """


@lesson.step
def base_and_endpoint():
    """Base and endpoint.

    All URLs of an API begin alike, with its *base URL*, such as
    `https://api.example/v1`. The *endpoint*, `users/1`, comes behind it. One
    is in the settings, the other in the code. Who writes the slash?

    This server has one user, at one path. Three ways to put base and endpoint
    together, in four spellings: which of the twelve find the user?
    """
    from http.server import BaseHTTPRequestHandler
    from urllib.parse import urljoin

    class OneUser(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/v1/users/1" else 404)
            self.end_headers()

    """
    The columns are `base + endpoint`, an f-string with a slash between, and
    `urljoin`:
    """
    spellings = [
        (base, endpoint)
        for base in ("/v1", "/v1/")
        for endpoint in ("users/1", "/users/1")
    ]
    with servers.serve(OneUser) as server:
        for base, end in spellings:
            print(f"{base:4} {end:8}", end=" ")
            for path in (base + end, f"{base}/{end}", urljoin(base, end)):
                reply = requests.get(server.url + path, timeout=5)
                print(f"| {reply.status_code} {path:14}", end="")
            print()

    """
    Each way is right for some spelling, so each of them passes a test now and
    then. A slash is lost, or doubled, or `urljoin` follows the endpoint as if
    it were a link, and loses `/v1`.

    The repair is to settle the seam yourself: take away what slashes there
    are, and put one. `APIClient`, the helper of this lesson, does it too:
    """
    with servers.serve(OneUser) as server:
        for base, end in spellings:
            url = f"{server.url}{base}".rstrip("/") + "/" + end.lstrip("/")
            plain = requests.get(url, timeout=5)
            with apis.APIClient(server.url + base) as client:
                ours = client.request("GET", end)
            print(f"{base:4} {end:8}", plain.status_code, ours.status_code)

    """
    If a part of the endpoint comes from outside, such as a name, give the
    helper a tuple: `("users", name)`. It encodes each part, and a name like
    `../admin` leads nowhere else.
    """


# A class at the prompt may have no blank line inside, and ruff would put some.
# fmt: off
@lesson.step
def a_client_class():
    """A client class.

    What all calls have in common goes into one place: base URL, session,
    timeout, and the key that says who is asking. A first version:
    """
    class Client:
        def __init__(self, base_url, key):
            self.base_url = base_url.rstrip("/")
            self.session = requests.Session()
            self.session.headers["Authorization"] = f"Bearer {key}"
        def call(self, method, endpoint, **options):
            url = f"{self.base_url}/{endpoint.lstrip('/')}"
            reply = self.session.request(method, url, timeout=5, **options)
            return reply.json()
        def get(self, endpoint, **params):
            return self.call("GET", endpoint, params=params)
        def post(self, endpoint, data):
            return self.call("POST", endpoint, json=data)
        def close(self):
            self.session.close()

    """
    The program creates a user and goes on to use its number. But somebody
    forgot the email address. Where will that be noticed?
    """
    from contextlib import closing

    with playground.run() as play:
        with closing(Client(play.textbook, "practice-token")) as client:
            print(client.get("private"))
            print(client.get("users", limit=1))
            user = client.post("users", {"name": "Lin"})
            print("created:", user.get("name"), user.get("id"))
            print(client.get(f"users/{user.get('id')}"))

    """
    Nowhere. The program reported a user that was never created, and asked for
    the user `None`: its class looks at no status, and takes a refusal for data.

    An answer that says no has to become an error, in the one place for all:
    """
    class CheckedClient(Client):
        def call(self, method, endpoint, **options):
            url = f"{self.base_url}/{endpoint.lstrip('/')}"
            reply = self.session.request(method, url, timeout=5, **options)
            reply.raise_for_status()
            return reply.json() if reply.content else None

    with playground.run() as play:
        with closing(CheckedClient(play.textbook, "practice-token")) as client:
            print(client.call("DELETE", "users/1"))
            try:
                client.post("users", {"name": "Lin"})
            except requests.HTTPError as error:
                print(error)
                print(error.response.json()["errors"])

    """
    Now it stops where it went wrong. (DELETE has an answer without a body:
    without the check for `content`, it would have been a JSONDecodeError.)

    The message of `raise_for_status` has the status and no reason. For that,
    look into the answer. The helper does:
    """
    with playground.run() as play:
        with apis.APIClient(play.textbook, api_key="practice-token") as client:
            print(client.get("users", params={"limit": 1}))
            print(client.delete("users/1"))
            try:
                client.post("users", {"name": "Lin"})
            except apis.APIError as error:
                print(error.status)
                print(fill(str(error), 76, subsequent_indent="    "))

    """
    It also sends again what may be sent again, when the server is busy, and
    has an end to every call. A page of HTML in place of JSON is an `APIError`
    as well.
    """
# fmt: on


@lesson.step
def where_a_key_turns_up():
    """The key: where it turns up.

    A *key* (or token) is what a password is to people: whoever has it can act,
    and pay, in your name. Many examples write it into the URL. This server
    notes the first line of each request, as servers do.
    """
    from http.server import BaseHTTPRequestHandler

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self):
            print("server's log:", self.requestline)
            self.send_response(204)
            self.end_headers()

    """
    The client asks twice. The second time the server is gone, and the client
    notes the error. (The key is made up.) Who has the key afterwards?
    """
    query = {"city": "Oslo", "api_key": "made-up-key-123"}
    with servers.serve(Noting) as server:
        requests.get(f"{server.url}/weather", params=query, timeout=5)

    try:
        requests.get(f"{server.url}/weather", params=query, timeout=5)
    except requests.ConnectionError as error:
        text = str(error).partition(" (Caused")[0]
        print(fill(f"client's log: {text}", 76, subsequent_indent="    "))

    """
    URLs are not secret: servers note them, errors show them, browsers remember
    them. A header is the place for a key.

    But the key is also in the program, here in a client that is a dataclass.
    What will a line in the program's log show of it?
    """
    import logging
    import sys
    from dataclasses import dataclass

    @dataclass
    class Client:
        base_url: str
        api_key: str = "made-up-key-123"

    log = logging.getLogger("shop")
    handler = logging.StreamHandler(sys.stdout)
    log.addHandler(handler)
    log.warning("no answer: %s", Client("https://api.example"))
    log.removeHandler(handler)

    """
    The repr of an object goes wherever the object is printed, and a dataclass
    shows all its fields. Besides, the key is in the source: in the repository,
    in its history for ever, and on the screen of everybody who reads it.
    """


@lesson.step
def the_key_stays_hidden():
    """The key: from the environment, shown to nobody.

    The key is handed to the program when it starts, in an environment
    variable. In a shell (on Windows `set` in place of `export`):

    ```
    export SHOP_KEY=practice-token
    python shop.py
    ```

    Here `patch.dict` plays the part of the shell.
    """
    import os
    from unittest.mock import patch

    shell = patch.dict(os.environ, SHOP_KEY="practice-token")
    with shell:
        print("inside: ", "SHOP_KEY" in os.environ)

    print("outside:", "SHOP_KEY" in os.environ)

    """
    `repr=False` keeps the field out of the repr, and the key travels in a
    header. Will it still open the door?
    """
    from dataclasses import dataclass, field

    @dataclass
    class Client:
        base_url: str
        api_key: str = field(repr=False)

    def fetch(client):
        headers = {"Authorization": f"Bearer {client.api_key}"}
        url = f"{client.base_url}/private"
        return requests.get(url, headers=headers, timeout=5).json()

    with shell, playground.run() as play:
        client = Client(play.textbook, os.environ["SHOP_KEY"])
        print(client)
        print(fetch(client))

    """
    The source has no key any more, and neither has the repr. One more place:
    tools that report errors (pytest with `-l`, services that collect
    tracebacks) note the local variables of each function.
    """
    from traceback import TracebackException

    def report(call, *arguments):
        try:
            call(*arguments)
        except OSError as error:
            traceback = TracebackException.from_exception(
                error, capture_locals=True
            )
            return "".join(traceback.format()).splitlines()

    """
    Nobody answers now. Will the report show the key?
    """
    with lab.refused() as nobody, shell:
        client = Client(nobody.url, os.environ["SHOP_KEY"])
        lines = report(fetch, client)

    found = [line.strip() for line in lines if "practice-token" in line]
    print(f"{len(found)} of {len(lines)} lines show the key, in the variables")
    print(", ".join(sorted({line.partition(" = ")[0] for line in found})))

    """
    It is in our `headers`, and in variables of the libraries below. The helper
    reads SHOP_URL and SHOP_KEY, keeps the key in an object that does not show
    it, and lets no error carry it out:
    """
    with lab.refused() as nobody, shell:
        with patch.dict(os.environ, SHOP_URL=nobody.url):
            client = apis.APIClient.from_env("SHOP", retries=0)
            print(client)
            lines = report(client.get, "private")
            client.close()

    found = [line for line in lines if "practice-token" in line]
    print(f"{len(found)} of {len(lines)} lines show the key; the error is")
    print(fill(lines[-1].partition(": ")[2], 76))

    """
    And if the variable was forgotten? Then say so at the start, and not with a
    401 in the middle of the work. What does each of the two print?
    """

    def read_it():
        return os.environ["SHOP_KEY"]

    def read_both():
        return apis.APIClient.from_env("SHOP")

    for read in (read_it, read_both):
        try:
            read()
        except LookupError as error:
            text = f"{type(error).__name__}: {error}"
            print(fill(text, 76, subsequent_indent="    "))


@lesson.step
def all_pages():
    """All pages.

    A long list comes in *pages*. The practice API has 25 users. How many does
    a request for `/users` return, and how does one notice that there are more?
    """
    with playground.run() as play:
        reply = requests.get(f"{play.textbook}/users", timeout=5)
        print(len(reply.json()), "users, from", reply.json()[0]["name"])
        for name in ("Content-Type", "Link"):
            print(f"{name}: {reply.headers[name].partition(',')[0]}")

    """
    A plain list of 20, and no error: only a header says that there is a next
    page. So a loop over `?page=1`, `?page=2` ... is needed. When does it stop?

    One idea: a page that is not full is the last one. (Pages of 30 are usual.)
    """

    def until_not_full(url, size=30):
        users, page = [], 1
        while True:
            reply = requests.get(url, params={"page": page}, timeout=5)
            users += reply.json()
            if len(reply.json()) < size:
                return users
            page += 1

    """
    Another idea: the page behind the last one is not found.
    """

    def until_not_found(url):
        users = []
        for page in range(1, 41):  # or it would still be running
            reply = requests.get(url, params={"page": page}, timeout=5)
            if reply.status_code == 404:
                break
            users += reply.json()
        print(f"page {page}: {reply.status_code} {reply.text}")
        return users

    """
    Will each of them find all 25, and with how many requests?
    """
    for way in (until_not_full, until_not_found):
        with playground.run() as play:
            users = way(f"{play.textbook}/users")
            print(f"{way.__name__}: {len(users)} users")
            print(f"  {play}")

    """
    The first stopped too early: the server decides the size of a page. The
    second would never have stopped: for this server, as for many, a page
    behind the last is an empty list with status 200.

    So: until a page is empty. A generator hands out the users one by one.
    """

    def each_item(url, limit=10):
        for page in range(1, 1000):
            query = {"page": page, "limit": limit}
            reply = requests.get(url, params=query, timeout=5)
            reply.raise_for_status()
            if not reply.json():
                return
            yield from reply.json()

    """
    All users first; then only three of them. How many requests will each take?
    """
    from itertools import islice

    for most in (None, 3):
        with playground.run() as play:
            users = each_item(f"{play.textbook}/users")
            names = [user["name"] for user in islice(users, most)]
            print(len(names), "users;", play)

    """
    Three full or half full pages and an empty one; for three users, the first
    page was enough. The helper has it as `items`. With `by="link"` it follows
    the header instead, and needs no empty page at the end:
    """
    for by in ("page", "link", "cursor"):
        with playground.run() as play, apis.APIClient(play.textbook) as client:
            users = client.items("users", by=by, params={"limit": 10})
            print(f"{by:6} {len(list(users))} users; {client}")

    """
    (A *cursor* is a mark that the server gives for "go on here".) One trap is
    left. This list of two repositories does not know pages at all, and so it
    ignores `?page=2`. What does each loop make of that?
    """
    with playground.run() as play:
        repos = each_item(f"{play.textbook}/users/octocat/repos")
        print([repo["name"] for repo in islice(repos, 4)], "...")
        with apis.APIClient(play.textbook) as client:
            try:
                print(list(client.items("users/octocat/repos")))
            except apis.APIError as error:
                text = str(error).partition("; what came")[0]
                print(fill(text, 76, subsequent_indent="    "))

    """
    The bound in `range(1, 1000)` is not decoration. The helper notices that a
    page came twice.
    """


@lesson.step
def five_a_second():
    """Five a second.

    A service that many use has a limit, so that one client cannot take it away
    from the others. This endpoint takes six requests a second. Nine in a row,
    as fast as they go: what will the last ones get?
    """
    with playground.run() as play:
        url = f"{play.textbook}/limited?limit=6&per=1"
        for number in range(1, 10):
            reply = requests.get(url, timeout=5)
            left = reply.headers["X-RateLimit-Remaining"]
            wait = reply.headers.get("Retry-After")
            print(f"{number}: {reply.status_code}, {left} left, wait: {wait}")

    """
    429, Too Many Requests, and how many seconds to wait. A client that goes on
    all the same may be locked out. Better to stay a little below: five a
    second.

    The first idea is a pause of 0.2 s between two calls. How many will it be
    in a second, if each call takes 0.1 s itself?
    """

    def rate(times):
        return (len(times) - 1) / (times[-1] - times[0])

    times = []
    with playground.run() as play:
        url = f"{play.textbook}/slow?seconds=0.1"
        for number in range(3):
            if number > 0:
                time.sleep(0.2)
            times.append(time.monotonic())
            requests.get(url, timeout=5)

    print(f"a pause between calls: {rate(times):.1f} a second")

    """
    The pause is added to what the call takes. So it is too slow, and how much
    too slow is up to the server. Instead, plan when the next call is due, and
    sleep only until then:
    """
    times = []
    with playground.run() as play:
        url = f"{play.textbook}/slow?seconds=0.1"
        due = time.monotonic()
        while len(times) < 3:
            time.sleep(max(0, due - time.monotonic()))
            due = time.monotonic() + 0.2
            times.append(time.monotonic())
            requests.get(url, timeout=5)

    print(f"sleep until it is due: {rate(times):.1f} a second")

    """
    The helper `RateLimiter` keeps such a plan, also for several threads and
    for `async`. Four calls, to an endpoint that takes three in half a second.
    Will one of them be refused?
    """
    limiter = limits.RateLimiter(5)
    times = []
    with playground.run() as play:
        url = f"{play.textbook}/limited?limit=3&per=0.5"
        while len(times) < 4:
            limiter.acquire()
            times.append(time.monotonic())
            print(requests.get(url, timeout=5).status_code, end=" ")

    print(f"\nwith the limiter: {rate(times):.1f} a second")
    print(limiter)

    """
    `acquire` waits for the next turn. `APIClient(url, limiter=limiter)` asks
    for a turn before each request.

    Stay below a limit rather than on it: the server counts when requests
    arrive, and on the way they lose their even distance.
    """


@lesson.step
def two_coroutines():
    """Two coroutines.

    A program that talks to services mostly waits. With `async` it can do
    something else meanwhile. `async def` makes a *coroutine function*. What
    does calling it print?
    """

    async def ask(name, seconds):
        print(f"  {name} is asked")
        await asyncio.sleep(seconds)  # stands for the wait for a server
        print(f"  {name} has answered")
        return name

    coroutine = ask("weather", 0.05)
    print("type:", type(coroutine).__name__)
    print("result:", asyncio.run(coroutine))

    """
    Calling it ran nothing. It made a *coroutine*, a call that waits to be run.
    `asyncio.run` runs it in an *event loop*, until its end. At `await` the
    coroutine says: I have to wait here, let others go on.

    Two of them now, in two ways. In which order will the four lines come, and
    how long does each way take?
    """

    async def one_after_the_other():
        await ask("weather", 0.1)
        await ask("maps", 0.05)

    async def together():
        await asyncio.gather(ask("weather", 0.1), ask("maps", 0.05))

    for way in (one_after_the_other, together):
        began = time.perf_counter()
        print(f"{way.__name__}:")
        asyncio.run(way())
        print(f"  {time.perf_counter() - began:.2f} s")

    """
    `await` waits for one before the next begins. `gather` starts both and waits
    for both; it takes as long as the slower one. All of it is one thread: while
    one coroutine waits, the other runs.

    Only at an `await` can another one run. What if there is none, and the wait
    is a plain `time.sleep`?
    """

    async def ask(name, seconds):
        print(f"  {name} is asked")
        time.sleep(seconds)
        print(f"  {name} has answered")

    began = time.perf_counter()
    asyncio.run(together())
    print(f"  {time.perf_counter() - began:.2f} s")

    """
    One after the other again, although it says `gather`. `time.sleep` and
    `requests.get` hold up the whole loop. Inside `async def` use libraries
    made for it, such as aiohttp, or hand the call to a thread:
    """

    async def in_threads():
        await asyncio.gather(
            asyncio.to_thread(time.sleep, 0.1),
            asyncio.to_thread(time.sleep, 0.1),
        )

    began = time.perf_counter()
    asyncio.run(in_threads())
    print(f"two waits of 0.1 s: {time.perf_counter() - began:.2f} s")


@lesson.step
def many_at_once():
    """Many at once, and not too many.

    This server takes 0.02 s for each answer, and notes how many requests were
    there at the same time. (`aiohttp`, for `async`, has a server and a client.)
    """
    import aiohttp
    from aiohttp import web

    state = {"now": 0, "most": 0}

    async def answer(request):
        state["now"] += 1
        state["most"] = max(state["most"], state["now"])
        await asyncio.sleep(0.02)
        state["now"] -= 1
        return web.json_response(int(request.match_info["number"]))

    """
    Twelve numbers are asked for, each at a URL of its own. The results have to
    be in the order of the URLs.
    """

    def measure(way):
        state["most"] = 0
        app = web.Application()
        app.router.add_get("/{number}", answer)
        with servers.serve(app) as server:
            urls = [f"{server.url}/{number}" for number in range(12)]
            began = time.perf_counter()
            numbers = asyncio.run(way(urls))
            print(f"{way.__name__}: {time.perf_counter() - began:.2f} s")
            print("  most at once:", state["most"])
            print("  in order:", numbers == list(range(12)))

    """
    The client's side: a session with a timeout, and a function for one URL.
    """

    def new_session():
        limit = aiohttp.ClientTimeout(total=5)
        return aiohttp.ClientSession(timeout=limit, raise_for_status=True)

    async def fetch(session, url):
        async with session.get(url) as reply:
            return await reply.json()

    """
    Two ways to use them for all. Which of them is many at once?
    """

    async def in_a_loop(urls):
        async with new_session() as session:
            return [await fetch(session, url) for url in urls]

    async def with_gather(urls):
        async with new_session() as session:
            return await asyncio.gather(*[fetch(session, u) for u in urls])

    measure(in_a_loop)
    measure(with_gather)

    """
    `await` in a loop is one after the other, with more words. `gather` brought
    all of them down on the server in one moment. With twelve that is fine; with
    a thousand, a server answers 429 or 503, or nothing.

    A *semaphore* lets only so many in at a time, here five:
    """

    async def fetch_inside(gate, session, url):
        async with gate:
            return await fetch(session, url)

    async def with_semaphore(urls):
        gate = asyncio.Semaphore(5)
        async with new_session() as session:
            return await asyncio.gather(
                *[fetch_inside(gate, session, url) for url in urls]
            )

    measure(with_semaphore)

    """
    The helper has the limit built in. And where `gather` raises the first
    error and the other results are lost, it puts an error into its place:
    """

    async def with_fetch_all(urls):
        replies = await aio.fetch_all(urls, limit=5)
        return [reply.json() for reply in replies]

    measure(with_fetch_all)

    async def with_a_failure(url):
        return await aio.fetch_all([f"{url}/data", f"{url}/none"])

    with playground.run() as play:
        for outcome in asyncio.run(with_a_failure(play.textbook)):
            print(type(outcome).__name__, outcome.status)


@lesson.step
def how_much_it_brings():
    """3, 30, 300.

    How much does "at once" bring? Three ways to fetch a list of URLs:
    """
    from concurrent.futures import ThreadPoolExecutor

    def in_sequence(urls):
        with requests.Session() as session:
            return [session.get(url, timeout=5).json() for url in urls]

    def fetch(url):
        return requests.get(url, timeout=5).json()

    def in_threads(urls):
        with ThreadPoolExecutor(20) as pool:
            return list(pool.map(fetch, urls))

    def with_aiohttp(urls):
        results = asyncio.run(aio.fetch_all(urls, limit=20))
        return [result.json() for result in results]

    """
    Twenty threads, or twenty requests under way in one thread. Each answer
    takes the server 0.01 s. What do you expect for 3, for 30, for 300 URLs?

    (300 in sequence would take too long for a lesson. They are not run.)
    """
    took = {}
    ways = (in_sequence, in_threads, with_aiohttp)
    with playground.run() as play:
        url = f"{play.textbook}/slow?seconds=0.01"
        for way in ways:
            way([url])  # a first time takes longer
        for count in (3, 30, 300):
            for way in ways:
                if way is in_sequence and count == 300:
                    continue
                began = time.perf_counter()
                way([url] * count)
                took[count, way.__name__] = time.perf_counter() - began

    """
    A bar for each; the longest has 40 signs.
    """
    longest = max(took.values())
    for (count, way), seconds in took.items():
        bar = "#" * max(1, round(40 * seconds / longest))
        print(f"{count:3} {way:12} {seconds:5.2f} s {bar}")

    guess = took[30, "in_sequence"] * 10
    print(f"300 in_sequence: not run; {guess:.0f} s, if it goes on like that")

    """
    In sequence, the waits add up. Threads and coroutines wait side by side.
    With few URLs it hardly matters which of the two you take. With many, a
    thread for each call costs memory and switching, and coroutines cost less;
    but all that a coroutine calls has to be written for `async`.

    The server ran in this program too, on the same processor. So look at the
    shape of the chart rather than at the numbers.
    """


@lesson.step
def to_a_real_service():
    """From practice to a real service.

    The practice API has some paths of api.github.com. This program does not
    know whom it asks: the environment tells it. (`patch.dict` plays the shell
    that sets the two variables.)
    """
    import os
    from unittest.mock import patch

    def show_stars():
        with apis.APIClient.from_env(limiter=limits.RateLimiter(10)) as client:
            user = client.get("users/octocat")
            repo = client.get(("repos", "requests", "requests"))
            print(user["name"], "-", repo["full_name"], end=": ")
            print(repo["stargazers_count"], "stars,", repo["language"])
            print(client)

    with playground.run() as play:
        practice = {"API_URL": play.textbook, "API_KEY": "practice-token"}
        with patch.dict(os.environ, practice):
            show_stars()

    """
    Now the base URL of the real service. So that nobody is asked by accident,
    it runs in the *offline internet*, a with-block in which api.github.com
    and some other names lead to the practice API, over HTTPS, and all the rest
    lead nowhere. What will be different in the two lines?
    """
    real = {"API_URL": "https://api.github.com", "API_KEY": "practice-token"}
    with playground.internet(), patch.dict(os.environ, real):
        show_stars()

    """
    Only whom we asked. Nothing in the program has changed. Saved as `stars.py`,
    it asks the service itself, with a key of your own:

    ```
    export API_URL=https://api.github.com API_KEY=...
    python stars.py
    ```

    What does change: it is HTTPS, and the certificate is checked. It is slower,
    and it fails now and then. Others read and write the same data. And there is
    a limit, which the answers tell. What will the headers say, the second time?
    """
    with playground.internet(), apis.APIClient(real["API_URL"]) as client:
        for number in (1, 2):
            headers = client.request("GET", "users/octocat").headers
            for name in ("Limit", "Remaining", "Reset"):
                value = headers[f"X-RateLimit-{name}"]
                print(f"answer {number}: {name:9} {value}")

    wait = int(headers["X-RateLimit-Reset"]) - time.time()
    print(f"all are there again in {wait / 60:.0f} minutes")

    """
    So many requests, so many left, and when the count begins anew, in seconds
    since 1970. (Without a key, GitHub itself allows far fewer.) Other services
    have other headers, or none. So read the documentation before the first
    request to anybody's service, and ask:

    - Terms: may I use it for this, and keep the data?
    - Limits: how many requests, in what time, for whom?
    - Keys: do I need one, what may it do, how do I take it back?
    - Failure: what does it answer when it cannot, and whom do I ask?

    A practice server allows what a real one does not. Try the loop there first.
    """


lesson.ends(
    """
    - An API is resources, methods, statuses and JSON. Check each status.
    - One class holds base URL, session, timeout and key for all calls.
    - Keys come from the environment and travel in a header, not in a URL.
    - Pages end with an empty one; a loop over them has a bound.
    - Plan when the next call is due. Ask for many at once, within a limit.

    Three questions to check yourself:

    1. A program prints "created: None". Which check is missing in its client?
    2. The key is in no file of the program. Name two places where it may
       still be seen.
    3. In an `async def` stands `for url in urls: await fetch(url)`. How long
       do 30 URLs take, if each takes a second, and how long with `gather`?

    The answers are in docs/lesson_05.md. Next: all of it in programs that one
    would keep. `netbasics learn 06`
    """
)


if __name__ == "__main__":
    lesson.main()
