def all_items(fetch):
    items = fetch(1)
    size = len(items)
    page = 1
    found = items
    while found and len(found) == size:
        page += 1
        found = fetch(page)
        items = items + found
    return items
