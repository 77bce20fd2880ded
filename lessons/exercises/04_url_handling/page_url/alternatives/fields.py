"""Leave the fields as they are written, and put the page first."""


def page_url(base, page):
    rest, hash_sign, fragment = base.partition("#")
    start, _, query = rest.partition("?")
    fields = [f"page={page}"]
    for field in query.split("&"):
        if field and field.partition("=")[0] != "page":
            fields.append(field)
    return start + "?" + "&".join(fields) + hash_sign + fragment
