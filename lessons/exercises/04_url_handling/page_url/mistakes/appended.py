def page_url(base, page):
    sign = "&" if "?" in base else "?"
    return f"{base}{sign}page={page}"
