"""The textbook API: what tutorials ask of public services, on this machine.

It answers like api.github.com (`/users/octocat`, `/repos/requests/requests`),
like the api.example.com of textbooks (`/data`, `/login`, `/users`), and it
misbehaves on request (`/slow`, `/flaky`, `/limited`), so that a client can be
tried on all of it. Its interactive page at `/docs` needs no internet.
"""

from netbasics.playground.textbook.app import create_app

__all__ = ["create_app"]
