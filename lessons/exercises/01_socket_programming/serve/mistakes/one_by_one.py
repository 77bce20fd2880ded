def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.settimeout(0.2)
    try:
        while not stop.is_set():
            try:
                sock, _ = listener.accept()
            except TimeoutError:
                continue
            with sock:
                while data := sock.recv(4096):
                    sock.sendall(data)
    finally:
        listener.settimeout(timeout)
