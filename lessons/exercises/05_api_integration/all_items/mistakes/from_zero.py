def all_items(fetch):
    items = []
    page = 0
    while True:
        found = fetch(page)
        if not found:
            return items
        items += found
        page += 1
