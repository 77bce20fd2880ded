"""1W A greeting."""


def greeting(address: tuple[str, int]) -> str:
    """Return all the text that a TCP server sends.

    The server speaks as soon as somebody connects, and closes when it has
    said everything. It expects no question, and it may take its time: the
    text can come in any number of pieces, of any size, cut anywhere, even
    inside a character.

        greeting(("127.0.0.1", 4000))  ->  "Hello, whoever you are.\\n"

    Args:
        address: Where the server listens: host and port.

    Returns:
        The whole text, decoded as UTF-8. Nothing in it is changed: line ends
        and blanks are as they came. A server that says nothing gives `""`.
    """
    raise NotImplementedError("not written yet")
