import re

WORDS = ("token", "key", "secret", "password", "signature")


def redact(url: str) -> str:
    rest, hash_sign, fragment = url.partition("#")
    rest, question_mark, query = rest.partition("?")
    start = _without_user(rest)
    return start + question_mark + _hide(query) + hash_sign + _hide(fragment)


def _without_user(text: str) -> str:
    scheme, slashes, rest = text.partition("//")
    authority, slash, path = rest.partition("/")
    _, at, host = authority.rpartition("@")
    if at:
        authority = f"***@{host}"
    return scheme + slashes + authority + slash + path


def _hide(fields: str) -> str:
    # The brackets in the pattern: `split` returns the dividers as well.
    return "".join(_hide_value(field) for field in re.split("([&;])", fields))


def _hide_value(field: str) -> str:
    name, equals, _ = field.partition("=")
    key = name.lower()
    if equals and any(word in key for word in WORDS):
        return f"{name}=***"
    return field
