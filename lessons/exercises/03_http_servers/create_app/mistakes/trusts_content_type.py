from flask import Flask, jsonify, request


def create_app():
    app = Flask(__name__)
    items = []

    @app.get("/items")
    def list_items():
        return jsonify(items)

    @app.post("/items")
    def add_item():
        data = request.get_json()
        if not isinstance(data, dict):
            return "not an object", 400
        data["id"] = len(items) + 1
        items.append(data)
        return data, 201, {"Location": f"/items/{data['id']}"}

    return app
