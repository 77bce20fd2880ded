"""Texts all the way; everything malformed is an exception that is caught."""

import hashlib
import hmac
import string


def verify(secret, headers, raw, now, seen):
    try:
        message = check(secret, headers, raw, now)
    except (LookupError, ValueError):
        return False
    if message in seen:
        return False
    seen.add(message)
    return True


def check(secret, headers, raw, now):
    found = {}
    for name, value in headers:
        if name.lower() in found:
            value = None
        found[name.lower()] = value
    stamp, signature = found["x-timestamp"], found["x-signature"]
    if not stamp or set(stamp) - set(string.digits):
        raise ValueError("no timestamp")
    if not signature or not signature.isascii():
        raise ValueError("no signature")
    mac = hmac.new(secret, digestmod=hashlib.sha256)
    mac.update(stamp.encode("ascii"))
    mac.update(b".")
    mac.update(raw)
    if not hmac.compare_digest(mac.hexdigest(), signature):
        raise ValueError("a forgery")
    if not now - 300 <= int(stamp) <= now + 300:
        raise ValueError("not now")
    return stamp, raw
