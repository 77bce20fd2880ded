import threading


def broadcast(clients, message):
    def deliver(client):
        before = client.gettimeout()
        rest = memoryview(message)
        try:
            client.settimeout(1)
            while rest:
                rest = rest[client.send(rest) :]
            client.settimeout(before)
        except OSError:
            client.close()
            lost.append(client)

    lost = []
    threads = [
        threading.Thread(target=deliver, args=(each,)) for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clients.difference_update(lost)
