def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.settimeout(0.2)
    while not stop.is_set():
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            continue
        with sock:
            sock.sendall(sock.recv(4096))
    listener.settimeout(timeout)
