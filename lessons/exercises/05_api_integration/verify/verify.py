"""5.4 Is this message genuine?"""


def verify(
    secret: bytes,
    headers: list[tuple[str, str]],
    raw: bytes,
    now: float,
    seen: set,
) -> bool:
    """Say whether a webhook's message is genuine, recent and new.

    Who sends it knows the secret and adds two headers:

    - `X-Timestamp`: when it was sent, in whole seconds since 1970. Nothing but
      ASCII digits: `1700000000`.
    - `X-Signature`: HMAC-SHA256 with the secret as its key, over the bytes of
      the timestamp as it is in the header, a dot, and the body:
      `1700000000.{"id": 7}`. It is written as 64 hexadecimal digits, in lower
      case.

    It is genuine if the signature is right, recent if the timestamp is at most
    300 seconds away from `now`, either way (300 is fine), and new if the same
    message was not accepted before. Two messages are the same if body and
    timestamp are. Anything that is missing or malformed, or a header of the
    two that comes twice, makes it False.

    Signatures are compared with `hmac.compare_digest`, on texts or on bytes:
    `==` ends at the first difference, and how long it took tells a forger how
    much was right.

    Args:
        secret: The key. Any bytes.
        headers: Pairs of name and value, of all the message's headers. The
            names are in any case; the values are any text, also not ASCII.
        raw: The body as it came. Any bytes, perhaps none.
        now: The time, in seconds since 1970. No other clock counts.
        seen: What this function knows of accepted messages; empty at first.
            It puts there whatever it needs, and the caller hands it in again.
            A message that is not accepted leaves it as it is. Nothing is
            remembered elsewhere.

    Returns:
        True if the message is genuine, recent and new; else False. No message
        leads to an exception.
    """
    raise NotImplementedError("not written yet")
