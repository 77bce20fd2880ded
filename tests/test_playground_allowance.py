"""What the textbook API says about how many requests are left."""

import threading

import pytest
import requests

from netbasics import playground
from netbasics.playground.textbook.allowance import LIMIT, Allowance


@pytest.fixture(scope="module")
def url():
    with playground.run() as play:
        yield play.textbook


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/users/octocat", 200),
        ("GET", "/repos/octocat/none", 404),
        ("PUT", "/data", 405),
        ("GET", "/docs", 200),
        ("GET", "/users?page=none", 422),
    ],
)
def test_every_answer_has_the_headers(url, method, path, status):
    response = requests.request(method, url + path, timeout=20)
    assert response.status_code == status
    numbers = {
        name: int(response.headers[f"X-RateLimit-{name}"])
        for name in ("Limit", "Used", "Remaining", "Reset")
    }
    assert numbers["Limit"] == numbers["Used"] + numbers["Remaining"] == LIMIT


def test_each_request_is_counted_and_reset_forgets_them(url):
    def left():
        headers = requests.get(url + "/data", timeout=20).headers
        return int(headers["X-RateLimit-Remaining"])

    before = left()
    assert left() == before - 1
    requests.post(url + "/reset", timeout=20)
    assert left() == LIMIT - 1


def test_an_answer_with_limits_of_its_own_keeps_them(url):
    headers = requests.get(url + "/limited?key=its-own", timeout=20).headers
    assert headers["X-RateLimit-Limit"] == "5"
    assert "X-RateLimit-Reset" not in headers


def test_an_hour_later_all_are_there_again():
    now = 1000.0
    allowance = Allowance(clock=lambda: now)
    for _ in range(LIMIT + 5):
        headers = allowance.use()
    assert headers["X-RateLimit-Remaining"] == "0"
    now += 3599
    assert allowance.use()["X-RateLimit-Reset"] == "4600"
    now += 1
    assert allowance.use()["X-RateLimit-Used"] == "1"


def test_threads_are_counted_each():
    allowance = Allowance()
    threads = [threading.Thread(target=allowance.use) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowance.use()["X-RateLimit-Used"] == "51"
