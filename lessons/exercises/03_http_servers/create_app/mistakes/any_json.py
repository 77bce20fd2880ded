from flask import Flask, jsonify, request


def create_app():
    app = Flask(__name__)
    items = []

    @app.get("/items")
    def list_items():
        return jsonify(items)

    @app.post("/items")
    def add_item():
        data = request.get_json(force=True)
        item = {**data, "id": len(items) + 1}
        items.append(item)
        return item, 201, {"Location": f"/items/{item['id']}"}

    return app
