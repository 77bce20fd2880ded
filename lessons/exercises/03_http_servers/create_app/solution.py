"""A list and a counter inside the function: each app has its own."""

from itertools import count

from flask import Flask, abort, jsonify, request


def create_app() -> Flask:
    app = Flask(__name__)
    items: list[dict] = []
    numbers = count(1)

    @app.get("/items")
    def all_items():
        return jsonify(items)

    @app.post("/items")
    def create_item():
        data = request.get_json(force=True, silent=True)
        if not isinstance(data, dict):
            abort(400, "the body must be a JSON object")
        item = data | {"id": next(numbers)}
        items.append(item)
        return item, 201, {"Location": f"/items/{item['id']}"}

    return app
