import select


def serve(listener, stop):
    clients = []
    while not stop.is_set():
        ready, _, _ = select.select([listener, *clients], [], [], 0.1)
        for sock in ready:
            if sock is listener:
                clients.append(listener.accept()[0])
                continue
            data = sock.recv(4096)
            if data:
                sock.sendall(data)
            else:
                clients.remove(sock)
                sock.close()
    for sock in clients:
        sock.close()
