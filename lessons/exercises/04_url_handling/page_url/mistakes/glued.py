def page_url(base, page):
    return f"{base}?page={page}"
