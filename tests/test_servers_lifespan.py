import asyncio

import pytest

from netbasics.errors import ServerFailed
from netbasics.servers.lifespan import Lifespan

pytestmark = pytest.mark.anyio


def speaking(*events, at_start=None, at_stop=None):
    """An app that follows the protocol, and fails where it is told to."""

    async def app(scope, receive, send):
        assert scope["type"] == "lifespan"
        assert (await receive())["type"] == "lifespan.startup"
        if at_start is not None:
            raise at_start
        scope["state"]["pool"] = "ready"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        if at_stop is not None:
            raise at_stop
        await send({"type": "lifespan.shutdown.complete"})

    return app


async def test_an_app_starts_and_stops():
    lifespan = Lifespan(speaking())
    await lifespan.startup()
    assert lifespan.state == {"pool": "ready"}
    await lifespan.shutdown()
    await lifespan.shutdown()


async def test_an_exception_at_the_start_is_the_cause():
    lifespan = Lifespan(speaking(at_start=LookupError("no database")))
    with pytest.raises(ServerFailed, match="LookupError: no database") as c:
        await lifespan.startup()
    assert isinstance(c.value.__cause__, LookupError)


async def test_a_failure_that_is_announced_and_raised():
    async def app(scope, receive, send):
        await receive()
        text = "Traceback ...\nLookupError: no database\n"
        await send({"type": "lifespan.startup.failed", "message": text})
        raise LookupError("no database")

    with pytest.raises(ServerFailed, match="LookupError: no database") as c:
        await Lifespan(app).startup()
    assert isinstance(c.value.__cause__, LookupError)


@pytest.mark.parametrize(
    ("message", "said"),
    [("Traceback\n  ...\nno money\n", "no money"), ("", "it gave no reason")],
)
async def test_a_failure_that_is_only_announced(message, said):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": message})

    with pytest.raises(ServerFailed, match=f"did not start: {said}"):
        await Lifespan(app).startup()


async def refuses(scope, receive, send):
    assert scope["type"] == "http"


async def returns(scope, receive, send):
    return None


@pytest.mark.parametrize("app", [refuses, returns])
async def test_an_app_that_does_not_know_the_protocol_is_fine(app):
    lifespan = Lifespan(app)
    await lifespan.startup()
    await lifespan.shutdown()


async def test_an_exception_at_the_end_is_raised():
    lifespan = Lifespan(speaking(at_stop=LookupError("too late")))
    await lifespan.startup()
    with pytest.raises(ServerFailed, match="LookupError: too late") as c:
        await lifespan.shutdown()
    assert isinstance(c.value.__cause__, LookupError)


async def test_a_failure_at_the_end_that_is_only_announced():
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": "stuck"})

    lifespan = Lifespan(app)
    await lifespan.startup()
    with pytest.raises(ServerFailed, match="stuck"):
        await lifespan.shutdown()


async def test_a_shutdown_that_is_given_up_leaves_no_task():
    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    lifespan = Lifespan(app)
    await lifespan.startup()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(lifespan.shutdown(), 0.02)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
