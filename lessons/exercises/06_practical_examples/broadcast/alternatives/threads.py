"""A thread for each client; `sendall` has one timeout for all its sends."""

import threading


def deliver(client, message, lost):
    timeout = client.gettimeout()
    try:
        client.settimeout(1)
        client.sendall(message)
        client.settimeout(timeout)
    except OSError:
        client.close()
        lost.append(client)


def broadcast(clients, message):
    lost = []
    threads = [
        threading.Thread(target=deliver, args=(client, message, lost))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clients.difference_update(lost)
