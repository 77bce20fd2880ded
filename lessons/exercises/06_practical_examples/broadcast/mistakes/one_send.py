import select


def broadcast(clients, message):
    timeouts = {client: client.gettimeout() for client in clients}
    ready = select.select([], list(clients), [], 1)[1]
    for client in list(clients):
        if client in ready:
            client.setblocking(False)
            client.send(message)
            client.settimeout(timeouts[client])
        else:
            client.close()
            clients.remove(client)
