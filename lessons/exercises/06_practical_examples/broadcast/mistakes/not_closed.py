import threading


def broadcast(clients, message):
    def deliver(client):
        before = client.gettimeout()
        try:
            client.settimeout(1)
            client.sendall(message)
        except OSError:
            lost.append(client)
        else:
            client.settimeout(before)

    lost = []
    threads = [
        threading.Thread(target=deliver, args=(each,)) for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clients.difference_update(lost)
