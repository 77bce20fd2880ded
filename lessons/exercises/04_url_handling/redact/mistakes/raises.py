import re
from urllib.parse import unquote, urlsplit

WORDS = ("token", "key", "secret", "password", "signature")


def hide(fields):
    result = ""
    for field in re.split("([&;])", fields):
        key, equals, value = field.partition("=")
        if equals and any(word in unquote(key).lower() for word in WORDS):
            value = "***"
        result += key + equals + value
    return result


def redact(url):
    parts = urlsplit(url)
    start, hash_sign, fragment = url.partition("#")
    start, question_mark, query = start.partition("?")
    if parts.username is not None:
        user, _, _ = parts.netloc.rpartition("@")
        start = start.replace(f"//{user}@", "//***@", 1)
    return start + question_mark + hide(query) + hash_sign + hide(fragment)
