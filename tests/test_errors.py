"""The exception tree: builtins, messages, pickling."""

import pickle

import pytest

from netbasics import errors

EXAMPLES = [
    (errors.ConnectionClosed(3, 10), EOFError),
    (errors.ConnectionClosed(3, what="a line"), EOFError),
    (errors.DeadlineExceeded(0.5, doing="connecting"), TimeoutError),
    (errors.LimitExceeded("the line", limit=80), ValueError),
    (errors.FrameTooLarge(size=2**31, limit=65536), ValueError),
    (errors.ProtocolError("not HTTP"), ValueError),
    (errors.InvalidURL("no host"), ValueError),
    (errors.UnsafeURL("private"), ValueError),
    (errors.APIError("no such user", status=404, body="{}"), OSError),
    (errors.ServerFailed("the app raised"), RuntimeError),
]


def test_every_public_error_has_an_example_here():
    kinds = {type(example).__name__ for example, _ in EXAMPLES}
    assert kinds | {"NetbasicsError"} == set(errors.__all__)


@pytest.mark.parametrize(("error", "builtin"), EXAMPLES)
def test_each_is_also_a_builtin(error, builtin):
    assert isinstance(error, builtin)
    assert isinstance(error, errors.NetbasicsError)


@pytest.mark.parametrize(("error", "builtin"), EXAMPLES)
def test_a_pickled_error_keeps_its_message_and_details(error, builtin):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.__dict__ == error.__dict__


def test_messages_have_both_numbers():
    assert "3 of 10 bytes" in str(errors.ConnectionClosed(3, 10))
    text = str(errors.FrameTooLarge(size=5000, limit=1000))
    assert "5000" in text
    assert "1000" in text
