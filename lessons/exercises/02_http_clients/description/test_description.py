"""Checks description."""

import json

from description import description

from netbasics import lab

TEXT = 'Learn networking in Python by "running" it: héllo, wörld'
DOCUMENT = {
    "name": "netbasics",
    "owner": {"login": "someone", "description": "not this one"},
    "description": TEXT,
}
PATH = "/repos/netbasics"
DEFAULT = (
    "Most libraries wait for a silent server without end: `urlopen` and "
    "`requests.get` too. Your program waits for ever unless it is told a "
    "timeout."
)


def refusal(error):
    """An OSError, but not the one that says `too late`."""
    return isinstance(error, OSError) and not isinstance(error, TimeoutError)


def test_a_document(check):
    """The server sends a JSON document with a field `description`."""
    site = check.peer(lab.origin())
    site.put(PATH, json.dumps(DOCUMENT).encode(), kind="application/json")
    check.mistake(
        "This is not the field's value as the document means it. Decode the "
        "document with `json` instead of looking for words in its text: there "
        "is another `description` further inside, and some characters are "
        "written as escapes.",
        lambda it: "not this" in it.value or "\\" in it.value,
    )
    check.returns(TEXT, description, site.url + PATH)


def test_byte_by_byte(check):
    """The server sends the answer one byte at a time, in UTF-8."""
    site = check.peer(lab.origin(size=1))
    raw = json.dumps(DOCUMENT, ensure_ascii=False).encode()
    site.put(PATH, raw, kind="application/json")
    check.mistake(
        "One `recv` was taken for the whole answer. It returns what is there "
        "by now.",
        lambda it: isinstance(it.error, ValueError) or len(it.value) < 2,
    )
    check.returns(TEXT, description, site.url + PATH)


def test_no_such_document(check):
    """The server answers 404, with a JSON document that tells why."""
    site = check.peer(lab.origin())
    why = {"status": 404, "description": "There is no such repository."}
    raw = json.dumps(why).encode()
    site.put(PATH, raw, status=404, kind="application/json")
    check.mistake(
        "A 404 was taken for an answer. `requests` returns any status: call "
        "`raise_for_status()`, or look at it yourself.",
        lambda it: it.value == why["description"],
    )
    error = check.raises(OSError, description, site.url + PATH)
    check.that(
        refusal(error),
        "an OSError that is no TimeoutError",
        f"it raised {type(error).__name__}, though the answer came at once",
    )


def test_a_slow_server(check):
    """The server thinks for half a second, and then answers."""
    raw = json.dumps(DOCUMENT).encode()
    peer = check.peer(lab.slow(0.5, content=raw))
    check.mistake(
        "It gave up too early: two seconds of silence are allowed.",
        lambda it: it.error is not None and it.seconds < 0.5,
    )
    check.returns(TEXT, description, peer.url + PATH)


def test_a_silent_server(check):
    """The server reads the request and never says anything."""
    peer = check.peer(lab.silent())
    check.mistake(DEFAULT, lambda it: it.hung)
    check.mistake(
        "The library has an exception of its own for this, and `except "
        "TimeoutError` does not catch it. Catch it yourself, and raise the "
        "builtin one.",
        lambda it: "timed out" in str(it.error).lower(),
    )
    with check.within(2, "that it gives up"):
        check.raises(
            TimeoutError, description, f"http://127.0.0.1:{peer.port}{PATH}"
        )
    # A moment less: clocks of timeouts are not that exact.
    check.that(
        check.outcome.seconds > 1.9,
        "that it waits for 2 s",
        f"it gave up after {check.outcome.seconds:.1f} s",
    )
