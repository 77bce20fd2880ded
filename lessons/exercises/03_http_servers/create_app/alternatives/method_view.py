"""A class with a method for each method of HTTP."""

from flask import Flask, request
from flask.views import MethodView


class Items(MethodView):
    init_every_request = False

    def __init__(self):
        self.items = []

    def get(self):
        return self.items

    def post(self):
        data = request.get_json(force=True)  # answers 400 by itself
        if not isinstance(data, dict):
            return {"error": "send an object"}, 400
        data["id"] = len(self.items)
        self.items.append(data)
        return data, 201, [("Location", f"/items/{data['id']}")]


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/items", view_func=Items.as_view("items"))
    return app
