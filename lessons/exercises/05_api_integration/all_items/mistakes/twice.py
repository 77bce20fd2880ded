def all_items(fetch):
    items = []
    page = 1
    while len(fetch(page)) > 0:
        items.extend(fetch(page))
        page += 1
    return items
