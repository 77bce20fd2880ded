"""What a user is: one rule for each value, the same in all three users APIs.

A rule takes what came and returns the value, or raises a `ValueError` that says
what it must be. Flask and `http.server` apply them by `whole_user` and its
neighbours; Pydantic calls the same rules for FastAPI.

    >>> whole_user({"name": "Ada", "email": "ada@example.com"})
    {'name': 'Ada', 'email': 'ada@example.com'}
    >>> whole_user({"name": ""})
    Traceback (most recent call last):
    ...
    netbasics.playground.refusals.Refused: the body is not valid
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from netbasics.playground.refusals import not_valid
from netbasics.playground.store import MAX_ID

__all__ = [
    "DEFAULT_LIMIT",
    "IS_MISSING",
    "IS_UNKNOWN",
    "cursor",
    "email",
    "limit",
    "list_query",
    "name",
    "page",
    "path_id",
    "some_fields",
    "user_id",
    "whole_user",
]

MAX_PAGE = 1_000_000
MAX_LIMIT = 100
DEFAULT_LIMIT = 20
IS_MISSING = "is missing"
IS_UNKNOWN = "is not a field of a user"

JSON_WORDS = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "an object",
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Whether an address exists, only a mail to it can tell; this finds slips.
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def shown(text: str) -> str:
    """Quote what came, shortened; `repr` also makes it safe to send back."""
    if len(text) <= 40:
        return repr(text)
    return f"{text[:40]!r}... ({len(text)} characters)"


def whole_number(text: str, least: int, most: int) -> int:
    """Read a number from a URL.

    `int()` alone is too kind: it takes " 7", "+7", "1_000" and Arabic digits,
    and with 5,000 digits it raises another error than for "seven".
    """
    # Without the bound on the digits, int() would work through all of them.
    if re.fullmatch("[0-9]{1,19}", text) and least <= int(text) <= most:
        return int(text)
    raise ValueError(
        f"must be a whole number from {least} to {most}, not {shown(text)}"
    )


def user_id(text: str) -> int:
    """Read the id in `/users/7`."""
    return whole_number(text, 1, MAX_ID)


def page(text: str) -> int:
    """Read `?page=`."""
    return whole_number(text, 1, MAX_PAGE)


def limit(text: str) -> int:
    """Read `?limit=`."""
    return whole_number(text, 1, MAX_LIMIT)


def cursor(text: str) -> int:
    """Read `?cursor=`: the last id that was seen; empty to begin.

    Clients send back what they were given and know nothing of ids: then the
    server may one day put something else in it.
    """
    return whole_number(text or "0", 0, MAX_ID)


def string(value: object, most: int) -> str:
    """Check a JSON string that is shown to people."""
    if not isinstance(value, str):
        raise ValueError(f"must be a string, not {JSON_WORDS[type(value)]}")
    if not 1 <= len(value) <= most:
        raise ValueError(f"must have 1 to {most} characters, not {len(value)}")
    if CONTROL.search(value) or value != value.strip():
        raise ValueError("must have no blank at its ends, no control character")
    return value


def name(value: object) -> str:
    """Check a user's name."""
    return string(value, 100)


def email(value: object) -> str:
    """Check an email address, roughly (RFC 5321 limits it to 254 bytes)."""
    text = string(value, 254)
    if not EMAIL.fullmatch(text):
        raise ValueError(f"must look like ada@example.com, not {shown(text)}")
    return text


FIELDS = {"name": name, "email": email}
QUERY = {"page": page, "limit": limit, "cursor": cursor}


def path_id(text: str) -> int:
    """Return the id from a path, or refuse it.

    Raises:
        Refused: 422; it is no whole number that an id can be.
    """
    return int(
        checked({"user_id": user_id}, {"user_id": text}, "path")["user_id"]
    )


def list_query(
    query: Mapping[str, str],
) -> tuple[int | None, int, int | None]:
    """Return page, limit and cursor from a query; others are ignored.

    Raises:
        Refused: 422; one of them is not valid.
    """
    given = {key: query[key] for key in QUERY if key in query}
    values = checked(QUERY, given, "query")
    return (
        values.get("page"),
        values.get("limit", DEFAULT_LIMIT),
        values.get("cursor"),
    )


def whole_user(body: Mapping[str, Any]) -> dict[str, str]:
    """Return name and email from a body that must have both.

    An `id` is let pass and ignored, so that what GET gave can be PUT again.

    Raises:
        Refused: 422, with what is wrong with each field.
    """
    return checked(FIELDS, body, "body", missing=IS_MISSING)


def some_fields(body: Mapping[str, Any]) -> dict[str, str]:
    """Return name or email or both, whatever a PATCH has.

    Raises:
        Refused: 422, with what is wrong with each field.
    """
    return checked(FIELDS, body, "body")


def checked(
    rules: Mapping[str, Callable[[Any], Any]],
    given: Mapping[str, Any],
    where: str,
    missing: str = "",
) -> dict[str, Any]:
    """Apply each rule, and refuse with all that is wrong, not the first."""
    values, wrong = {}, {}
    for key, rule in rules.items():
        if key in given:
            try:
                values[key] = rule(given[key])
            except ValueError as error:
                wrong[key] = str(error)
        elif missing:
            wrong[key] = missing
    for key in given.keys() - rules.keys() - {"id"}:
        # Ignored, {"emial": ...} would be a change that changes nothing.
        wrong[key] = IS_UNKNOWN
    if wrong:
        raise not_valid(where, wrong)
    return values
