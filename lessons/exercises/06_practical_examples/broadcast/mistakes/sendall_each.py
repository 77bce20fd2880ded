def broadcast(clients, message):
    for client in clients.copy():
        try:
            before = client.gettimeout()
            client.settimeout(None)
            client.sendall(message)
            client.settimeout(before)
        except OSError:
            clients.discard(client)
            client.close()
