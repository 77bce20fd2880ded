import threading


def echo(sock):
    with sock:
        while data := sock.recv(4096):
            sock.sendall(data)


def serve(listener, stop):
    while not stop.is_set():
        sock, _ = listener.accept()
        threading.Thread(target=echo, args=(sock,), daemon=True).start()
