"""One view for both methods, the module `json`, and ids that say nothing."""

import json
import uuid

from flask import Flask, Response, request


def create_app():
    app = Flask("items")
    app.config["ITEMS"] = {}

    def items():
        store = app.config["ITEMS"]
        if request.method == "GET":
            body = json.dumps(list(store.values()))
            return Response(body, mimetype="application/json")
        try:
            item = json.loads(request.get_data())
        except ValueError:
            return Response("this is no JSON", 400)
        if type(item) is not dict:
            return Response("this is no object", 400)
        item["id"] = str(uuid.uuid4())
        store[item["id"]] = item
        answer = Response(json.dumps(item), 201, mimetype="application/json")
        answer.headers["location"] = "/items/" + item["id"]
        return answer

    app.add_url_rule("/items", view_func=items, methods=["GET", "POST"])
    return app
