"""Users and repositories with the fields that api.github.com sends.

The names of the fields are GitHub's, the values are ours: a client written for
one reads the other.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from fastapi import APIRouter, HTTPException, Request

from netbasics.playground.rules import path_id
from netbasics.playground.store import Store

__all__ = ["create_router"]


class Account(NamedTuple):
    """What we know of an account; the rest of its fields follows."""

    type: str
    name: str
    company: str | None
    location: str | None
    bio: str | None
    followers: int


class Repository(NamedTuple):
    """What we know of a repository; the rest of its fields follows."""

    description: str
    language: str | None
    stars: int
    forks: int
    issues: int
    topics: list[str]


ACCOUNTS = {
    "octocat": Account(
        "User",
        "The Octocat",
        "@github",
        "San Francisco",
        "Everybody's first request.",
        8000,
    ),
    "requests": Account("Organization", "Requests", None, None, None, 120),
    "python": Account("Organization", "Python", None, None, None, 20000),
    "pallets": Account("Organization", "Pallets", None, None, None, 3000),
}

REPOSITORIES = {
    "octocat/Hello-World": Repository(
        "A first repository.", None, 2500, 2300, 12, []
    ),
    "octocat/Spoon-Knife": Repository(
        "A repository to practise forking with.",
        "HTML",
        12000,
        140000,
        3,
        ["fork", "practice"],
    ),
    "requests/requests": Repository(
        "HTTP for Python: sessions, cookies, JSON and certificates.",
        "Python",
        52000,
        9300,
        240,
        ["client", "http", "python"],
    ),
    "python/cpython": Repository(
        "The Python interpreter, in C.", "Python", 62000, 30000, 7000, []
    ),
    "pallets/flask": Repository(
        "A small framework for web applications.",
        "Python",
        67000,
        16000,
        5,
        ["flask", "wsgi"],
    ),
}


def create_router(store: Store) -> APIRouter:
    """Make the endpoints; `/users/7` is a user of the store."""
    router = APIRouter()

    @router.get("/")
    async def root(request: Request) -> dict[str, str]:
        """Say which URLs there are, as api.github.com does."""
        home = base(request)
        return {
            "user_url": f"{home}/users/{{login}}",
            "user_repositories_url": f"{home}/users/{{login}}/repos",
            "repository_url": f"{home}/repos/{{owner}}/{{name}}",
            "events_url": f"{home}/events",
            "documentation_url": f"{home}/docs",
        }

    @router.get("/users/{login}")
    def account(request: Request, login: str) -> dict[str, Any]:
        """Return an account; of a number, the user of the store."""
        if login.isdecimal():
            return dict(store.get(path_id(login)))
        return whole_account(base(request), known(ACCOUNTS, login))

    @router.get("/users/{login}/repos")
    async def repositories(
        request: Request, login: str
    ) -> list[dict[str, Any]]:
        """Return the repositories of an account."""
        login = known(ACCOUNTS, login)
        return [
            whole_repository(base(request), full_name)
            for full_name in REPOSITORIES
            if full_name.startswith(f"{login}/")
        ]

    @router.get("/repos/{owner}/{name}")
    async def repository(
        request: Request, owner: str, name: str
    ) -> dict[str, Any]:
        """Return a repository."""
        full_name = known(REPOSITORIES, f"{owner}/{name}")
        return whole_repository(base(request), full_name)

    @router.get("/events")
    async def events(request: Request) -> list[dict[str, Any]]:
        """Return what has happened, the latest first."""
        return [
            whole_event(base(request), number, full_name)
            for number, full_name in enumerate(REPOSITORIES)
        ]

    return router


def known(table: Iterable[str], name: str) -> str:
    """Return the name as the table spells it; GitHub ignores its case."""
    for spelt in table:
        if spelt.lower() == name.lower():
            return spelt
    raise HTTPException(404)


def base(request: Request) -> str:
    """Return the URL under which the client has reached us."""
    return str(request.base_url).rstrip("/")


def short_account(home: str, login: str) -> dict[str, Any]:
    """Return what other objects contain of an account."""
    return {
        "login": login,
        "id": 1 + list(ACCOUNTS).index(login),
        "type": ACCOUNTS[login].type,
        "site_admin": False,
        "url": f"{home}/users/{login}",
        "html_url": f"{home}/users/{login}",
        "repos_url": f"{home}/users/{login}/repos",
    }


def whole_account(home: str, login: str) -> dict[str, Any]:
    """Return all fields of an account."""
    account = ACCOUNTS[login]
    repositories = [r for r in REPOSITORIES if r.startswith(f"{login}/")]
    return {
        **short_account(home, login),
        "name": account.name,
        "company": account.company,
        "blog": "",
        "location": account.location,
        "email": None,
        "bio": account.bio,
        "public_repos": len(repositories),
        "public_gists": 0,
        "followers": account.followers,
        "following": 9,
        "created_at": "2011-01-25T18:44:36Z",
        "updated_at": "2024-05-01T12:00:00Z",
    }


def whole_repository(home: str, full_name: str) -> dict[str, Any]:
    """Return all fields of a repository."""
    owner, _, name = full_name.partition("/")
    repository = REPOSITORIES[full_name]
    return {
        "id": 101 + list(REPOSITORIES).index(full_name),
        "name": name,
        "full_name": full_name,
        "private": False,
        "owner": short_account(home, owner),
        "html_url": f"{home}/repos/{full_name}",
        "description": repository.description,
        "fork": False,
        "url": f"{home}/repos/{full_name}",
        "homepage": None,
        "language": repository.language,
        "size": 13000,
        "stargazers_count": repository.stars,
        "watchers_count": repository.stars,
        "forks_count": repository.forks,
        "open_issues_count": repository.issues,
        "topics": repository.topics,
        "visibility": "public",
        "default_branch": "main",
        "archived": False,
        "license": {"key": "mit", "name": "MIT License", "spdx_id": "MIT"},
        "created_at": "2011-02-13T18:38:17Z",
        "updated_at": "2024-05-01T12:00:00Z",
        "pushed_at": "2024-05-01T11:00:00Z",
    }


def whole_event(home: str, number: int, full_name: str) -> dict[str, Any]:
    """Return all fields of an event: somebody has starred a repository."""
    return {
        "id": str(9000 - number),
        "type": "WatchEvent",
        "actor": {
            "id": 1,
            "login": "octocat",
            "url": f"{home}/users/octocat",
        },
        "repo": {
            "id": 101 + number,
            "name": full_name,
            "url": f"{home}/repos/{full_name}",
        },
        "payload": {"action": "started"},
        "public": True,
        "created_at": f"2024-05-01T11:{59 - number:02}:00Z",
    }
