import re


def page_url(base, page):
    base, hash_sign, fragment = base.partition("#")
    if "page=" in base:
        base = re.sub(r"page=\d*", f"page={page}", base)
    else:
        base += ("&" if "?" in base else "?") + f"page={page}"
    return base + hash_sign + fragment
