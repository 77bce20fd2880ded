"""4W Another page."""


def page_url(base: str, page: int) -> str:
    """Return the URL of another page of a list.

    The parameter `page` of the query gets the number. All else is as it was:
    a server must read the same from the new URL as from `base`, but for the
    page.

    Args:
        base: A whole URL, such as `https://shop.example/items?tag=new#top`.
            It may have a query already, or none, and a fragment or none.
        page: The number of the page.

    Returns:
        The URL, in which the parameter `page` is there exactly once, at any
        place in the query; whatever `page` there was in `base` is gone,
        also if it was there twice. All other parameters stay: blank ones
        (`q=`) too, and names that only resemble it (`pages`, `homepage`). A
        name that is there several times keeps its values in their order;
        the order of different names is free. Escapes such as `%26` may be
        written in another way if a server reads the same from them. What
        stands before the `?` is unchanged, and so is the fragment, which
        stays last.

    Example:
        `page_url("https://shop.example/items?page=1&tag=new#top", 2)` is
        `"https://shop.example/items?tag=new&page=2#top"`; with `page=2`
        first it would be right too.
    """
    raise NotImplementedError("not written yet")
