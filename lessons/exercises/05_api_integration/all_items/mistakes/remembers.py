items = []


def all_items(fetch):
    page = 1
    while found := fetch(page):
        items.extend(found)
        page += 1
    return items
