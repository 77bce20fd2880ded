"""Files that remember: readable, whole, never lost."""

import json
import os
import stat
import threading

import pytest

from netbasics.records import Record, write_whole


@pytest.fixture
def record(tmp_path):
    return Record(tmp_path / "folder" / "progress.json", version=2)


def put(record, text):
    record.path.parent.mkdir(parents=True, exist_ok=True)
    record.path.write_text(text, "utf-8")


def test_entries_are_kept_and_readable(record):
    with record.changing() as entries:
        entries["name"] = "Zoë"
    assert record.read() == {"name": "Zoë"}
    assert record.path.read_text("utf-8") == (
        '{\n  "version": 2,\n  "name": "Zoë"\n}\n'
    )
    assert not record.notices


def test_reading_makes_nothing(record):
    assert record.read() == {}
    assert not record.path.parent.exists()


def test_an_older_file_is_read(record):
    put(record, '{"version": 1, "a": 1}')
    assert record.read() == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"version": 2, "a": ',
        "[]",
        "null",
        "{}",
        '{"version": "2"}',
        '{"version": 0}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_set_aside_and_said(record, text):
    put(record, text)
    assert record.read() == {}
    aside = record.path.with_name("progress.json.damaged-1")
    assert aside.read_text() == text
    assert not record.path.exists()
    (notice,) = record.notices
    assert aside.name in notice
    with record.changing() as entries:
        entries["new"] = True
    assert aside.read_text() == text


def test_bytes_that_are_no_text_are_set_aside(record):
    record.path.parent.mkdir()
    record.path.write_bytes(b"\xff\xfe")
    assert record.read() == {}
    assert "UTF-8" in record.notices[0]


def test_a_newer_file_is_set_aside(record):
    put(record, '{"version": 3, "a": 1}')
    assert record.read() == {}
    assert record.path.with_name("progress.json.newer-1").exists()
    assert "version 3" in record.notices[0]


def test_nothing_that_was_set_aside_is_overwritten(record):
    for number in (1, 2, 3):
        put(record, f"damage {number}")
        record.read()
    for number in (1, 2, 3):
        aside = record.path.with_name(f"progress.json.damaged-{number}")
        assert aside.read_text() == f"damage {number}"


def test_a_folder_that_cannot_be_made_is_a_notice(tmp_path):
    (tmp_path / "file").write_text("")
    record = Record(tmp_path / "file" / "progress.json", version=1)
    for _ in range(3):
        with record.changing() as entries:
            entries["a"] = 1
    assert len([n for n in record.notices if "cannot be written" in n]) == 1
    assert "NETBASICS_HOME" in " ".join(record.notices)


def test_a_file_that_cannot_be_read_is_not_written_over(record, monkeypatch):
    put(record, '{"version": 2, "kept": 1}')

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.read_text", refuse)
        with record.changing() as entries:
            entries["new"] = 1
    assert record.read() == {"kept": 1}
    assert "cannot be read (Permission denied)" in record.notices[0]
    with record.changing() as entries:
        entries["new"] = 1
    assert record.read() == {"kept": 1, "new": 1}


def test_an_error_while_changing_changes_nothing(record):
    with record.changing() as entries:
        entries["a"] = 1
    with pytest.raises(ZeroDivisionError), record.changing() as entries:
        entries["a"] = 1 / 0
    assert record.read() == {"a": 1}


def test_nobody_sees_half_a_file(tmp_path):
    path = tmp_path / "file.json"
    texts = ["a" * 100_000, "b" * 200_000]
    write_whole(path, texts[0])
    over = threading.Event()
    seen = set()

    def read():
        while not over.is_set():
            seen.add(path.read_text())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(50):
            write_whole(path, texts[number % 2])
    finally:
        over.set()
        reader.join()
    assert seen <= set(texts)
    assert [file.name for file in tmp_path.iterdir()] == ["file.json"]


def test_what_cannot_be_written_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "file.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "file.json")
    write_whole(link, "text")
    assert link.is_symlink()
    assert (tmp_path / "real" / "file.json").read_text() == "text"


def test_two_records_of_one_file_lose_nothing_of_each_other(record):
    other = Record(record.path, version=2)
    with record.changing() as entries:
        entries["a"] = 1
    with other.changing() as entries:
        entries["b"] = 2
    with record.changing() as entries:
        entries["c"] = 3
    assert json.loads(record.path.read_text()) == {
        "version": 2,
        "a": 1,
        "b": 2,
        "c": 3,
    }


@pytest.mark.skipif(os.name == "nt", reason="has no such modes")
def test_it_is_the_learners_own(record):
    before = os.umask(0o022)
    try:
        with record.changing() as entries:
            entries["a"] = 1
    finally:
        os.umask(before)
    assert stat.S_IMODE(record.path.stat().st_mode) == 0o600
