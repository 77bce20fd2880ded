import contextlib
import socket
import threading


def echo(sock):
    with contextlib.suppress(OSError):
        while data := sock.recv(4096):
            sock.sendall(data)
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def serve(listener, stop):
    clients = []
    listener.settimeout(0.2)
    while not stop.is_set():
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            continue
        clients.append(sock)
        threading.Thread(target=echo, args=(sock,), daemon=True).start()
    for sock in clients:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
