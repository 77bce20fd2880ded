"""A thread for each client; `shutdown` wakes those that wait."""

import contextlib
import select
import socket
import threading


def serve(listener, stop):
    clients = {}
    while not stop.is_set():
        if select.select([listener], [], [], 0.1)[0]:
            sock, _ = listener.accept()
            sock.settimeout(None)
            thread = threading.Thread(target=echo, args=[sock], daemon=True)
            clients[thread] = sock
            thread.start()
        for thread in [t for t in clients if not t.is_alive()]:
            clients.pop(thread).close()
    for sock in clients.values():
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    for thread, sock in clients.items():
        thread.join()
        sock.close()


def echo(sock):
    with contextlib.suppress(OSError):
        while data := sock.recv(16384):
            sock.sendall(data)
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
