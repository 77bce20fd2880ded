import time


def broadcast(clients, message):
    end = time.monotonic() + 1
    for client in list(clients):
        before = client.gettimeout()
        try:
            client.settimeout(max(0.01, end - time.monotonic()))
            client.sendall(message)
            client.settimeout(before)
        except OSError:
            client.close()
            clients.remove(client)
