from flask import Flask, jsonify, request


def create_app():
    app = Flask(__name__)
    items = []

    @app.get("/items")
    def list_items():
        return jsonify(items)

    @app.post("/items")
    def add_item():
        data = request.get_json(force=True, silent=True)
        if not isinstance(data, dict):
            return "not an object", 400
        item = {"id": len(items) + 1, **data}
        items.append(item)
        return item, 201, {"Location": f"/items/{item['id']}"}

    return app
