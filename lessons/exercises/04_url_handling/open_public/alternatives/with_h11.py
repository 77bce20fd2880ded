"""With the guard of netbasics, and h11 for what passes on the socket."""

import contextlib
import ssl

import h11

from netbasics import guard, urls


def open_public(url, resolver, connect):
    for _ in range(6):
        checked = guard.check_public(url, resolver=resolver)
        with contextlib.ExitStack() as stack:
            sock = stack.enter_context(checked.connect(connect=connect))
            if checked.url.scheme == "https":
                context = ssl.create_default_context()
                sock = stack.enter_context(
                    context.wrap_socket(sock, server_hostname=checked.host)
                )
            location, body = get(sock, checked.url)
        if location is None:
            return body
        url = urls.join(checked.url, location)
    raise ValueError("too many redirects")


def get(sock, url):
    http = h11.Connection(h11.CLIENT)
    headers = [("Host", url.authority), ("Accept", "*/*")]
    request = h11.Request(method="GET", target=url.target, headers=headers)
    sock.sendall(http.send(request) + http.send(h11.EndOfMessage()))
    status, location, body = 0, None, b""
    while True:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            if "incomplete" in str(error) or "without sending" in str(error):
                raise EOFError(str(error)) from error
            raise OSError(str(error)) from error
        if event is h11.NEED_DATA:
            http.receive_data(sock.recv(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
            location = dict(event.headers.raw_items()).get(b"Location")
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            break
    if location is not None and status in (301, 302, 303, 307, 308):
        return location.decode("ascii"), body
    return None, body
