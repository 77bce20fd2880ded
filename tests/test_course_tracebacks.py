"""What a learner sees of a traceback: their own lines, no machinery."""

from netbasics import wire
from netbasics.course.tracebacks import from_file


def caught(source, file):
    try:
        exec(compile(source, file, "exec"), {})
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def test_it_begins_at_the_file():
    error = caught("1 / 0", "mine.py")
    text = from_file(error, "mine.py")
    assert text.splitlines()[1:] == [
        '  File "mine.py", line 1, in <module>',
        "ZeroDivisionError: division by zero",
    ]


def test_the_watch_is_left_out_also_of_what_led_to_it():
    source = """
import socket
sock = socket.socket()
with sock:
    try:
        sock.connect(("127.0.0.1", 1))
    except OSError as error:
        raise ValueError("no") from error
"""
    with wire.watch():
        error = caught(source, "mine.py")
    text = from_file(error, "mine.py")
    assert "ConnectionRefusedError" in text
    assert "methods.py" not in text


def test_an_error_that_touched_no_line_of_it_is_told_alone():
    error = caught("1 / 0", "other.py")
    assert from_file(error, "mine.py") == "ZeroDivisionError: division by zero"
