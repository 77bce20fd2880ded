def all_items(fetch):
    items = []
    page = 1
    while True:
        found = fetch(page)
        if not found:
            break
        items.append(found)
        page += 1
    return items
