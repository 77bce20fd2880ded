"""Send to whoever has room, until nobody waits or the second is over."""

import selectors
import socket
import time


def broadcast(clients: set[socket.socket], message: bytes) -> None:
    end = time.monotonic() + 1
    left = {client: memoryview(message) for client in clients}
    timeouts = {client: client.gettimeout() for client in clients}
    with selectors.DefaultSelector() as selector:
        for client in clients.copy():
            try:
                client.setblocking(False)
                selector.register(client, selectors.EVENT_WRITE)
            except (OSError, ValueError):  # it is closed already
                clients.discard(client)
        while selector.get_map() and (rest := end - time.monotonic()) > 0:
            for key, _ in selector.select(rest):
                client = key.fileobj
                try:
                    left[client] = left[client][client.send(left[client]) :]
                except BlockingIOError:
                    continue
                except OSError:  # it is dead
                    selector.unregister(client)
                    continue
                if not left[client]:
                    selector.unregister(client)
    for client in clients.copy():
        if left[client]:
            client.close()
            clients.discard(client)
        else:
            client.settimeout(timeouts[client])
