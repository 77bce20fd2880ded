"""Open a SQLite file, or say clearly why not, and leave it as it was.

`sqlite3.connect()` hardly ever fails: it opens a text file, a read-only file
and another program's database alike, and the error comes with the first query,
long after the mistake, in five words. Here everything is tried at once.
"""

import sqlite3
from pathlib import Path
from typing import Any

from netbasics.playground.store_errors import StoreError

__all__ = ["open_database"]

# Four bytes of the file's header that say whose it is ("nbus"), so that a table
# is never put into the database of another program.
APPLICATION_ID = int.from_bytes(b"nbus")

ADVICE = {
    "SQLITE_NOTADB": "it is not a SQLite database; name another file",
    "SQLITE_CORRUPT": "it is damaged; restore a copy, or name another file",
    "SQLITE_READONLY": "it, or its folder, may be read but not written by "
    "this user; change the permissions, or name another file",
    "SQLITE_CANTOPEN": "it, or its folder, may not be read and written by "
    "this user; change the permissions, or name another file",
    "SQLITE_BUSY": "another program has it locked; stop that program, or name "
    "another file",
    "SQLITE_FULL": "the disk is full; make room, or name another file",
}


def open_database(
    path: str, table: str, insert: str, rows: list[tuple[Any, ...]]
) -> sqlite3.Connection:
    """Open a database and, if it is new, make its table with these rows.

    Args:
        path: A file, or `":memory:"`.
        table: The `CREATE TABLE` statement.
        insert: The `INSERT` statement for one row, with `?` for its values.
        rows: What a new table contains.

    Returns:
        A connection for all threads; guard it with a lock.

    Raises:
        StoreError: It cannot be opened for reading and writing, or it is not
            ours. Nothing in it was changed.
    """
    if path != ":memory:":
        _check_place(path)
    try:
        # The caller's lock makes one connection safe in many threads.
        db = sqlite3.connect(path, timeout=2.0, check_same_thread=False)
    except (sqlite3.Error, ValueError) as error:
        raise _refusal(path, error) from error
    try:
        with db:
            # A write lock right away: two programs cannot both find the file
            # new, and a file that can only be read is found out now.
            db.execute("BEGIN IMMEDIATE")
            if _is_new(db, path):
                db.execute(table)
                db.executemany(insert, rows)
            # Also writes: a folder without room for the journal shows here.
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    except BaseException as error:
        db.close()
        if isinstance(error, sqlite3.Error):
            raise _refusal(path, error) from error
        raise
    return db


def _check_place(path: str) -> None:
    """Name the two mistakes for which SQLite has no words of its own."""
    if not path.strip() or "\0" in path:
        raise StoreError(
            f"{path!r} is not a file name; give the path of a file, or "
            "':memory:' for a database without one"
        )
    place = Path(path)
    try:
        is_folder, has_folder = place.is_dir(), place.parent.is_dir()
    except OSError as error:  # a name too long, a folder that may not be read
        raise StoreError(
            f"cannot keep users in {path!r}: {error.strerror}; name another "
            "file"
        ) from error
    if is_folder:
        raise StoreError(
            f"cannot keep users in {path!r}: it is a folder; name a file in "
            f"it, such as {str(place / 'users.db')!r}"
        )
    if not has_folder:
        raise StoreError(
            f"cannot keep users in {path!r}: there is no folder "
            f"{str(place.parent)!r}; make it first, or name another file"
        )


def _is_new(db: sqlite3.Connection, path: str) -> bool:
    """Tell whether the database is empty; refuse one that is not ours."""
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        return True
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    if owner != APPLICATION_ID:
        raise StoreError(
            f"cannot keep users in {path!r}: it is the database of another "
            "program, and was left as it was; name another file"
        )
    return False


def _refusal(path: str, error: Exception) -> StoreError:
    """Say in full what SQLite says in five words."""
    name = getattr(error, "sqlite_errorname", "")
    # Extended codes begin with the plain one: SQLITE_READONLY_DIRECTORY.
    plain = "_".join(name.split("_")[:2])
    advice = ADVICE.get(plain, "name another file")
    return StoreError(f"cannot keep users in {path!r}: {error}; {advice}")
