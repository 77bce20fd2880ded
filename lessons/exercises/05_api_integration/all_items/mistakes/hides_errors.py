def all_items(fetch):
    items = []
    page = 1
    while True:
        try:
            found = fetch(page)
        except Exception:
            break
        if not found:
            break
        items.extend(found)
        page += 1
    return items
