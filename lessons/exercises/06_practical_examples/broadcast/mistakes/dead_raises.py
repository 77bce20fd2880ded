import selectors
import time


def broadcast(clients, message):
    end = time.monotonic() + 1
    rest = {client: memoryview(message) for client in clients}
    timeouts = {client: client.gettimeout() for client in clients}
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.setblocking(False)
            selector.register(client, selectors.EVENT_WRITE)
        while selector.get_map() and time.monotonic() < end:
            for key, _ in selector.select(end - time.monotonic()):
                client = key.fileobj
                rest[client] = rest[client][client.send(rest[client]) :]
                if not rest[client]:
                    selector.unregister(client)
    for client in list(clients):
        if rest[client]:
            client.close()
            clients.remove(client)
        else:
            client.settimeout(timeouts[client])
