"""5.5 Many at once, and not too many."""


async def fetch_all(urls: list[str], limit: int) -> list[bytes | Exception]:
    """GET many URLs at once, and return what became of each.

    As many requests are under way at once as `limit` says, if there are as
    many URLs, and never more: all hosts together, and each until its body has
    been read. Any library may be used. This is a coroutine: while it waits,
    other tasks of the event loop must be able to run.

    Args:
        urls: The URLs, of plain http. They may be of several hosts, and one
            may be there more than once. Servers do not redirect here.
        limit: How many may be under way, 1 or more.

    Returns:
        One entry for each URL, in the order of `urls`, whichever was answered
        first. It is the body; or an exception, as a value and not raised, if
        there was no connection, or the status is 400 or above, or the
        connection ended before as much of the body had come as Content-Length
        says, or it took longer than 5 seconds. These are 5 seconds for each
        URL, from connecting to the last byte of its body, however slowly they
        come; they begin when its turn has come, and their end may be noticed a
        second late, as some libraries do. Being late is a TimeoutError,
        the builtin one. What the others are is up to you.
    """
    raise NotImplementedError("not written yet")
