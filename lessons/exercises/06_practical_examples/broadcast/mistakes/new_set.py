import threading


def broadcast(clients, message):
    def deliver(client):
        before = client.gettimeout()
        try:
            client.settimeout(1)
            client.sendall(message)
            client.settimeout(before)
            kept.add(client)
        except OSError:
            client.close()

    kept = set()
    threads = [
        threading.Thread(target=deliver, args=(each,)) for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clients = kept
