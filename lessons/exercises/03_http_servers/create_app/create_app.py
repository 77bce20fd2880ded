"""3W A list over HTTP."""

from flask import Flask


def create_app() -> Flask:
    """Make a web application that keeps a list of items.

    Items are JSON objects, such as `{"name": "Ada"}`. Each application has a
    list of its own, in memory; two of them share nothing.

    `GET /items` answers 200 with a JSON list of all items, the oldest first;
    at first that is `[]`.

    `POST /items` with a JSON object as its body (an empty one is fine too)
    adds the object and answers 201. The body of the answer is the object with
    one more key, `id`, and so it stands in the list from now on. The header
    `Location` of the answer is `/items/<id>`. The ids are yours to choose
    (1, 2, 3 will do), and each item has another one: an `id` that the client
    sends is replaced.

    `POST /items` with anything else answers 400 and adds nothing, whatever
    the header Content-Type says: no body, text that is no JSON, or JSON that
    is no object.

    Returns:
        A new application. It need not be started: others will serve it.
    """
    raise NotImplementedError("not written yet")
