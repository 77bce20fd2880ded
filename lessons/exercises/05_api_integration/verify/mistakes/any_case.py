import hashlib
import hmac


def verify(secret, headers, raw, now, seen):
    found = {}
    for name, value in headers:
        name = name.lower()
        if name in found:
            return False
        found[name] = value
    stamp = found.get("x-timestamp", "")
    given = found.get("x-signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 20):
        return False
    if not given.isascii():
        return False
    signed = stamp.encode() + b"." + raw
    right = hmac.new(secret, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, given.lower()):
        return False
    if abs(now - int(stamp)) > 300:
        return False
    if given in seen:
        return False
    seen.add(given)
    return True
