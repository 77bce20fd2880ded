"""API integration: programs that use what other programs offer.

Payments, maps, the weather: applications are put together from services that
others run, and so are the parts of any larger system. They exchange data
through APIs; this lesson builds a client for one.

After this lesson you can
- create, read, replace, change and delete what an API keeps
- write a client class that checks each answer and shows its key to nobody
- fetch all pages of a list, and keep to a limit of requests
- ask for many things at once, and measure what it brings

and, after the deeper steps
- read a list that changes, and obey a limit with many threads
- try again without harm: in time, not in step with others, not paid twice

The core takes about twenty minutes, the deeper steps as long again. Lesson 2
is a good start, but not required.
"""

import asyncio
import time
from textwrap import fill

try:
    import requests

    from netbasics import aio, apis, lab, limits, pictures, playground, servers
    from netbasics.course import Choice, Lesson, Number
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error}. This lesson needs netbasics and the packages it builds on.\n"
        "Run this in the folder that holds README.md, then try again with\n"
        "the Python of that environment:\n\n"
        "  python3 -m venv .venv && .venv/bin/python -m pip install -e .\n"
        "  .venv/bin/python lessons/05_api_integration.py"
    ) from error

lesson = Lesson(__file__, __doc__)


@lesson.step(
    ask=[
        Choice(
            "What will the last of the six answers be?",
            {
                "200 and an empty user": (
                    "There is no such thing as half a user here: what was "
                    "deleted has no URL any more."
                ),
                "204 and no data": (
                    "That was the answer to DELETE. After it there is nothing "
                    "that could be read."
                ),
                "404": "After DELETE there is nothing at that URL.",
            },
            truth=lambda ran: {
                200: "200 and an empty user",
                204: "204 and no data",
                404: "404",
            }[ran.reply.status_code],
            part=2,
        ),
        Choice(
            "What will PUT make of a name without an address?",
            {
                "a user with the old address": (
                    "That is what PATCH does. PUT puts a whole new user in the"
                    " place of the old one."
                ),
                "a user without an address": (
                    "Another API might. This one wants all fields of a user, "
                    "and tells which one is missing."
                ),
                "nothing: it is refused": (
                    "PUT wants the whole user, and a part is missing."
                ),
            },
            truth=lambda ran: (
                "nothing: it is refused"
                if ran.reply.status_code == 422
                else "a user without an address"
            ),
            part=3,
        ),
        Choice(
            "Which status will the last one get, `POST /users/1`?",
            {
                "201": (
                    "A POST to the list creates a user. Here it goes to a "
                    "single user, and there it has no meaning."
                ),
                "404": "User 1 is there. It is the method that does not fit.",
                "405": (
                    "The user is there, and can be read, replaced and deleted."
                    " POST is not among what it knows."
                ),
            },
            truth=lambda ran: str(ran.reply.status_code),
            part=5,
        ),
    ],
)
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
    Each method changes what the next one finds.
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
    """
    ada = {"name": "Ada", "email": "ada@example.com"}  # she is there already
    asked = [
        ("GET", "/users/99", None),
        ("POST", "/users", {"name": "Eve"}),
        ("POST", "/users", ada),
        ("POST", "/users/1", ada),
    ]

    """
    They are sent one after the other.
    """
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


@lesson.step(
    ask=Number(
        "How many of the twelve will find the user?",
        truth=lambda ran: ran.found,
        right="Each way is right somewhere, and none is right everywhere.",
        low=(
            "There are some more. Each way has a spelling for which it is "
            "right."
        ),
        high="There are fewer. One slash too many or too few is another path.",
        part=2,
    ),
)
def base_and_endpoint():
    """Base and endpoint.

    All URLs of an API begin alike, with its *base URL*, such as
    `https://api.example/v1`. The *endpoint*, `users/1`, comes behind it. One
    is in the settings, the other in the code. Who writes the slash?

    This server has one user, at one path. There are three ways to put base and
    endpoint together, and four spellings: twelve requests.
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
    found = 0
    with servers.serve(OneUser) as server:
        for base, end in spellings:
            print(f"{base:4} {end:8}", end=" ")
            for path in (base + end, f"{base}/{end}", urljoin(base, end)):
                reply = requests.get(server.url + path, timeout=5)
                found += reply.status_code == 200
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
@lesson.step(
    ask=Choice(
        "Where will that be noticed?",
        {
            "at the POST": (
                "The server notices, and says so with a status. But who looks "
                "at it?"
            ),
            "at print, with a KeyError": (
                "`get` gives None for a field that is not there. So even this "
                "goes by in silence."
            ),
            "nowhere": (
                "The refusal is JSON as well, and the class hands it out like "
                "any other data."
            ),
        },
        truth=lambda ran: (
            "nowhere" if ran.user.get("id") is None else "at the POST"
        ),
        part=2,
    ),
)
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
    forgot the email address.
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


@lesson.step(
    ask=[
        Choice(
            "Who has the key afterwards?",
            {
                "only the server's log": (
                    "It has it. But the client's error quotes the URL, and so "
                    "it is in that log, too."
                ),
                "only the client's log": (
                    "It has it. And the server noted the first line of the "
                    "first request, with the whole query in it."
                ),
                "both logs": (
                    "The key is a part of the URL, and both sides note URLs."
                ),
            },
            truth=lambda ran: (
                "both logs"
                if ran.query["api_key"] in ran.noted[0]
                and ran.query["api_key"] in ran.text
                else "only the server's log"
                if ran.query["api_key"] in ran.noted[0]
                else "only the client's log"
            ),
            part=2,
        ),
        Choice(
            "What will the log line show of the key?",
            {
                "nothing": (
                    "A dataclass does not know which of its fields is a secret."
                ),
                "stars": (
                    "Somebody would have to write that. A dataclass shows the "
                    "value of each field."
                ),
                "all of it": (
                    "The repr of a dataclass has the value of each field in it."
                ),
            },
            truth=lambda ran: (
                "all of it"
                if ran.Client("").api_key in repr(ran.Client(""))
                else "nothing"
            ),
            part=4,
        ),
    ],
)
def where_a_key_turns_up():
    """The key: where it turns up.

    A *key* (or token) is what a password is to people: whoever has it can act,
    and pay, in your name. Many examples write it into the URL. This server
    notes the first line of each request, as servers do.
    """
    from http.server import BaseHTTPRequestHandler

    noted = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self):
            noted.append(self.requestline)
            print("server's log:", self.requestline)
            self.send_response(204)
            self.end_headers()

    """
    The client asks twice. The second time the server is gone, and the client
    notes the error. (The key is made up.)
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
    """
    from dataclasses import dataclass

    @dataclass
    class Client:
        base_url: str
        api_key: str = "made-up-key-123"

    """
    The program writes a line into its log, which goes to the screen here.
    """
    import logging
    import sys

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


@lesson.step(
    ask=Choice(
        "Will the report show the key?",
        {
            "no: the repr of the client hides it": (
                "It hides it there. But on its way into the request the key "
                "was put into other variables."
            ),
            "yes": (
                "The client's repr hides it. The variables that it was copied "
                "into do not."
            ),
        },
        truth=lambda ran: (
            "yes" if ran.found else "no: the repr of the client hides it"
        ),
        part=4,
    ),
)
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
    print("outside:", "SHOP_KEY" in os.environ)
    with shell:
        print("inside: ", "SHOP_KEY" in os.environ)

    """
    `repr=False` keeps the field out of the repr, and the key travels in a
    header.
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
    Nobody answers now, so there is an error to report.
    """
    with lab.refused() as nobody, shell:
        client = Client(nobody.url, os.environ["SHOP_KEY"])
        lines = report(fetch, client)
        found = [line.strip() for line in lines if "practice-token" in line]
        print(f"{len(found)} of {len(lines)} lines show the key, in variables")
        print(", ".join(sorted({line.partition(" = ")[0] for line in found})))

    """
    It is in our `headers`, and in variables of the libraries below. The helper
    reads SHOP_URL and SHOP_KEY, keeps the key in an object that does not show
    it, and lets no error carry it out:
    """
    with lab.refused() as nobody, shell:
        with patch.dict(os.environ, SHOP_URL=nobody.url):
            with apis.APIClient.from_env("SHOP", retries=0) as client:
                print(client)
                lines = report(client.get, "private")
                hidden = [line for line in lines if "practice-token" in line]
                print(f"{len(hidden)} of {len(lines)} lines show the key")
                print(fill(lines[-1].partition(": ")[2], 76))

    """
    And if the variable was forgotten? Then say so at the start, and not with a
    401 in the middle of the work. Two ways to read it:
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


@lesson.step(
    ask=[
        Number(
            "How many users will one request for `/users` return?",
            truth=lambda ran: len(ran.reply.json()),
            right="The server decides the size of a page.",
            low=(
                "More fit into a page of this API. The size is up to the "
                "server."
            ),
            high=(
                "All of them, one would think, and many programs do. But the "
                "server sends one page."
            ),
        ),
        Choice(
            "Which of them will find all 25?",
            {
                "both": (
                    "The first takes a page of 20 for the last one: it "
                    "expected 30."
                ),
                "only until_not_full": (
                    "It expects pages of 30, so a page of 20 looks like the "
                    "last one."
                ),
                "only until_not_found": (
                    "It found all of them. Look at the number of its requests,"
                    " though."
                ),
                "neither": (
                    "The first stops after a page of 20. The second has them "
                    "all, and does not notice."
                ),
            },
            truth=lambda ran: {
                (True, True): "both",
                (True, False): "only until_not_full",
                (False, True): "only until_not_found",
                (False, False): "neither",
            }[tuple(number == 25 for number in ran.counts)],
            part=4,
        ),
        Choice(
            "What will our loop make of a list that ignores `?page=2`?",
            {
                "two repositories": (
                    "It stops at an empty page, and here no page is ever empty."
                ),
                "the same two, again and again": (
                    "Each page is the first one, and none is empty. Only the "
                    "bound ends it."
                ),
                "an error": (
                    "Who would raise it? Each answer has status 200 and is a "
                    "list."
                ),
            },
            truth=lambda ran: (
                "the same two, again and again"
                if ran.names[:2] == ran.names[2:]
                else "two repositories"
            ),
            part=8,
        ),
    ],
)
def all_pages():
    """All pages.

    A long list comes in *pages*. The practice API has 25 users.
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
    Both for the same list. How many requests do they take?
    """
    counts = []
    for way in (until_not_full, until_not_found):
        with playground.run() as play:
            users = way(f"{play.textbook}/users")
            counts.append(len(users))
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
    All users first; then only three of them. Look at the number of requests.
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
    ignores `?page=2`. First our loop, then the helper:
    """
    with playground.run() as play:
        repos = each_item(f"{play.textbook}/users/octocat/repos")
        names = [repo["name"] for repo in islice(repos, 4)]
        print(names, "...")
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


@lesson.step(
    ask=[
        Choice(
            "What will the last of the nine get?",
            {
                "200, a little later": (
                    "The server could let them wait. This one refuses, as most"
                    " do: a wait would cost it a connection."
                ),
                "429": (
                    "Too Many Requests, and the answer says when to come back."
                ),
                "503": (
                    "That is for a server that cannot. This one could, and has"
                    " a rule for each client."
                ),
            },
            truth=lambda ran: (
                "429" if ran.reply.status_code == 429 else "200, a little later"
            ),
        ),
        Choice(
            "How many calls will it be in a second?",
            {
                "five": (
                    "A pause of 0.2 s is a fifth of a second. But each call "
                    "takes its time as well."
                ),
                "more than five": (
                    "Nothing makes them faster than the pause, and the call is"
                    " added to it."
                ),
                "fewer than five": (
                    "From one call to the next it is the pause and the call."
                ),
            },
            truth=lambda ran: (
                "fewer than five" if ran.rate(ran.times) < 4.8 else "five"
            ),
            part=3,
        ),
        Choice(
            "Will one of the four be refused?",
            {
                "yes, the last": (
                    "It would be, if they came as fast as they go. The limiter"
                    " holds each back until its turn."
                ),
                "no": "In half a second there are three turns at most.",
            },
            truth=lambda ran: "yes, the last" if 429 in ran.statuses else "no",
            part=5,
        ),
    ],
)
def five_a_second():
    """Five a second.

    A service that many use has a limit, so that one client cannot take it away
    from the others. This endpoint takes six requests a second. Here are nine
    in a row, as fast as they go.
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
    second. `rate` counts how many there were, by the times at which they began:
    """

    def rate(times):
        return (len(times) - 1) / (times[-1] - times[0])

    """
    The first idea is a pause of 0.2 s between two calls. Each call takes 0.1 s
    itself.
    """
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
    for `async`. Four calls, to an endpoint that takes three in 0.4 s:
    """
    limiter = limits.RateLimiter(5)
    times, statuses = [], []
    with playground.run() as play:
        url = f"{play.textbook}/limited?limit=3&per=0.4"
        while len(times) < 4:
            limiter.acquire()
            times.append(time.monotonic())
            statuses.append(requests.get(url, timeout=5).status_code)
        print(*statuses)
        print(f"with the limiter: {rate(times):.1f} a second")
        print(limiter)

    """
    `acquire` waits for the next turn. `APIClient(url, limiter=limiter)` asks
    for a turn before each request.

    Stay below a limit rather than on it: the server counts when requests
    arrive, and on the way they lose their even distance.
    """


@lesson.step(
    ask=[
        Choice(
            "What will the line `coroutine = ask(...)` print?",
            {
                "both lines": (
                    "A call of an ordinary function would. Look which line "
                    "comes first: the type was printed before both."
                ),
                "nothing": (
                    "It only makes the coroutine. The lines of `ask` come "
                    "after the type, when `asyncio.run` runs it."
                ),
            },
            truth=lambda ran: (
                "nothing"
                if type(ran.coroutine).__name__ == "coroutine"
                else "both lines"
            ),
        ),
        Choice(
            "In `together`, who will answer first?",
            {
                "weather: it was asked first": (
                    "It was. But maps needs half the time, and does not wait "
                    "for it."
                ),
                "maps: it is quicker": (
                    "Both wait at the same time, so the shorter wait ends "
                    "first."
                ),
            },
            truth=lambda ran: (
                "maps: it is quicker"
                if ran.answered[-1] == "weather"
                else "weather: it was asked first"
            ),
            part=3,
        ),
        Choice(
            "And now, who will answer first?",
            {
                "maps: gather starts both": (
                    "It starts both, one after the other. The first never lets"
                    " the second one in."
                ),
                "weather": (
                    "`time.sleep` holds up the whole thread, so maps is not "
                    "even asked before weather is done."
                ),
            },
            truth=lambda ran: (
                "weather"
                if ran.answered[-1] == "maps"
                else "maps: gather starts both"
            ),
            part=4,
        ),
    ],
)
def two_coroutines():
    """Two coroutines.

    A program that talks to services mostly waits. With `async` it can do
    something else meanwhile. `async def` makes a *coroutine function*.
    """
    answered = []

    async def ask(name, seconds):
        print(f"  {name} is asked")
        await asyncio.sleep(seconds)  # stands for the wait for a server
        print(f"  {name} has answered")
        answered.append(name)
        return name

    coroutine = ask("weather", 0.05)
    print("type:", type(coroutine).__name__)
    print("result:", asyncio.run(coroutine))

    """
    Calling it ran nothing. It made a *coroutine*, a call that waits to be run.
    `asyncio.run` runs it in an *event loop*, until its end. At `await` the
    coroutine says: I have to wait here, let others go on.

    Two of them now, in two ways:
    """

    async def one_after_the_other():
        await ask("weather", 0.1)
        await ask("maps", 0.05)

    async def together():
        await asyncio.gather(ask("weather", 0.1), ask("maps", 0.05))

    """
    Look at the order of the lines, and at the time.
    """
    for way in (one_after_the_other, together):
        began = time.perf_counter()
        print(f"{way.__name__}:")
        asyncio.run(way())
        print(f"  {time.perf_counter() - began:.2f} s")

    """
    `await` waits for one before the next begins. `gather` starts both and waits
    for both; it takes as long as the slower one. All of it is one thread: while
    one coroutine waits, the other runs.

    Only at an `await` can another one run. Here is `ask` without one: the wait
    is a plain `time.sleep`.
    """

    async def ask(name, seconds):
        print(f"  {name} is asked")
        time.sleep(seconds)
        print(f"  {name} has answered")
        answered.append(name)

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


@lesson.step(
    ask=Choice(
        "Which of the two is many at once?",
        {
            "both": (
                "Both are `async`. But an `await` in a loop waits for each one"
                " before it starts the next."
            ),
            "only in_a_loop": (
                "An `await` in a loop waits for each one before it starts the "
                "next."
            ),
            "only with_gather": (
                "It started all of them before it waited for any."
            ),
        },
        truth=lambda ran: (
            "both" if ran.most["in_a_loop"] > 1 else "only with_gather"
        ),
        part=4,
    ),
)
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

    most = {}

    def measure(way):
        state["most"] = 0
        app = web.Application()
        app.router.add_get("/{number}", answer)
        with servers.serve(app) as server:
            urls = [f"{server.url}/{number}" for number in range(12)]
            began = time.perf_counter()
            numbers = asyncio.run(way(urls))
            print(f"{way.__name__}: {time.perf_counter() - began:.2f} s")
            most[way.__name__] = state["most"]
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
    Two ways to use them for all of the URLs:
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


@lesson.step(
    ask=Choice(
        "For 300 URLs, which will be quicker?",
        {
            "twenty threads": (
                "Threads wait just as well. But each call made a connection of"
                " its own, and threads take turns on one processor."
            ),
            "aiohttp": (
                "One thread, and connections that are kept. Switching between "
                "coroutines costs little."
            ),
            "about the same": (
                "The waits are the same. What differs is the work around them:"
                " connections, and switching between threads."
            ),
        },
        truth=lambda ran: (
            "about the same"
            if 0.8 < ran.took["aiohttp 300"] / ran.took["threads 300"] < 1.25
            else "aiohttp"
            if ran.took["aiohttp 300"] < ran.took["threads 300"]
            else "twenty threads"
        ),
        part=3,
    ),
)
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
    takes the server 0.01 s. (300 in sequence would take too long for a lesson.
    They are not run.)
    """
    took = {}
    ways = {"sequence": in_sequence, "threads": in_threads}
    ways["aiohttp"] = with_aiohttp

    def measure(name, url, count):
        began = time.perf_counter()
        ways[name]([url] * count)
        took[f"{name} {count}"] = time.perf_counter() - began

    """
    All of it, after one call of each, since a first time takes longer.
    """
    with playground.run() as play:
        url = f"{play.textbook}/slow?seconds=0.01"
        for way in ways.values():
            way([url])
        for count in (3, 30, 300):
            for name in ways:
                if count < 300 or name != "sequence":
                    measure(name, url, count)
        chart = pictures.bars(took, unit="s")
        print(chart)
        guess = took["sequence 30"] * 10
        print(f"sequence 300: not run; {guess:.0f} s, if it goes on like that")

    """
    In sequence, the waits add up. Threads and coroutines wait side by side.
    With few URLs it hardly matters which of the two you take. With many, a
    thread for each call costs memory and switching, and coroutines cost less;
    but all that a coroutine calls has to be written for `async`.

    The server ran in this program too, on the same processor. So look at the
    shape of the chart rather than at the numbers.
    """


@lesson.step(
    ask=[
        Choice(
            "What will be different in the two lines?",
            {
                "the number of stars": (
                    "It would be at GitHub itself. The offline internet leads "
                    "the name to the practice API, and so to its data."
                ),
                "only whom we asked": (
                    "The program is the same, and behind the name is the "
                    "practice API."
                ),
                "there will be an error: no network": (
                    "There is none. But inside the block the name leads to a "
                    "server on this machine, with a certificate."
                ),
            },
            truth=lambda ran: (
                "only whom we asked"
                if ran.stars[0] == ran.stars[1]
                else "the number of stars"
            ),
            part=2,
        ),
        Choice(
            "What will `X-RateLimit-Remaining` say, the second time?",
            {
                "the same": (
                    "It counts what is left, and each request takes one away."
                ),
                "one less": "It counts down, until the moment in `Reset`.",
            },
            truth=lambda ran: (
                "one less" if ran.left[1] == ran.left[0] - 1 else "the same"
            ),
            part=3,
        ),
    ],
)
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
            return repo["stargazers_count"]

    with playground.run() as play:
        practice = {"API_URL": play.textbook, "API_KEY": "practice-token"}
        with patch.dict(os.environ, practice):
            stars = [show_stars()]

    """
    Now the base URL of the real service. So that nobody is asked by accident,
    it runs in the *offline internet*, a with-block in which api.github.com
    and some other names lead to the practice API, over HTTPS, and all the rest
    lead nowhere.
    """
    real = {"API_URL": "https://api.github.com", "API_KEY": "practice-token"}
    with playground.internet(), patch.dict(os.environ, real):
        stars.append(show_stars())

    """
    Only whom we asked. Nothing in the program has changed. Saved as `stars.py`,
    it asks the service itself, with a key of your own:

    ```
    export API_URL=https://api.github.com API_KEY=...
    python stars.py
    ```
    """

    """
    What does change: it is HTTPS, and the certificate is checked. It is slower,
    and it fails now and then. Others read and write the same data. And there is
    a limit, which the answers tell.
    """
    left = []
    with playground.internet(), apis.APIClient(real["API_URL"]) as client:
        for number in (1, 2):
            headers = client.request("GET", "users/octocat").headers
            for name in ("Limit", "Remaining", "Reset"):
                value = headers[f"X-RateLimit-{name}"]
                print(f"answer {number}: {name:9} {value}")
            left.append(int(headers["X-RateLimit-Remaining"]))
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


@lesson.step(
    deeper=True,
    ask=Choice(
        "What does the loop return?",
        {
            "five cities": (
                "It would, if page 4 were an empty list. Here it is an object,"
                " and an object with a field in it is not empty."
            ),
            "nothing: it raises an error": (
                "Which line would raise it? The status is 200, the JSON is "
                "valid, and a loop over an object gives the names of its "
                "fields."
            ),
            "five cities, then the word error": (
                "A loop over an object gives the names of its fields. And an "
                "object with a field is never empty, so the end never comes."
            ),
        },
        truth=lambda ran: (
            "five cities, then the word error"
            if ran.found[5:] and set(ran.found[5:]) == {"error"}
            else "five cities"
        ),
        part=2,
    ),
)
def an_error_with_status_200():
    """200 that is an error.

    Some APIs answer everything with status 200, also what went wrong. The
    reason is in the JSON. This one has five cities in pages of two, and says
    so when there is no such page:
    """
    from flask import Flask, request

    cities = ["Oslo", "Rome", "Lima", "Cairo", "Quito"]
    app = Flask("cities")

    @app.get("/cities")
    def page_of_cities():
        first = 2 * int(request.args["page"]) - 2
        if first < len(cities):
            return cities[first : first + 2]
        return {"error": "no such page"}

    """
    Here is the loop that was right for the practice API: it looks at the
    status, and stops at an empty page. Its bound is twenty pages.
    """

    def each_item(url):
        for page in range(1, 21):
            reply = requests.get(url, params={"page": page}, timeout=5)
            reply.raise_for_status()
            if not reply.json():
                return
            yield from reply.json()

    with servers.serve(app) as server:
        found = list(each_item(f"{server.url}/cities"))
        print(len(found), "items:", *found[:8], "...")
        print("requests:", server.served)

    """
    Without the bound it would be running now. The status says that HTTP went
    well. Whether the data is what you asked for, only its shape can tell.
    """

    def each_checked(url):
        for page in range(1, 21):
            reply = requests.get(url, params={"page": page}, timeout=5)
            reply.raise_for_status()
            items = reply.json()
            if not isinstance(items, list):
                raise ValueError(f"page {page} is no list: {items}")
            if not items:
                return
            yield from items

    """
    The helper looks at the shape as well. Both hand out the cities first.
    """
    refusals = []
    with servers.serve(app) as server, apis.APIClient(server.url) as client:
        ways = [each_checked(f"{server.url}/cities"), client.items("cities")]
        for way in ways:
            try:
                for city in way:
                    print(city, end=" ")
            except (ValueError, apis.APIError) as error:
                refusals.append(error)
                text = f"{type(error).__name__}: {error}"
                print("...")
                print(fill(text, 76, subsequent_indent="    "))

    """
    An error at the end of a list is a nuisance, and better than a list with
    `error` in it. If the documentation says that this answer means the end,
    write that into your loop: `if items == {"error": "no such page"}`.

    For a single call, `client.get(..., expect=list)` is the same check. It
    also finds the page of HTML that says "Please sign in" with status 200.
    """


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What will be on page 2?",
            {
                "6, 5, 4": (
                    'These come next. But page 2 is not "what comes next", it '
                    "is places 4 to 6, and in them are other numbers now."
                ),
                "7, 6, 5": (
                    "Page 2 means places 4 to 6. Number 10 has pushed all "
                    "others one place down, so 7 is there once more."
                ),
                "10, 6, 5": (
                    "Number 10 is the newest, so it stands at the top, on page"
                    " 1. That page was read before."
                ),
            },
            truth=lambda ran: ", ".join(map(str, ran.pages[1])),
            part=3,
        ),
        Number(
            "Which number will be missing?",
            truth=lambda ran: ran.missing[0],
            right=(
                "All others moved up by one place: 6 from page 2 to page 1, "
                "which had been read."
            ),
            low="This one is still on the page on which it was looked for.",
            high=(
                "This one was on page 1. What moves from page 2 to page 1 now,"
                " after page 1 was read?"
            ),
            part=4,
        ),
    ],
)
def rows_move():
    """Rows move.

    A list may change while you read it. These are nine pieces of news, the
    newest first, in pages of three.
    """
    from flask import Flask, request

    news = list(range(9, 0, -1))
    app = Flask("news")

    @app.get("/news")
    def page_of_news():
        first = 3 * int(request.args["page"]) - 3
        return news[first : first + 3]

    """
    The client asks for page after page, until one is empty.
    """

    def by_number(url):
        for page in range(1, 20):
            reply = requests.get(url, params={"page": page}, timeout=5)
            if not reply.json():
                return
            yield reply.json()

    """
    After page 1 has been read, number 10 is published.
    """
    pages = []
    with servers.serve(app) as server:
        for page in by_number(f"{server.url}/news"):
            print(page)
            pages.append(page)
            if len(pages) == 1:
                news.insert(0, 10)
        seen = [number for page in pages for number in page]
        twice = {number for number in seen if seen.count(number) > 1}
        print("twice:", *twice)

    """
    The same again, and after page 1 number 9 is taken back.
    """
    news[:] = range(9, 0, -1)
    pages = []
    with servers.serve(app) as server:
        for page in by_number(f"{server.url}/news"):
            print(page)
            pages.append(page)
            if len(pages) == 1:
                news.remove(9)
        seen = [number for page in pages for number in page]
        missing = sorted(set(range(1, 10)) - set(seen))
        print("missing:", *missing)

    """
    A row that comes twice can be noticed, by its number. One that is missing
    leaves no trace: nothing failed.

    A cursor says "behind the last one that you have", whatever its place is.
    This server puts it into the JSON, and into a `Link` header as a whole URL:
    """
    app = Flask("news")

    @app.get("/news")
    def news_behind_a_cursor():
        cursor = int(request.args.get("cursor") or 100)
        rows = [number for number in news if number < cursor][:3]
        if not rows:
            return {"items": [], "cursor": None}
        link = f'<{request.base_url}?cursor={rows[-1]}>; rel="next"'
        return {"items": rows, "cursor": rows[-1]}, {"Link": link}

    """
    The client follows the link, and need not know what is in it:
    """

    def by_link(url):
        while url:
            reply = requests.get(url, timeout=5)
            yield reply.json()["items"]
            url = reply.links.get("next", {}).get("url")

    """
    After it, the helper follows the link, and then the cursor. Both things
    happen this time: 10 is published, and 9 is taken back.
    """
    orders = []
    with servers.serve(app) as server, apis.APIClient(server.url) as client:
        plain = by_link(f"{server.url}/news")
        ways = [client.pages("news", by=by) for by in ("link", "cursor")]
        for way in (plain, *ways):
            news[:] = range(9, 0, -1)
            pages = []
            for page in way:
                pages.append(page)
                news[:] = [10, *range(8, 0, -1)]
            orders.append([number for page in pages for number in page])
            print(*pages)

    """
    Each one once, in order. (Number 10 came too late for this reading. It is
    at the top of the next one.) Where an API offers cursors or links, use
    them. With page numbers, drop what came before by its id, and do not trust
    the count.
    """


# fmt: off
@lesson.step(
    deeper=True,
    ask=Choice(
        "Ten threads share it. When will the last of the ten calls begin?",
        {
            "after about 0.2 s": (
                "All ten read the same last call before any of them had noted "
                "its own, so all ten slept the same time."
            ),
            "after about 1 s": (
                "Half of it? Each thread decides for itself, on the same "
                "number, and sleeps the same time as all others."
            ),
            "after about 2 s": (
                "That is five a second, as planned. But the threads sleep at "
                "the same time, and nobody has taken a place in a queue."
            ),
        },
        truth=lambda ran: (
            "after about 0.2 s"
            if ran.times[-1] < 0.6
            else "after about 1 s"
            if ran.times[-1] < 1.5
            else "after about 2 s"
        ),
        part=3,
    ),
)
def five_a_second_from_ten_threads():
    """Five a second, from ten threads.

    The limiter that one writes first notes when the last call was, and waits
    until a fifth of a second has gone by since then.
    """
    class LastCall:
        def __init__(self, interval):
            self.interval = interval
            self.last = time.monotonic()
        def acquire(self):
            due = self.last + self.interval
            time.sleep(max(0, due - time.monotonic()))
            self.last = time.monotonic()

    limiter = LastCall(0.2)
    began = time.monotonic()
    for number in (1, 2):
        limiter.acquire()
        print(f"call {number}: {time.monotonic() - began:.2f} s")

    """
    Right for one thread. Now many of them: each waits for its turn, and notes
    when it came.
    """
    from concurrent.futures import ThreadPoolExecutor

    def ten_threads(limiter, call):
        began = time.monotonic()
        times = []
        def work(number):
            limiter.acquire()
            times.append(time.monotonic() - began)
            return call()
        with ThreadPoolExecutor(10) as pool:
            results = list(pool.map(work, range(10)))
        return times, results

    """
    The server that they ask takes five requests a second.
    """
    with playground.run() as play:
        url = f"{play.textbook}/limited?limit=5&per=1"
        requests.get(f"{url}&key=warm-up", timeout=5)
        def call():
            return requests.get(url, timeout=5).status_code
        times, statuses = ten_threads(LastCall(0.2), call)
        print(f"the first began at {times[0]:.2f} s")
        print(f"the last began at  {times[-1]:.2f} s")
        print("statuses:", *sorted(statuses))

    """
    "Five a second" was ten in one moment. To read the last call, to wait and
    to note the new one must not be cut into by another thread. A *lock* lets
    one thread at a time do it. And nobody sleeps inside: each takes a place in
    the plan, and sleeps until it is due.
    """
    import threading

    class Planned:
        def __init__(self, interval):
            self.interval = interval
            self.due = time.monotonic()
            self.lock = threading.Lock()
        def acquire(self):
            with self.lock:
                turn = max(self.due, time.monotonic())
                self.due = turn + self.interval
            time.sleep(max(0, turn - time.monotonic()))

    """
    All three ways, and so that it takes less time, at thirty a second. The
    helper is the third. (In the chart, a digit or `+` is several in one place.)
    """
    tracks = {}
    for limiter in (LastCall(1 / 30), Planned(1 / 30), limits.RateLimiter(30)):
        name = type(limiter).__name__
        tracks[name], _ = ten_threads(limiter, threading.get_ident)
        print(f"{name:11} last call at {tracks[name][-1]:.2f} s")

    chart = pictures.timeline(tracks, unit="s", title="ten calls, 30 a second")
    print(chart)

    """
    The helper has one thing more: a wait that is given up, by a timeout or
    Ctrl-C, gives its turn back. A limiter limits one program. Ten programs
    with the same key need a tenth of the rate each.
    """
# fmt: on


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "What will `int` make of the header of the second server?",
            {
                "the seconds until that date": (
                    "That is what the header means. But `int` reads digits "
                    "only, and a date has a weekday in it."
                ),
                "0": (
                    "`int` does not turn what it cannot read into 0. It raises"
                    " an error."
                ),
                "ValueError": (
                    "`int` reads digits only. Without the `try`, the program "
                    "would end on the day on which a server sends the other "
                    "form."
                ),
            },
            truth=lambda ran: type(ran.wait).__name__,
            part=2,
        ),
        Choice(
            "A server asks for an hour. What will `client.get` do?",
            {
                "wait for an hour": (
                    "It would be obedient, and a program that seems dead. "
                    "Beyond a minute the helper leaves the decision to you."
                ),
                "ask again after a few seconds": (
                    "It would be refused again, and many services count that "
                    "against you."
                ),
                "raise an error at once": (
                    "The error has the time in `retry_after`. Your program can"
                    " put the work aside, or tell somebody."
                ),
            },
            truth=lambda ran: (
                "raise an error at once"
                if ran.hour.attempts == 1 and ran.took < 60
                else "ask again after a few seconds"
            ),
            part=5,
        ),
    ],
)
def retry_after_in_both_forms():
    """429, and when to come back.

    `Retry-After` has two forms. These two servers take no request for a
    moment, and say for how long. A client that does not listen comes straight
    back:
    """
    busy = lab.too_many_requests(0.5)
    busy_until = lab.too_many_requests(0.5, form="date")
    with busy, busy_until:
        for peer in (busy, busy_until):
            for number in (1, 2, 3):
                reply = requests.get(peer.url, timeout=5)
                wait = reply.headers.get("Retry-After")
                print(f"{number}: {reply.status_code} Retry-After: {wait}")

    """
    Each of these requests was for nothing, and many services shut out who does
    that. So, wait. For how long? One line reads the header:
    """
    busy = lab.too_many_requests(0.5)
    busy_until = lab.too_many_requests(0.5, form="date")
    with busy, busy_until:
        for peer in (busy, busy_until):
            reply = requests.get(peer.url, timeout=5)
            try:
                wait = int(reply.headers["Retry-After"])
            except ValueError as error:
                wait = error
            print(fill(f"to wait: {wait!r}", 76, subsequent_indent="    "))

    """
    A date has to be compared with the clock. `email.utils` reads it, since
    HTTP took its dates from email. Beside it is our helper:
    """
    from email.utils import formatdate, parsedate_to_datetime

    from netbasics import retries

    def seconds_until(value):
        if value.isdecimal():
            return float(value)
        when = parsedate_to_datetime(value).timestamp()
        return max(0.0, when - time.time())

    soon = formatdate(time.time() + 90, usegmt=True)
    past = formatdate(time.time() - 90, usegmt=True)
    waits = {}
    for value in ("7", soon, past):
        plain, helper = seconds_until(value), retries.parse_retry_after(value)
        waits[value] = plain, helper
        print(f"{value:30} {plain:5.1f} s {helper:5.1f} s")

    """
    Neither is negative for a date that is over: `sleep` would refuse that.
    For what is no time at all, the helper returns None, and `seconds_until`
    raises an error. `APIClient` waits by itself, and asks again:
    """
    with lab.too_many_requests(0.1, form="date") as peer:
        with apis.APIClient(peer.url) as client:
            print(client.get("/"), "after", peer.attempts, "requests")

    """
    There is an end to patience, though.
    """
    began = time.monotonic()
    with lab.too_many_requests(3600) as hour:
        with apis.APIClient(hour.url) as client:
            try:
                client.get("/")
            except apis.APIError as error:
                refusal = error
            took = time.monotonic() - began
            print(f"{refusal.status} after {took:.0f} s,", end=" ")
            print(f"retry_after: {refusal.retry_after:.0f} s,", end=" ")
            print("requests:", hour.attempts)


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "When will the second tries of those that were refused come?",
            {
                "one after the other": (
                    "Nothing keeps them apart. They were refused in one "
                    "moment, and all of them wait equally long."
                ),
                "all in one moment": (
                    "They were refused in one moment and wait equally long. "
                    "Doubling the pause makes it longer, and does not bring "
                    "them apart."
                ),
                "spread out over the pause": (
                    "That would be good for the server. But the pause is the "
                    "same for all of them, to the millisecond."
                ),
            },
            truth=lambda ran: (
                "all in one moment"
                if ran.apart < 0.09
                else "spread out over the pause"
            ),
            part=4,
        ),
        Choice(
            "How many requests will it take until all eight have their answer?",
            {
                "fewer": (
                    "Who comes alone finds a free place. It is a matter of "
                    "luck in each single run, and certain with a thousand "
                    "clients."
                ),
                "as many": (
                    "It may happen with so few clients, by chance. On the "
                    "whole, who comes alone finds a free place, and need not "
                    "come again."
                ),
                "more": (
                    "It is chance, and pauses near zero are possible. But on "
                    "the whole, who comes alone finds a free place."
                ),
            },
            truth=lambda ran: (
                "fewer"
                if ran.jittered < ran.equal
                else "as many"
                if ran.jittered == ran.equal
                else "more"
            ),
            part=6,
        ),
    ],
)
def stampede():
    """Stampede.

    This server has two places, and a request takes 0.03 s. Who finds no place
    gets status 503: come back later.
    """
    import aiohttp
    from aiohttp import web

    state = {"now": 0}

    async def answer(request):
        if state["now"] == 2:
            return web.Response(status=503)
        state["now"] += 1
        await asyncio.sleep(0.03)
        state["now"] -= 1
        return web.Response()

    def new_app():
        app = web.Application()
        app.router.add_get("/", answer)
        return app

    """
    A client comes back after 0.1 s, then after 0.2 s, 0.4 s and so on. This is
    called *exponential backoff*. `jitter` may change the pause.
    """

    async def one_client(session, url, jitter, began):
        times = []
        for tried in range(12):
            times.append(time.monotonic() - began)
            async with session.get(url) as reply:
                if reply.status == 200:
                    break
            await asyncio.sleep(jitter(min(0.8, 0.1 * 2**tried)))
        return times

    async def eight_clients(url, jitter):
        async with aiohttp.ClientSession() as session:
            began = time.monotonic()
            tasks = [one_client(session, url, jitter, began) for _ in range(8)]
            return await asyncio.gather(*tasks)

    """
    A picture of all tries, and how far apart the second ones are:
    """

    def draw(tries, title):
        tracks = {f"client {n}": times for n, times in enumerate(tries, 1)}
        return pictures.timeline(tracks, unit="s", title=title)

    def spread(tries):
        second = [times[1] for times in tries if len(times) > 1]
        return max(second, default=0) - min(second, default=0)

    """
    Eight clients come in the same moment, as after a cut in the network. First
    the pauses stay as they are.
    """
    with servers.serve(new_app()) as server:
        tries = asyncio.run(eight_clients(server.url, lambda pause: pause))
        equal = server.served
        apart = spread(tries)
        chart_equal = draw(tries, f"equal pauses: {equal} requests")
        print(chart_equal)
        print(f"second tries: {apart:.3f} s from first to last")

    """
    Wave after wave. Two of each are served, all others have come for nothing.
    With a thousand clients, each wave would bring the server down again.

    Now each client draws its pause: any length between nothing and the pause
    of before.
    """
    import random

    def any_length(pause):
        return random.uniform(0, pause)

    """
    The same eight clients:
    """
    with servers.serve(new_app()) as server:
        drawn = asyncio.run(eight_clients(server.url, any_length))
        jittered = server.served
        apart = spread(drawn)
        chart_random = draw(drawn, f"random pauses: {jittered} requests")
        print(chart_random)
        print(f"second tries: {apart:.3f} s from first to last")

    """
    This is *full jitter*. The waves are gone, without any agreement between
    the clients. In the helpers it is the default:
    """
    from netbasics import retries

    policy = retries.RetryPolicy(tries=12, base=0.1, cap=0.8)
    with servers.serve(new_app()) as server:
        outcomes = asyncio.run(aio.fetch_all([server.url] * 8, retries=policy))
        print([outcome.status for outcome in outcomes])
        print(server.served, "requests")
        for client in ("one client", "another"):
            pauses = [policy.backoff(tried) for tried in (1, 2, 3)]
            print(f"{client:10}", *[f"{pause:.2f} s" for pause in pauses])

    """
    Backoff says how long, jitter keeps clients apart, and both need an end:
    `tries`. Without it, a server that is down is asked for ever.
    """


@lesson.step(
    deeper=True,
    ask=Choice(
        "Nothing was altered on the way. What will the shop say?",
        {
            "200, thank you": (
                "The data is the same. A signature is not of the data, though,"
                " it is of the bytes, and there are many ways to write the "
                "same data."
            ),
            "401, wrong signature": (
                "Blanks came in, and `12.50` became `12.5`: the same data, in"
                " other bytes. So the signature is another one."
            ),
        },
        truth=lambda ran: f"{ran.reply.status_code}, {ran.reply.text}",
        part=4,
    ),
)
def a_signature_is_over_bytes():
    """Same JSON, other signature.

    With a *webhook* it is the service that calls: it sends a POST to your
    server when something has happened. But anybody can send a POST. So both
    sides know a secret, and the sender adds a *signature*:
    """
    import hmac

    secret = b"made-up-secret"

    def sign(data):
        return hmac.new(secret, data, "sha256").hexdigest()

    body = b'{"event":"paid","amount":12.50}'
    print(sign(body))
    print(sign(body.replace(b"12.50", b"92.50")))

    """
    An *HMAC* is a checksum that takes a secret: who does not have it cannot
    compute it, and other bytes have another one.

    The shop's server computes it again, and compares. Its framework has
    decoded the JSON already, so somebody wrote:
    """
    import json

    from flask import Flask, request

    def verdict(data):
        sent = request.headers.get("X-Signature", "")
        if hmac.compare_digest(sign(data).encode(), sent.encode()):
            return "thank you"
        return "wrong signature", 401

    """
    (`compare_digest` is `==` that gives no hint.) The app, and what it is
    given to check:
    """

    def shop(read):
        app = Flask("shop")
        app.post("/hook")(lambda: verdict(read()))
        return app

    def decoded():
        return json.dumps(request.get_json()).encode()

    """
    The service sends the event, signed.
    """
    headers = {"X-Signature": sign(body), "Content-Type": "application/json"}

    with servers.serve(shop(decoded)) as server:
        hook = f"{server.url}/hook"
        reply = requests.post(hook, body, headers=headers, timeout=5)
        print(reply.status_code, reply.text)
        again = json.dumps(json.loads(body)).encode()
        print("came:    ", body)
        print("compared:", again)
        print("same data: ", json.loads(again) == json.loads(body))
        print("same bytes:", again == body)

    """
    With other data it might have worked, as long as both sides happen to write
    JSON alike. Take the bytes as they came, check them, and decode them after
    that. In Flask they are `request.get_data()`.
    """
    forged = body.replace(b"12.50", b"92.50")
    letters = [
        ("as it was sent", body, headers),
        ("altered", forged, headers),
        ("without signature", body, {}),
        ("sent once more", body, headers),
    ]
    with servers.serve(shop(lambda: request.get_data())) as server:
        answers = []
        for what, data, fields in letters:
            hook = f"{server.url}/hook"
            reply = requests.post(hook, data, headers=fields, timeout=5)
            answers.append(reply.status_code)
            print(f"{what:17} {reply.status_code} {reply.text}")

    """
    What was altered, or not signed, is refused. What was recorded and sent
    once more is good: it is the same bytes. So real webhooks sign the time as
    well, and refuse what is old, and what they have seen.

    `compare_digest` takes equally long wherever the first difference is. With
    `==`, that time would tell a patient stranger how far he is. The sender has
    the mirror image of the trap: sign `body`, and send `data=body`. With
    `json=event`, the library writes the bytes anew.
    """


# fmt: off
@lesson.step(
    deeper=True,
    ask=[
        Number(
            "How often will the card be charged?",
            truth=lambda ran: len(ran.charges),
            right=(
                "The first request did its work. Only its answer was lost, and"
                " the client cannot tell that from a request that never "
                "arrived."
            ),
            low=(
                "The shop had done its work when the connection broke. The "
                "second request was a new one to it."
            ),
            high="There were two requests, and the second one was answered.",
            part=3,
        ),
        Number(
            "How often will it be charged now?",
            truth=lambda ran: len(ran.charges),
            right=(
                "The key is made anew for each try, so each try is a new "
                "payment to the shop. It has to be made once for each payment."
            ),
            low=(
                "It would be so if both tries had the same key. Where is it "
                "made?"
            ),
            high="There were two requests, and the second one was answered.",
            part=4,
        ),
    ],
)
def an_idempotency_key():
    """An idempotency key.

    A shop takes payments. It charges the card, and then the connection
    breaks: the answer to its first request is lost.
    """
    import json
    from http.server import BaseHTTPRequestHandler

    charges, known = [], {}

    class Shop(BaseHTTPRequestHandler):
        def do_POST(self):
            lost = not charges
            length = int(self.headers["Content-Length"])
            status, text = pay(self.rfile.read(length), self.headers)
            if not lost:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(text).encode())

    """
    If the request has a header `Idempotency-Key`, the shop keeps the answer
    under that key. When the key comes again, it gives the same answer, and
    does nothing.
    """
    def pay(body, headers):
        key = headers.get("Idempotency-Key", object())
        if key not in known:
            charges.append(json.loads(body)["amount"])
            known[key] = body, {"charge": len(charges)}
        before, answer = known[key]
        if before != body:
            return 422, {"error": "this key was for another payment"}
        return 201, answer

    """
    A client that tries again, without a key:
    """
    def send(url, headers):
        return requests.post(
            url, json={"amount": 12}, headers=headers, timeout=5
        )

    with servers.serve(Shop) as server:
        for tried in (1, 2):
            try:
                print(tried, send(server.url, {}).json())
            except requests.ConnectionError as error:
                print(tried, type(error).__name__)
        print("charged:", charges)

    """
    A POST is not *idempotent*: twice is not the same as once. Here is the
    client with a key.
    """
    from uuid import uuid4

    charges.clear()
    with servers.serve(Shop) as server:
        for tried in (1, 2):
            key = {"Idempotency-Key": str(uuid4())}
            try:
                print(tried, send(server.url, key).json())
            except requests.ConnectionError as error:
                print(tried, type(error).__name__)
        print("charged:", charges)

    """
    One line moves up: a key belongs to the payment, and not to the try. (In a
    real program it is stored with the order, before the first try.)
    """
    charges.clear()
    with servers.serve(Shop) as server:
        key = {"Idempotency-Key": str(uuid4())}
        for tried in (1, 2):
            try:
                print(tried, send(server.url, key).json())
            except requests.ConnectionError as error:
                print(tried, type(error).__name__)
        print("charged:", charges)

    """
    Charged once, and the client has the answer that was lost. The helper does
    not repeat a POST, unless it has such a key:
    """
    with servers.serve(Shop) as server, apis.APIClient(server.url) as client:
        for headers in ({}, {"Idempotency-Key": str(uuid4())}):
            charges.clear()
            try:
                print(client.post("/", {"amount": 12}, headers=headers))
            except apis.Unreachable as error:
                print(fill(f"{type(error).__name__}: {error}", 76))
            print("charged:", charges, "requests so far:", server.served)
        try:
            client.post("/", {"amount": 99}, headers=headers)
        except apis.APIError as error:
            print(error.status, "charged:", charges)

    """
    Without a key it does not know whether the card was charged, and says so.
    The last line is the same key for another amount: refused. A key works
    only where the server knows it, so look into the documentation.
    """
# fmt: on


@lesson.step(
    deeper=True,
    ask=[
        Choice(
            "How many of the thousand will be refused?",
            {
                "none": (
                    "`gather` starts all of them at once. Nothing in it knows "
                    "how many the server can take."
                ),
                "less than half": (
                    "Those that are refused are done at once, and make room "
                    "for the next, which are refused as well."
                ),
                "more than half": (
                    "A refusal is quick, and an answer takes 0.02 s. So most "
                    "requests came while all places were taken."
                ),
            },
            truth=lambda ran: (
                "none"
                if not ran.crowd[503]
                else "more than half"
                if ran.crowd[503] > 500
                else "less than half"
            ),
            part=3,
        ),
        Number(
            "One of 25 URLs does not exist. How many results will there be?",
            truth=lambda ran: len(ran.results),
            right=(
                "`gather` raised the first error, and did not wait for the "
                "others. What they brought, or would have brought, is lost."
            ),
            low="There cannot be fewer than none.",
            high=(
                "So one would wish. But `gather` raises the first error in "
                "place of returning its list."
            ),
            part=5,
        ),
    ],
)
def gather_a_thousand():
    """A thousand at once.

    This server has thirty places, and an answer takes 0.02 s. Who finds no
    place gets 503. `/none` is not there.
    """
    import aiohttp
    from aiohttp import web

    state = {"now": 0, "most": 0}

    async def answer(request):
        if state["now"] == 30:
            return web.Response(status=503)
        state["now"] += 1
        state["most"] = max(state["most"], state["now"])
        await asyncio.sleep(0.02)
        state["now"] -= 1
        return web.Response()

    def new_app():
        app = web.Application()
        app.router.add_get("/{number:[0-9]+}", answer)
        return app

    """
    One function for one URL, and `gather` for all:
    """
    from collections import Counter

    async def fetch(session, url):
        async with session.get(url) as reply:
            return reply.status

    async def all_at_once(urls):
        limit = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(timeout=limit) as session:
            return await asyncio.gather(*[fetch(session, u) for u in urls])

    """
    (An aiohttp session opens no more than 100 connections at a time, so the
    crowd at the door is a hundred.)
    """
    with servers.serve(new_app()) as server:
        urls = [f"{server.url}/{number}" for number in range(1000)]
        crowd = Counter(asyncio.run(all_at_once(urls)))
        print("statuses:", dict(crowd))

    """
    To ask again at once would bring the crowd back. What helps is a bound,
    below what the server can take. Which one? Read the documentation, or begin
    with ten.
    """

    async def fetch_inside(gate, session, url):
        async with gate:
            return await fetch(session, url)

    async def bounded(urls):
        gate = asyncio.Semaphore(25)
        async with aiohttp.ClientSession() as session:
            tasks = [fetch_inside(gate, session, url) for url in urls]
            return await asyncio.gather(*tasks)

    state["most"] = 0
    with servers.serve(new_app()) as server:
        urls = [f"{server.url}/{number}" for number in range(1000)]
        calm = Counter(asyncio.run(bounded(urls)))
        print("statuses:", dict(calm))
        print("most at once:", state["most"])

    """
    Everybody was served. Now one URL in the middle is wrong, and the session
    turns its status into an error. Twenty-five will do.
    """

    async def strict(urls, **options):
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            tasks = [fetch(session, url) for url in urls]
            return await asyncio.gather(*tasks, **options)

    results = []
    with servers.serve(new_app()) as server:
        urls = [f"{server.url}/{number}" for number in range(25)]
        urls[20] = f"{server.url}/none"
        try:
            results = asyncio.run(strict(urls))
        except aiohttp.ClientResponseError as error:
            print(error.status, error.message)
        print(len(results), "results")

    """
    `return_exceptions=True` puts an error into its place, in the list of
    results. The helper does it always, and has the bound besides:
    """

    async def with_helper(urls):
        return await aio.fetch_all(urls, limit=25)

    with servers.serve(new_app()) as server:
        urls = [f"{server.url}/{number}" for number in range(25)]
        urls[20] = f"{server.url}/none"
        kept = asyncio.run(strict(urls, return_exceptions=True))
        ours = asyncio.run(with_helper(urls))
        for name, outcomes in (("gather", kept), ("fetch_all", ours)):
            bad = [o for o in outcomes if isinstance(o, Exception)]
            good = len(outcomes) - len(bad)
            print(f"{name:9} {good} results, and in place 20:")
            print(f"          {type(outcomes[20]).__name__}", bad[0].status)

    """
    A list with errors in it has to be looked through. Whoever forgets that
    finds out at the first use of an error as a result. That is still better
    than answers that nobody gets.
    """


lesson.ends(
    """
    - An API is resources, methods, statuses and JSON. Check each status, and
      the shape of what comes.
    - One class holds base URL, session, timeout and key for all calls. The key
      comes from the environment and travels in a header.
    - Pages end with an empty one; a loop over them has a bound. Where rows
      move, follow a cursor or a link.
    - Plan when the next call is due, under a lock. Obey `Retry-After`, and
      come back at a random moment. Ask for many at once, within a limit.
    - A signature is over bytes. A key for each payment makes a retry safe.

    Three questions to check yourself:

    1. A program prints "created: None". Which check is missing in its client?
    2. In an `async def` stands `for url in urls: await fetch(url)`. How long
       do 30 URLs take, if each takes a second, and how long with `gather`?
    3. A POST was answered by silence. When may it be sent again?

    The answers are in docs/lesson_05.md. Now write it yourself:
    `netbasics practice 5` (all_items, paginate, Limiter, call, verify,
    fetch_all). Next: all of it in programs that one would keep.
    `netbasics learn 06`
    """
)


if __name__ == "__main__":
    lesson.main()
