"""Where the users live: one SQLite table under all three users APIs.

A web application keeps nothing in its own variables: it is restarted, and two
copies of it run side by side. What must last belongs in a database. This one is
in memory unless it is given a file, and knows nothing of HTTP.

    >>> store = Store()
    >>> store.get(1)
    {'id': 1, 'name': 'Ada Lovelace', 'email': 'ada@example.com'}
    >>> store.close()
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

from netbasics.playground.database import open_database
from netbasics.playground.store_errors import EmailTaken, NoSuchUser, StoreError

__all__ = ["MAX_ID", "STARTERS", "Store", "User"]

#: The largest id: SQLite keeps integers in 64 bits, one of them the sign.
MAX_ID = 2**63 - 1

#: Who is there at first, as (name, email).
STARTERS = (
    ("Ada Lovelace", "ada@example.com"),
    ("Grace Hopper", "grace@example.com"),
    ("Alan Turing", "alan@example.com"),
    ("Radia Perlman", "radia@example.com"),
    ("Paul Baran", "paul@example.com"),
)

# AUTOINCREMENT: the id of a deleted user is never given to another one. NOCASE:
# two addresses that differ only in case are the same mailbox almost everywhere.
TABLE = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE
)
"""
INSERT = "INSERT INTO users (name, email) VALUES (?, ?)"


class User(TypedDict):
    """One user, as the store returns it and as the APIs send it."""

    id: int
    name: str
    email: str


class Store:
    """Keep users in a SQLite database.

    The connection is shared by all threads behind one lock, and every change is
    committed before its method returns. (A busy site would use one connection
    for each thread, or a database server.) Values are always handed over beside
    the SQL, as `?`, never pasted into it: a name such as `'; DROP TABLE users`
    stays a name.

    Args:
        path: A file for the database, made if it is not there, or
            `":memory:"` for one that is gone when the store is closed.
        users: Who is put into a *new* database, as (name, email) pairs; `()`
            for an empty one. A file that has users already keeps its own.

    Raises:
        StoreError: The file cannot be used; it is left as it was.

    Example:
        >>> with Store(users=[]) as store:
        ...     store.create("Ada", "ada@example.com")
        {'id': 1, 'name': 'Ada', 'email': 'ada@example.com'}
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        users: Iterable[tuple[str, str]] = STARTERS,
    ) -> None:
        self.path = str(path)
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = open_database(
            self.path, TABLE, INSERT, list(users)
        )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection; commit at the end, undo after an error."""
        with self._lock:
            if self._db is None:
                raise StoreError(
                    f"the store {self.path!r} is closed; make a new Store"
                )
            try:
                with self._db:
                    yield self._db
            except sqlite3.IntegrityError:
                raise  # two users with one email: the caller knows which
            except sqlite3.Error as error:
                raise StoreError(
                    f"the store {self.path!r} failed: {error}; nothing was "
                    "changed. Is the disk full, or the file in use?"
                ) from error

    def _rows(self, sql: str, *values: Any) -> list[User]:
        with self._transaction() as db:
            rows = db.execute(sql, values).fetchall()
        return [User(id=r[0], name=r[1], email=r[2]) for r in rows]

    def count(self) -> int:
        """Return how many users there are."""
        with self._transaction() as db:
            (number,) = db.execute("SELECT count(*) FROM users").fetchone()
        return int(number)

    def page(self, number: int, limit: int) -> list[User]:
        """Return one page of users, oldest first.

        Easy to ask for, and wrong while rows come and go: delete one user of
        page 1, and the first of page 2 moves to page 1, where a client that
        has read page 1 never sees it. `after` does not have this trap.

        Args:
            number: Which page; the first one is 1.
            limit: How many users make a page.

        Returns:
            At most `limit` users; an empty list past the end.
        """
        skip = min(max(0, number - 1) * limit, MAX_ID)
        sql = "SELECT id, name, email FROM users ORDER BY id LIMIT ? OFFSET ?"
        return self._rows(sql, limit, skip)

    def after(self, last: int, limit: int) -> list[User]:
        """Return the users that follow the one with the id `last`.

        Args:
            last: The last id that was seen; 0 to begin. It need not exist.
            limit: How many users at most.

        Example:
            >>> with Store() as store:
            ...     [user["id"] for user in store.after(2, limit=2)]
            [3, 4]
        """
        sql = (
            "SELECT id, name, email FROM users WHERE id > ? ORDER BY id LIMIT ?"
        )
        return self._rows(sql, min(last, MAX_ID), limit)

    def get(self, user_id: int) -> User:
        """Return the user with this id.

        Raises:
            NoSuchUser: There is none.
        """
        if not 0 < user_id <= MAX_ID:  # sqlite3 raises OverflowError for it
            raise NoSuchUser(user_id)
        sql = "SELECT id, name, email FROM users WHERE id = ?"
        for user in self._rows(sql, user_id):
            return user
        raise NoSuchUser(user_id)

    def create(self, name: str, email: str) -> User:
        """Add a user and return it with its new id.

        Raises:
            EmailTaken: Another user has this email.
        """
        try:
            with self._transaction() as db:
                user_id = db.execute(INSERT, (name, email)).lastrowid
        except sqlite3.IntegrityError:
            raise EmailTaken(email) from None
        return User(id=user_id or 0, name=name, email=email)

    def replace(self, user_id: int, name: str, email: str) -> User:
        """Give a user a new name and a new email; return the user.

        Raises:
            NoSuchUser: There is no user with this id.
            EmailTaken: Another user has this email.
        """
        return self.change(user_id, name=name, email=email)

    def change(
        self, user_id: int, name: str | None = None, email: str | None = None
    ) -> User:
        """Change what is given, keep what is None; return the user.

        Raises:
            NoSuchUser: There is no user with this id.
            EmailTaken: Another user has this email.
        """
        if not 0 < user_id <= MAX_ID:
            raise NoSuchUser(user_id)
        # One statement: no other thread can come between a read and a write.
        sql = (
            "UPDATE users SET name = coalesce(?, name), "
            "email = coalesce(?, email) WHERE id = ? "
            "RETURNING id, name, email"
        )
        try:
            rows = self._rows(sql, name, email, user_id)
        except sqlite3.IntegrityError:
            raise EmailTaken(email or "") from None
        for user in rows:
            return user
        raise NoSuchUser(user_id)

    def delete(self, user_id: int) -> None:
        """Remove a user.

        Raises:
            NoSuchUser: There is no user with this id (any more).
        """
        if not 0 < user_id <= MAX_ID:
            raise NoSuchUser(user_id)
        with self._transaction() as db:
            sql = "DELETE FROM users WHERE id = ?"
            deleted = db.execute(sql, (user_id,)).rowcount
        if not deleted:
            raise NoSuchUser(user_id)

    def close(self) -> None:
        """Close the database; what was committed stays. Twice is fine."""
        with self._lock:
            db, self._db = self._db, None
        if db is not None:
            db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        try:
            return f"<Store {self.path!r}, {self.count()} users>"
        except StoreError:
            return f"<Store {self.path!r}, closed>"
