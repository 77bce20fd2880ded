"""Clients of a JSON API: one request after the other, keep-alive.

Each request asks for another URL, so that what one of the clients remembers of
a URL that it took apart does not make it look faster than it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from benchmarks.asking import Work, asked, json_reply
from benchmarks.measuring import Contender, Figure, Row

REQUESTS = 600
USER = json_reply(
    b'{"id": 7, "name": "Ada Lovelace", "email": "ada@example.org", '
    b'"tags": ["first", "programmer"], "born": 1815}'
)
KEY = "s3cret"
HEADERS = {"Accept": "application/json", "Authorization": f"Bearer {KEY}"}
TIMEOUT = 5.0
RETRIES = 2
WORTH_IT = (429, 502, 503, 504)  # statuses


def user(target: str) -> tuple[bytes, float]:
    """Answer with a user, at once."""
    return USER, 0.0


@contextmanager
def bare_session(url: str) -> Iterator[Work]:
    """`requests.Session`, and nothing around it."""
    import requests

    with requests.Session() as session:

        def work(count: int) -> None:
            for n in range(count):
                session.get(f"{url}/users/{n}").json()

        yield work


@contextmanager
def with_retry(url: str) -> Iterator[Work]:
    """A session with urllib3's retries, a timeout and a look at the status."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import Retry

    retry = Retry(RETRIES, backoff_factor=0.2, status_forcelist=WORTH_IT)
    with requests.Session() as session:
        session.headers.update(HEADERS)
        session.mount("http://", HTTPAdapter(max_retries=retry))

        def work(count: int) -> None:
            for n in range(count):
                response = session.get(f"{url}/users/{n}", timeout=TIMEOUT)
                response.raise_for_status()
                response.json()

        yield work


@contextmanager
def with_tenacity(url: str) -> Iterator[Work]:
    """A session, and a function that tenacity calls again."""
    import requests
    import tenacity

    with requests.Session() as session:
        session.headers.update(HEADERS)

        @tenacity.retry(
            stop=tenacity.stop_after_attempt(1 + RETRIES),
            wait=tenacity.wait_exponential_jitter(0.2, 10),
            retry=tenacity.retry_if_exception_type(requests.RequestException),
        )
        def get(path: str) -> object:
            response = session.get(url + path, timeout=TIMEOUT)
            response.raise_for_status()
            return response.json()

        def work(count: int) -> None:
            for n in range(count):
                get(f"/users/{n}")

        yield work


@contextmanager
def with_stamina(url: str) -> Iterator[Work]:
    """A session, and a function that stamina calls again."""
    import requests
    import stamina

    with requests.Session() as session:
        session.headers.update(HEADERS)

        @stamina.retry(on=requests.RequestException, attempts=1 + RETRIES)
        def get(path: str) -> object:
            response = session.get(url + path, timeout=TIMEOUT)
            response.raise_for_status()
            return response.json()

        def work(count: int) -> None:
            for n in range(count):
                get(f"/users/{n}")

        yield work


@contextmanager
def with_httpx(url: str) -> Iterator[Work]:
    """`httpx.Client`, with a timeout and a look at the status."""
    import httpx

    with httpx.Client(base_url=url, headers=HEADERS, timeout=TIMEOUT) as client:

        def work(count: int) -> None:
            for n in range(count):
                client.get(f"/users/{n}").raise_for_status().json()

        yield work


@contextmanager
def ours(url: str) -> Iterator[Work]:
    """`APIClient`: a key, retries, a deadline, a limiter, limits of size."""
    from netbasics.apis import APIClient
    from netbasics.limits import RateLimiter

    limiter = RateLimiter(1e6, burst=1000)  # asked, and never waited for
    with APIClient(
        url, api_key=KEY, timeout=TIMEOUT, retries=RETRIES, limiter=limiter
    ) as api:

        def work(count: int) -> None:
            for n in range(count):
                api.get(f"/users/{n}", expect=dict)

        yield work


PEERS = {
    "Session + Retry adapter": ("urllib3", with_retry),
    "Session + tenacity": ("tenacity", with_tenacity),
    "Session + stamina": ("stamina", with_stamina),
    "httpx.Client": ("httpx", with_httpx),
}


TRIED = (
    "Ours has requests underneath, as what this package teaches; it is ahead "
    "of a bare Session because it looks up and merges less for each request. "
    "In one run http.client took 83 us of CPU time for this request, urllib3 "
    "190, httpx 333, ours 472 and requests 530: what is left is the preparing "
    "and checking that requests does itself, which only another library in "
    "its place would save."
)


def rows() -> list[Row]:
    """Return the rows of this file."""
    peers: dict[str, Contender] = {}
    missing: dict[str, str] = {}
    for name, (package, prepare) in PEERS.items():
        if find_spec(package):
            peers[name] = asked(user, prepare, REQUESTS)
        else:
            missing[name] = f"{package} is not installed"
    return [
        Row(
            "client-get",
            "GET with all features on, keep-alive",
            "requests",
            {
                "requests.Session": asked(user, bare_session, REQUESTS),
                "netbasics": asked(user, ours, REQUESTS),
                **peers,
            },
            [
                Figure("rate", 0.95, "at least"),
                *(
                    Figure("rate", 1.0, "at least", against=peer, tried=TRIED)
                    for peer in peers
                ),
            ],
            missing,
        )
    ]
