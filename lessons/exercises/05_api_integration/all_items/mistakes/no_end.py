def all_items(fetch):
    items = []
    page = 1
    while True:
        found = fetch(page)
        if found is None:
            return items
        items += found
        page += 1
