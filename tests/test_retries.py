"""Which failures are tried again, when, and what Retry-After means."""

import calendar
import email.utils
import itertools
import pickle
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbasics.retries import (
    IDEMPOTENT,
    Failure,
    RetryPolicy,
    full_jitter,
    no_jitter,
    parse_retry_after,
)

EXACT = RetryPolicy(jitter=no_jitter)
NOVEMBER = calendar.timegm((1994, 11, 6, 8, 49, 37))  # RFC 9110's own example
FORMS = [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
]


@pytest.mark.parametrize("method", sorted(IDEMPOTENT))
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_idempotent_methods_are_tried_again_after_passing_errors(
    method, status
):
    assert EXACT.delay(1, method, status) == 0.2
    assert EXACT.delay(1, method.lower(), status) == 0.2


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 409, 500, 501])
def test_what_another_try_cannot_change_is_not_tried_again(status):
    assert EXACT.delay(1, "GET", status) is None


@pytest.mark.parametrize("method", ["POST", "PATCH", "post", "CONNECT", "BREW"])
@pytest.mark.parametrize("failure", [429, 502, 503, 504, Failure.LOST])
def test_what_may_have_been_processed_is_sent_once(method, failure):
    assert EXACT.delay(1, method, failure) is None
    assert EXACT.delay(1, method, failure, retry_after="1") is None
    assert EXACT.delay(1, method, failure, idempotent=True) == 0.2


def test_what_was_never_sent_may_be_sent_whatever_the_method():
    assert EXACT.delay(1, "POST", Failure.UNSENT) == 0.2


def test_a_silent_server_is_asked_again_only_on_request():
    assert EXACT.delay(1, "GET", Failure.SILENT) is None
    patient = RetryPolicy(failures=frozenset(Failure), jitter=no_jitter)
    assert patient.delay(1, "GET", Failure.SILENT) == 0.2
    assert patient.delay(1, "POST", Failure.SILENT) is None


def test_post_may_be_allowed_for_good():
    policy = RetryPolicy(methods=IDEMPOTENT | {"POST"}, jitter=no_jitter)
    assert policy.delay(1, "POST", 503) == 0.2
    assert policy.delay(1, "PATCH", 503) is None


def test_tries_count_requests():
    policy = RetryPolicy(tries=4, jitter=no_jitter)
    pauses = [policy.delay(n, "GET", Failure.LOST) for n in (1, 2, 3, 4, 5)]
    assert pauses == [0.2, 0.4, 0.8, None, None]
    assert RetryPolicy(tries=1).delay(1, "GET", 503) is None


def test_the_ceiling_doubles_up_to_the_cap_however_often():
    policy = RetryPolicy(tries=9999, base=0.5, cap=3, jitter=no_jitter)
    pauses = [policy.backoff(n) for n in (1, 2, 3, 4, 5, 2000)]
    assert pauses == [0.5, 1.0, 2.0, 3, 3, 3]


def test_full_jitter_uses_the_whole_range_and_nothing_beyond():
    random.seed(1)
    pauses = [full_jitter(2.0) for _ in range(2000)]
    assert 0 <= min(pauses) < 0.1
    assert 1.9 < max(pauses) <= 2.0
    assert 0.9 < sum(pauses) / len(pauses) < 1.1


def test_clients_that_failed_together_do_not_come_back_together():
    pauses = {RetryPolicy().backoff(3) for _ in range(50)}
    assert len(pauses) == 50


def test_the_jitter_is_given_the_ceiling():
    seen = []
    policy = RetryPolicy(jitter=lambda top: seen.append(top) or 0.0)
    assert policy.delay(2, "GET", 503) == 0.0
    assert seen == [0.4]


def test_retry_after_replaces_the_backoff():
    assert EXACT.delay(1, "GET", 503, retry_after="9") == 9.0
    assert EXACT.delay(1, "GET", 429, retry_after="0") == 0.0
    assert EXACT.delay(1, "GET", 429, retry_after="soon") == 0.2
    now = NOVEMBER - 7
    assert EXACT.delay(1, "GET", 429, retry_after=FORMS[0], now=now) == 7.0


def test_beyond_its_cap_retry_after_ends_the_tries():
    policy = RetryPolicy(retry_after_cap=5)
    assert policy.delay(1, "GET", 429, retry_after="5") == 5.0
    assert policy.delay(1, "GET", 429, retry_after="6") is None
    assert policy.delay(1, "GET", 429, retry_after="9" * 5000) is None


def test_retry_after_does_not_make_a_failure_repeatable():
    assert EXACT.delay(1, "GET", 404, retry_after="1") is None
    assert EXACT.delay(3, "GET", 503, retry_after="1") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"tries": 0},
        {"tries": -1},
        {"base": -0.1},
        {"cap": float("nan")},
        {"retry_after_cap": -1},
    ],
    ids=str,
)
def test_impossible_settings_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)


def test_a_number_of_retries_is_a_policy():
    assert RetryPolicy.of(None).tries == 1
    assert RetryPolicy.of(0).tries == 1
    assert RetryPolicy.of(2).tries == 3
    assert RetryPolicy.of(EXACT) is EXACT
    with pytest.raises(ValueError, match="retries=-1: give 0"):
        RetryPolicy.of(-1)


def test_a_policy_is_frozen_and_can_be_pickled():
    assert pickle.loads(pickle.dumps(EXACT)) == EXACT
    with pytest.raises(AttributeError):
        EXACT.tries = 5


@pytest.mark.parametrize("text", FORMS)
def test_the_three_forms_of_a_date(text):
    assert parse_retry_after(text, now=NOVEMBER - 30) == 30.0
    assert parse_retry_after(text, now=NOVEMBER) == 0.0
    assert parse_retry_after(text, now=NOVEMBER + 30) == 0.0


@given(st.integers(0, 2**31), st.sampled_from([-3600, 0, 1, 86400]))
def test_dates_agree_with_the_standard_library(now, ahead):
    when = max(0, now + ahead)
    date = email.utils.formatdate(when, usegmt=True)
    assert parse_retry_after(date, now=now) == max(0, when - now)
    asctime = time.asctime(time.gmtime(when))
    assert parse_retry_after(asctime, now=now) == max(0, when - now)


def test_two_digits_of_a_year_are_at_most_fifty_years_ahead():
    now = calendar.timegm((2026, 1, 1, 0, 0, 0))
    assert parse_retry_after("Thursday, 01-Jan-26 00:01:00 GMT", now=now) == 60
    near = parse_retry_after("Wednesday, 01-Jan-76 00:00:00 GMT", now=now)
    assert near == calendar.timegm((2076, 1, 1, 0, 0, 0)) - now
    assert parse_retry_after("Saturday, 01-Jan-77 00:00:00 GMT", now=now) == 0


def test_a_leap_second_is_a_second():
    now = calendar.timegm((2016, 12, 31, 23, 59, 0))
    assert parse_retry_after("Sat, 31 Dec 2016 23:59:60 GMT", now=now) == 60


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("000120", 120.0),
        ("  7\t", 7.0),
        (str(2**31), 2.0**31),
        ("1" + "0" * 40, 2.0**31),
        ("9" * 5000, 2.0**31),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 2.0**31),
        ("Fri, 31 Dec 9999 23:59:60 GMT", 2.0**31),
    ],
)
def test_numbers_and_times_beyond_reason(text, seconds):
    assert parse_retry_after(text, now=0) == seconds


@pytest.mark.parametrize(
    "rubbish",
    [
        None,
        "",
        " ",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "1_0",
        "٣",
        "0x10",
        "inf",
        "nan",
        "soon",
        "120, 60",
        "120\n",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Fri, 31 Dec 9999 23:59:99 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "So, 06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        FORMS[0] + " or later",
    ],
)
def test_rubbish_is_none(rubbish):
    assert parse_retry_after(rubbish, now=NOVEMBER) is None


@given(st.text())
def test_no_text_makes_it_fail(text):
    seconds = parse_retry_after(text, now=0)
    assert seconds is None or 0 <= seconds <= 2**31


@given(st.integers(1, 50), st.sampled_from([503, 404, *Failure]))
def test_every_series_of_tries_ends(tries, failure):
    policy = RetryPolicy(tries=tries)
    for tried in itertools.count(1):
        pause = policy.delay(tried, "GET", failure)
        if pause is None:
            break
        assert 0 <= pause <= policy.cap
    assert tried <= tries


@pytest.mark.parametrize("tries", [1.5, 2.25])
def test_half_a_try_is_refused(tries):
    with pytest.raises(ValueError, match="whole number"):
        RetryPolicy(tries=tries)
