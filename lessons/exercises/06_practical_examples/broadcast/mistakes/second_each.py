def broadcast(clients, message):
    for client in list(clients):
        before = client.gettimeout()
        try:
            client.settimeout(1)
            client.sendall(message)
            client.settimeout(before)
        except OSError:
            client.close()
            clients.remove(client)
