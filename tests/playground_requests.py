"""The requests that the three users APIs must answer alike."""

from typing import NamedTuple

JSON = "application/json"
LIN = b'{"name": "Lin Clark", "email": "lin@example.com"}'
MIB = 1024 * 1024


class Ask(NamedTuple):
    """One request, and the status that it must get.

    `kind` is the content type; None sends a body without one (urllib cannot).
    `length=False` sends the body in chunks, without its length.
    """

    status: int
    method: str
    target: str
    body: bytes | None = None
    kind: str | None = JSON
    length: bool = True

    def __str__(self):
        body = "" if self.body is None else f" {self.body[:40]!r}"
        return f"{self.method} {self.target[:60]}{body}"


def get(status, target):
    return Ask(status, "GET", target)


def post(status, body, **options):
    return Ask(status, "POST", "/users", body, **options)


def put(status, target, body, **options):
    return Ask(status, "PUT", target, body, **options)


def patch(status, target, body, **options):
    return Ask(status, "PATCH", target, body, **options)


def delete(status, target):
    return Ask(status, "DELETE", target)


LISTS = [
    get(200, "/users"),
    get(200, "/users?page=1"),
    get(200, "/users?page=1&limit=2"),
    get(200, "/users?page=2&limit=2"),
    get(200, "/users?limit=2&page=3"),
    get(200, "/users?page=4&limit=2"),
    get(200, "/users?page=1000000&limit=100"),
    get(200, "/users?limit=100"),
    get(200, "/users?cursor=&limit=2"),
    get(200, "/users?cursor=2&limit=2"),
    get(200, "/users?cursor=4&limit=2"),
    get(200, "/users?cursor=0"),
    get(200, "/users?cursor=9223372036854775807"),
    get(200, "/users?limit=%32"),
    get(200, "/users?"),
    get(200, "/users?unknown=1&unknown=2"),
    get(200, "/users?page=007"),
    get(422, "/users?page=0"),
    get(422, "/users?page=-1"),
    get(422, "/users?page=1.0"),
    get(422, "/users?page=%2B1"),
    get(422, "/users?page=+1"),
    get(422, "/users?page=1_0"),
    get(422, "/users?page=two"),
    get(422, "/users?page="),
    get(422, "/users?page"),
    get(422, "/users?page=1000001"),
    get(422, "/users?page=" + "9" * 40),
    get(422, "/users?page=" + "9" * 5000),
    get(422, "/users?page=%D9%A1"),
    get(422, "/users?page=%00"),
    get(422, "/users?page=1%00"),
    get(422, "/users?limit=0"),
    get(422, "/users?limit=101"),
    get(422, "/users?limit=NaN&page=inf"),
    get(422, "/users?cursor=x"),
    get(422, "/users?cursor=9223372036854775808"),
    get(422, "/users?cursor=1&page=1"),
    get(422, "/users?page=1&page=2"),
    get(422, "/users?cursor=&cursor="),
    get(400, "/users?page=%FF"),
    get(400, "/users?x=%ED%A0%80"),
]

ONES = [
    get(200, "/users/1"),
    get(200, "/users/%31"),
    get(200, "/users/1?page=x&page=y"),
    get(200, "/users/0001"),
    get(404, "/users/99"),
    get(404, "/users/9223372036854775807"),
    get(422, "/users/9223372036854775808"),
    get(422, "/users/" + "9" * 40),
    get(422, "/users/" + "9" * 5000),
    get(422, "/users/0"),
    get(422, "/users/-1"),
    get(422, "/users/1.5"),
    get(422, "/users/one"),
    get(422, "/users/1%00"),
    get(422, "/users/%D9%A1"),
    get(422, "/users/%FF"),
    get(422, "/users/1;x"),
    get(422, "/users/.."),
    get(404, "/users/1/2"),
    get(404, "/users/1%2F2"),
    get(404, "/"),
    get(404, "/user"),
    get(404, "/Users"),
    get(404, "/users/../users"),
    get(404, "/%00"),
    get(404, "/nothing?page=1&page=2"),
]

CREATES = [
    post(201, LIN),
    post(409, LIN),
    post(409, LIN.replace(b"lin@", b"LIN@")),
    post(201, LIN.replace(b"lin@", b"l2@"), kind="application/json; a=b"),
    post(201, LIN.replace(b"lin@", b"l3@"), kind="Application/JSON"),
    post(201, '{"name": "Zoë 😀", "email": "zoë@exämple.com"}'.encode()),
    post(201, b'{"name": "\\ud83d\\ude00", "email": "e@example.com"}'),
    post(201, b' {"id": 7, "name": "I", "email": "i@example.com"}\n'),
    post(422, b"{}"),
    post(422, b'{"name": "Lin"}'),
    post(422, b'{"email": "a@example.com"}'),
    post(422, b'{"name": "", "email": ""}'),
    post(422, b'{"name": " Lin ", "email": "a@example.com"}'),
    post(422, b'{"name": "a\\u0000b", "email": "a@example.com"}'),
    post(422, b'{"name": "a\\nb", "email": "a@example.com"}'),
    post(422, b'{"name": null, "email": true}'),
    post(422, b'{"name": 1, "email": 1.5}'),
    post(422, b'{"name": [], "email": {}}'),
    post(422, b'{"name": "%s", "email": "a@example.com"}' % (b"x" * 101)),
    post(422, b'{"name": "A", "email": "%s@example.com"}' % (b"x" * 300)),
    post(422, b'{"name": "A", "email": "nobody"}'),
    post(422, b'{"name": "A", "email": "a b@example.com"}'),
    post(422, b'{"name": "A", "email": "a@example.com", "admin": true}'),
    post(422, b'{"name": "A", "email": "a@example.com", "": 0}'),
    post(422, b'{"%s": 0}' % (b"x" * 1000)),
    post(422, b"{%s}" % b",".join(b'"%d": 0' % n for n in range(50000))),
    post(422, b"[]"),
    post(422, b"null"),
    post(422, b'"text"'),
    post(422, b"1"),
    post(400, b""),
    post(400, b" "),
    post(400, b"\x00"),
    post(400, b"{"),
    post(400, LIN + b"x"),
    post(400, b"{'name': 'Lin'}"),
    post(400, b"name=Lin&email=lin%40example.com"),
    post(400, b'{"name": NaN, "email": "a@example.com"}'),
    post(400, b'{"name": -Infinity}'),
    post(400, b'{"name": 1e999}'),
    post(400, b'{"name": %s}' % (b"9" * 5000)),
    post(400, b'{"name": "\\ud800", "email": "a@example.com"}'),
    post(400, b'{"\\udfff": 1}'),
    post(400, b'{"name": "\xff"}'),
    post(400, b'{"name": "\xed\xa0\x80"}'),
    post(400, b'{"name": "a\nb"}'),
    post(400, b"\xef\xbb\xbf" + LIN),
    post(400, LIN.decode().encode("utf-16")),
    post(400, b'{"name": "A", "name": "B", "email": "a@example.com"}'),
    post(400, b"[" * 100_000),
    post(400, b'{"a":' * 100_000),
    post(400, b"[" * 500 + b"]" * 500),
    post(400, b" " * MIB),
    post(413, b" " * (MIB + 1)),
    post(413, LIN + b" " * (MIB + 100_000)),
    post(415, LIN, kind="text/plain"),
    post(415, LIN, kind="application/x-www-form-urlencoded"),
    post(415, LIN, kind="application/vnd.api+json"),
    post(415, LIN, kind="application/json/x"),
    post(415, LIN, kind="nonsense"),
    post(415, LIN, kind=None),
    post(400, None),
    post(201, LIN.replace(b"lin@", b"l4@"), length=False),
    post(400, b"{", length=False),
    post(413, b" " * (MIB + 1), length=False),
]

CHANGES = [
    put(200, "/users/2", b'{"name": "G", "email": "g@example.com"}'),
    put(200, "/users/2", b'{"id": 9, "name": "H", "email": "G@example.com"}'),
    put(404, "/users/99", b'{"name": "G", "email": "x@example.com"}'),
    put(409, "/users/2", b'{"name": "G", "email": "ada@example.com"}'),
    put(422, "/users/2", b'{"name": "G"}'),
    put(422, "/users/99", b"{}"),
    put(422, "/users/two", b"{}"),
    put(422, "/users/" + "9" * 40, LIN),
    put(400, "/users/two", b"{"),
    put(400, "/users/2", b"[" * 100_000),
    put(415, "/users/2", b"{}", kind="text/plain"),
    put(400, "/users/2", None),
    patch(200, "/users/2", b'{"name": "Grace"}'),
    patch(200, "/users/2", b'{"email": "grace@example.com"}'),
    patch(200, "/users/2", b"{}"),
    patch(200, "/users/2", b'{"id": 3}'),
    patch(404, "/users/99", b'{"name": "G"}'),
    patch(404, "/users/99", b"{}"),
    patch(409, "/users/2", b'{"email": "ada@example.com"}'),
    patch(422, "/users/2", b'{"name": null}'),
    patch(422, "/users/2", b'{"name": ""}'),
    patch(422, "/users/2", b'{"emial": "g@example.com"}'),
    patch(422, "/users/two", b'{"name": ""}'),
    patch(422, "/users/2", b"[]"),
    patch(400, "/users/2", b'{"name": NaN}'),
    patch(413, "/users/2", b" " * (MIB + 1)),
    patch(415, "/users/2", b"{}", kind="application/merge-patch+json"),
    patch(200, "/users/2", b'{"name": "Grace H"}', length=False),
]

DELETES = [
    delete(204, "/users/3"),
    delete(404, "/users/3"),
    delete(404, "/users/99"),
    delete(422, "/users/three"),
    delete(422, "/users/" + "9" * 40),
    Ask(204, "DELETE", "/users/4", b"a body that nobody wants"),
]

METHODS = [
    delete(405, "/users"),
    put(405, "/users", LIN),
    patch(405, "/users", b"{"),
    Ask(405, "POST", "/users/1", LIN),
    Ask(405, "POST", "/users/one", b"["),
    Ask(405, "BREW", "/users"),
    Ask(405, "BREW", "/users/1"),
    Ask(404, "BREW", "/nothing"),
    Ask(404, "POST", "/nothing", LIN),
    Ask(404, "DELETE", "/"),
]

# In this order: later ones see what earlier ones have changed.
REQUESTS = [*LISTS, *ONES, *CREATES, *CHANGES, *DELETES, *METHODS, *LISTS[:12]]
