"""Sign in with a form and a cookie, or with a bearer token."""

import secrets
from collections import OrderedDict
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Cookie, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from netbasics.playground.refusals import Refused
from netbasics.playground.strict_fastapi import read_body

__all__ = ["PASSWORD", "TOKEN", "USERNAME", "Sessions", "create_router"]

# For practice. A real site keeps only a slow hash of a password, and no token
# in its source.
USERNAME = "octocat"
PASSWORD = "secret"
TOKEN = "practice-token"

MAX_SESSIONS = 1000

FORM = """<!doctype html>
<html lang="en"><title>Sign in</title>
<form method="post" action="/login">
<p><label>Name <input name="username" value="octocat"></label>
<p><label>Password <input name="password" type="password"></label>
<p><button>Sign in</button>
</form></html>
"""
FORM_BODY = {
    "requestBody": {
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "username": {"type": "string", "default": USERNAME},
                        "password": {"type": "string", "default": PASSWORD},
                    },
                }
            }
        }
    }
}


class Sessions:
    """Who is signed in, by the secret that their cookie contains.

    The cookie holds no name and no password, only a number that nobody can
    guess; what it stands for stays on the server. The oldest session is
    forgotten when there are too many.
    """

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()

    def begin(self, name: str) -> str:
        """Sign somebody in, and return the secret for the cookie."""
        secret = secrets.token_urlsafe(16)
        self._names[secret] = name
        if len(self._names) > MAX_SESSIONS:
            self._names.popitem(last=False)
        return secret

    def name(self, secret: str | None) -> str | None:
        """Return who has this secret, or None."""
        return self._names.get(secret or "")

    def end(self, secret: str | None) -> None:
        """Sign out; a secret that is not known is no error."""
        self._names.pop(secret or "", None)

    def clear(self) -> None:
        """Sign everybody out."""
        self._names.clear()


Session = Annotated[str | None, Cookie()]


def create_router(sessions: Sessions) -> APIRouter:
    """Make the endpoints over these sessions."""
    router = APIRouter()

    @router.get("/login", response_class=HTMLResponse)
    async def login_form() -> str:
        """Show the form, for a browser."""
        return FORM

    @router.post("/login", openapi_extra=FORM_BODY)
    async def login(request: Request) -> Response:
        """Sign in, as octocat with the password secret; sets a cookie."""
        form = await read_form(request)
        name, password = form.get("username", ""), form.get("password", "")
        if name != USERNAME or not same(password, PASSWORD):
            # Which of the two was wrong is nobody's business.
            raise HTTPException(401, "Bad credentials")
        response = JSONResponse({"message": f"Welcome, {name}"})
        response.set_cookie(
            "session", sessions.begin(name), httponly=True, samesite="lax"
        )
        return response

    @router.get("/profile")
    async def profile(session: Session = None) -> dict[str, Any]:
        """Return who is signed in; needs the cookie of /login."""
        name = sessions.name(session)
        if name is None:
            raise HTTPException(401, "Sign in at /login first")
        return {"username": name}

    @router.post("/logout", status_code=204)
    async def logout(response: Response, session: Session = None) -> None:
        """Sign out, and take the cookie back."""
        sessions.end(session)
        response.delete_cookie("session")

    @router.get("/private")
    async def private(
        authorization: Annotated[str, Header()] = "",
    ) -> dict[str, Any]:
        """Return a secret; needs the token (RFC 6750)."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorized("Requires authentication", "Bearer")
        if not same(token.strip(), TOKEN):
            raise unauthorized("Bad token", 'Bearer error="invalid_token"')
        return {"message": "You have the token."}

    return router


def unauthorized(reason: str, challenge: str) -> HTTPException:
    """Refuse, and say which kind of proof is wanted (RFC 9110, 11.6.1)."""
    return HTTPException(401, reason, {"WWW-Authenticate": challenge})


def same(given: str, secret: str) -> bool:
    """Compare in a time that does not tell how much was right."""
    return secrets.compare_digest(given.encode(), secret.encode())


async def read_form(request: Request) -> dict[str, str]:
    """Read the body of an HTML form, the first value of each name."""
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if kind.strip().lower() != "application/x-www-form-urlencoded":
        raise Refused(415, "send a form: application/x-www-form-urlencoded")
    body = await read_body(request)
    try:
        text = body.decode("ascii")
        form = parse_qs(text, errors="strict", max_num_fields=100)
    except ValueError:  # not ASCII, not UTF-8 when decoded, or too many
        raise Refused(400, "the body is not a form") from None
    return {name: values[0] for name, values in form.items()}
