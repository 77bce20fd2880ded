"""Check the form, then the signature, then the time, and remember last."""

import hmac
import re


def verify(
    secret: bytes,
    headers: list[tuple[str, str]],
    raw: bytes,
    now: float,
    seen: set,
) -> bool:
    stamp = only(headers, "x-timestamp")
    signature = only(headers, "x-signature")
    # `int` takes " 17", "1_7" and other alphabets' digits, too.
    if not re.fullmatch("[0-9]{1,20}", stamp):
        return False
    if not re.fullmatch("[0-9a-f]{64}", signature):
        return False
    right = hmac.digest(secret, stamp.encode() + b"." + raw, "sha256")
    if not hmac.compare_digest(right, bytes.fromhex(signature)):
        return False
    if abs(now - int(stamp)) > 300 or signature in seen:
        return False
    seen.add(signature)
    return True


def only(headers: list[tuple[str, str]], name: str) -> str:
    """Return the one header of that name, or nothing."""
    values = [value for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else ""
