"""Start the practice APIs, each when it is first named, and stop them all."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from netbasics.playground import index, services
from netbasics.playground.store import Store
from netbasics.servers import Server, serve

__all__ = ["Playground", "run"]


def run(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    db: str | Path = ":memory:",
) -> "Playground":
    """Make a playground: practice APIs, served on this machine.

    Args:
        host: The address to listen on. The default can be reached from this
            machine alone. Keep it: these APIs let anybody change anything.
        port: The port of the index; the services follow on the next ones, in
            the order of `SERVICES`. With 0, each has a free one.
        db: The file in which the three users APIs keep their users; the
            default is gone at the end.

    Returns:
        A playground to be used in a with-block or with `start()`.

    Raises:
        ValueError: There are no such ports.

    Example:
        >>> import requests
        >>> with run() as play:
        ...     requests.get(play.textbook + "/users/octocat").json()["name"]
        'The Octocat'
    """
    return Playground(host=host, port=port, db=db)


class Playground:
    """Practice APIs; each starts when its URL is first asked for.

    The three users APIs share one store: what is created through Flask is read
    through FastAPI. The textbook API has users of its own.

    All attributes are URLs without a slash at the end. Every method may be
    called from any thread. The arguments are those of `run()`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        db: str | Path = ":memory:",
    ) -> None:
        last = port + len(services.SERVICES)
        if port and not 0 < port <= last <= 65535:
            raise ValueError(
                f"the playground needs the ports {port} to {last}, but ports "
                "go from 1 to 65535; give a smaller one, or 0 for free ones"
            )
        self._host = host
        self._port = port
        self._db = db
        self._lock = threading.RLock()
        self._users: Store | None = None
        self._people: Store | None = None
        self._servers: dict[str, Server] = {}
        self._stopped = False

    @property
    def url(self) -> str:
        """The index: a page in a browser, JSON for everything else."""
        return self._url("index")

    @property
    def users_stdlib(self) -> str:
        """The users API on `http.server`."""
        return self._url("users_stdlib")

    @property
    def users_flask(self) -> str:
        """The users API on Flask."""
        return self._url("users_flask")

    @property
    def users_fastapi(self) -> str:
        """The users API on FastAPI; its interactive page is at /docs."""
        return self._url("users_fastapi")

    @property
    def textbook(self) -> str:
        """The textbook API; its interactive page is at /docs."""
        return self._url("textbook")

    @property
    def httpbin(self) -> str:
        """The `httpbin` package."""
        return self._url("httpbin")

    @property
    def store(self) -> Store:
        """The users of the three users APIs."""
        with self._lock:
            return self._open()[0]

    def start(self, *names: str) -> Self:
        """Open the users' database, start these services, return self.

        Without names, each service starts when it is first named. A stopped
        playground may be started again.

        Args:
            names: Some of `SERVICES`, or all: `start(*SERVICES)`.

        Raises:
            StoreError: The database cannot be used.
            OSError: A port is in use.
        """
        for name in names:
            if name not in services.SERVICES:
                known = ", ".join(services.SERVICES)
                raise ValueError(f"no service {name!r}; there are {known}")
        with self._lock:
            self._stopped = False
            self._open()
            for name in names:
                self._url(name)
        return self

    def urls(self) -> dict[str, str]:
        """Return the URL of every service, and start those that do not run."""
        return {name: self._url(name) for name in services.SERVICES}

    def requests_to_try(self, name: str) -> list[tuple[str, str]]:
        """Return what to ask a service: what it shows, and a curl command."""
        return services.requests_to_try(name, self._url(name))

    def stop(self, drain: float = 0.5) -> None:
        """Stop all services and close the stores. Stopping twice is fine.

        Args:
            drain: How long running requests may take to finish, in seconds.
        """
        with self._lock:
            self._stopped = True
            servers, self._servers = self._servers, {}
            stores = self._users, self._people
            self._users = self._people = None
        # At the same time, and without the lock: the index may be waiting for
        # it in the middle of a request.
        threads = [
            threading.Thread(
                target=server.stop, args=[drain], name=f"stop {name}"
            )
            for name, server in servers.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for store in stores:
            if store is not None:
                store.close()

    def _open(self) -> tuple[Store, Store]:
        """Return the stores, opened if they are not."""
        if self._stopped:
            raise RuntimeError("the playground is stopped; call start() first")
        if self._users is None or self._people is None:
            self._users = Store(self._db)
            self._people = Store(users=services.PEOPLE)
        return self._users, self._people

    def _url(self, name: str) -> str:
        """Return the URL of a service, started if it is not."""
        with self._lock:
            users, people = self._open()
            if name not in self._servers:
                if name == "index":
                    app = index.create_app(self.urls)
                else:
                    app = services.make_app(name, users, people)
                server = serve(app, host=self._host, port=self._port_of(name))
                self._servers[name] = server.start()
            return self._servers[name].url

    def _port_of(self, name: str) -> int:
        if not self._port:
            return 0
        return self._port + ["index", *services.SERVICES].index(name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        with self._lock:
            servers = dict(self._servers)
        if not servers:
            state = "stopped" if self._stopped else "no service started yet"
            return f"<Playground, {state}>"
        running = ", ".join(
            f"{name} {server.url} ({server.served} served)"
            for name, server in servers.items()
        )
        return f"<Playground: {running}>"
