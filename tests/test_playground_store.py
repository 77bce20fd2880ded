"""The store: what it keeps, what it refuses, and that nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

from netbasics.errors import NetbasicsError
from netbasics.playground import EmailTaken, NoSuchUser, Store, StoreError
from netbasics.playground.store import MAX_ID, STARTERS

ADA = {"id": 1, "name": "Ada Lovelace", "email": "ada@example.com"}


@pytest.fixture
def store():
    with Store() as store:
        yield store


def ids(users):
    return [user["id"] for user in users]


def test_there_are_users_to_begin_with(store):
    assert store.count() == len(STARTERS) == 5
    assert store.get(1) == ADA


def test_a_store_can_begin_empty():
    with Store(users=()) as store:
        assert store.count() == 0
        assert store.page(1, 10) == []
        assert store.after(0, 10) == []


def test_create_gives_ids_that_are_never_used_again(store):
    lin = store.create("Lin", "lin@example.com")
    assert lin == {"id": 6, "name": "Lin", "email": "lin@example.com"}
    store.delete(6)
    assert store.create("Lin", "lin@example.com")["id"] == 7


def test_replace_and_change(store):
    assert store.replace(1, "A", "a@example.com") == {
        "id": 1,
        "name": "A",
        "email": "a@example.com",
    }
    assert store.change(1, name="B")["email"] == "a@example.com"
    assert store.change(1, email="b@example.com")["name"] == "B"
    assert store.change(1) == store.get(1)
    assert store.change(1)["name"] == "B"


def test_a_user_may_keep_its_own_email(store):
    assert store.replace(1, "Ada", "ADA@example.com")["email"] == (
        "ADA@example.com"
    )


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.com"])
def test_two_users_cannot_have_one_email(store, email):
    with pytest.raises(EmailTaken, match="another user has the email"):
        store.create("Eve", email)
    with pytest.raises(EmailTaken):
        store.change(2, email=email)
    assert store.count() == 5
    assert store.get(2)["email"] == "grace@example.com"


@pytest.mark.parametrize("user_id", [0, -1, 99, MAX_ID, MAX_ID + 1, 10**40])
def test_a_user_that_is_not_there(store, user_id):
    calls = [
        lambda: store.get(user_id),
        lambda: store.replace(user_id, "A", "x@example.com"),
        lambda: store.change(user_id, name="A"),
        lambda: store.delete(user_id),
    ]
    for call in calls:
        with pytest.raises(NoSuchUser, match=f"no user {user_id}") as caught:
            call()
        assert isinstance(caught.value, LookupError)
        assert isinstance(caught.value, NetbasicsError)


def test_pages(store):
    assert ids(store.page(1, 2)) == [1, 2]
    assert ids(store.page(3, 2)) == [5]
    assert store.page(4, 2) == []
    assert store.page(10**40, 100) == []


def test_cursors(store):
    assert ids(store.after(0, 2)) == [1, 2]
    assert ids(store.after(2, 2)) == [3, 4]
    assert store.after(5, 2) == []
    assert store.after(10**40, 2) == []


def test_a_page_skips_a_row_when_one_goes_and_a_cursor_does_not(store):
    first = store.page(1, 2)
    store.delete(1)
    assert ids(store.page(2, 2)) == [4, 5], "3 was never seen"
    assert ids(store.after(first[-1]["id"], 2)) == [3, 4]


def test_values_are_never_taken_for_sql(store):
    name = "Robert'); DROP TABLE users;--"
    user = store.create(name, "bobby@example.com")
    assert store.get(user["id"])["name"] == name
    assert store.count() == 6


def test_users_survive_in_a_file(tmp_path):
    path = tmp_path / "users.db"
    with Store(path) as store:
        store.create("Lin", "lin@example.com")
        store.delete(1)
    with Store(str(path)) as store:
        assert ids(store.page(1, 10)) == [2, 3, 4, 5, 6]
    for user_id in range(2, 7):
        with Store(path) as store:
            store.delete(user_id)
    with Store(path) as store:
        assert store.count() == 0, "starters were added again"


def test_threads_share_a_store(store):
    def create(number):
        for each in range(20):
            store.create("T", f"t{number}.{each}@example.com")

    threads = [threading.Thread(target=create, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count() == 5 + 8 * 20
    assert len(set(ids(store.page(1, 1000)))) == 165


def test_two_threads_that_want_one_email_get_one_user(store):
    results = []
    gate = threading.Barrier(4)

    def create():
        gate.wait()
        try:
            store.create("T", "same@example.com")
            results.append("created")
        except EmailTaken:
            results.append("taken")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["created", "taken", "taken", "taken"]


def test_closing_twice_is_fine_and_using_it_afterwards_is_explained(store):
    store.close()
    store.close()
    assert repr(store) == "<Store ':memory:', closed>"
    with pytest.raises(StoreError, match="closed; make a new Store"):
        store.count()


def test_repr_counts(store):
    store.delete(1)
    assert repr(store) == "<Store ':memory:', 4 users>"


@pytest.mark.parametrize(
    "content",
    [b"not a database, " * 100, b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["text", "damaged"],
)
def test_a_file_of_something_else_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert str(path) in str(caught.value)
    assert "name another file" in str(caught.value)
    assert isinstance(caught.value, OSError)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_the_database_of_another_program_is_refused_and_kept(tmp_path):
    path = tmp_path / "cookies.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE users (login TEXT)")
        other.execute("INSERT INTO users VALUES ('eve')")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="database of another program"):
        Store(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_database(tmp_path):
    path = tmp_path / "empty.db"
    path.touch()
    with Store(path) as store:
        assert store.count() == 5


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StoreError, match="it is a folder; name a file in it"):
        Store(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"there is no folder .*nowhere"):
        Store(tmp_path / "nowhere" / "users.db")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("path", ["", "  ", "a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have(path):
    with pytest.raises(StoreError):
        Store(path)


def test_a_text_that_cannot_be_a_file_name():
    with pytest.raises(StoreError):
        Store("half\ud800")


def test_a_database_that_is_locked_is_left_alone(tmp_path):
    path = tmp_path / "users.db"
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreError, match="another program has it locked"):
            Store(path)
    finally:
        other.close()
    with Store(path) as store:
        assert store.count() == 5


def test_a_lock_that_comes_later_is_explained_and_changes_nothing(tmp_path):
    path = tmp_path / "users.db"
    with Store(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        try:
            with pytest.raises(StoreError, match="nothing was changed"):
                store.create("Lin", "lin@example.com")
        finally:
            other.close()
        assert store.create("Lin", "lin@example.com")["id"] == 6


@pytest.mark.skipif(
    not os.path.isdir("/proc/self"), reason="needs a folder nobody may write"
)
def test_a_folder_that_cannot_be_written():
    with pytest.raises(StoreError, match=r"/proc/users\.db"):
        Store("/proc/users.db")


# Permissions do not hold back root, unless it gives up the right to pass them.
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
HUMBLE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
@pytest.mark.skipif(
    ROOT and shutil.which("setpriv") is None, reason="root needs setpriv"
)
@pytest.mark.parametrize(
    ("file", "folder"),
    [(0o000, 0o700), (0o400, 0o700), (0o600, 0o500), (0o600, 0o000)],
    ids=["unreadable", "read-only", "folder read-only", "folder unreadable"],
)
def test_a_file_without_permissions(tmp_path, file, folder):
    place = tmp_path / "folder"
    place.mkdir()
    path = place / "users.db"
    Store(path).close()
    before = path.read_bytes()
    path.chmod(file)
    place.chmod(folder)
    code = f"from netbasics.playground import Store; Store({str(path)!r})"
    try:
        done = subprocess.run(
            [*(HUMBLE if ROOT else []), sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=30,
        )
    finally:
        place.chmod(0o700)
        path.chmod(0o600)
    last = done.stderr.splitlines()[-1]
    assert "StoreError: cannot keep users in" in last
    assert str(path) in last
    assert "name another file" in last
    assert path.read_bytes() == before
    assert os.listdir(place) == ["users.db"]
