import threading


def broadcast(clients, message):
    def deliver(client):
        try:
            client.settimeout(1)
            client.sendall(message)
        except OSError:
            client.close()
            clients.discard(client)

    threads = [
        threading.Thread(target=deliver, args=(each,)) for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
