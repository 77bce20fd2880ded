def safe_next(url, hosts):
    if any(char in url for char in "\\ \t\r\n"):
        return "/"
    if url.startswith("/") and not url.startswith("//"):
        return url
    for host in hosts:
        name, _, port = host.rpartition(":")
        starts = [f"http://{host}", f"https://{host}"]
        if port == "80":
            starts.append(f"http://{name}")
        if port == "443":
            starts.append(f"https://{name}")
        if url.lower().startswith(tuple(starts)):
            return url
    return "/"
