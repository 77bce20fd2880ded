import contextlib
import socket
import threading

clients = []


def echo(sock):
    with contextlib.suppress(OSError):
        while data := sock.recv(4096):
            sock.sendall(data)
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def accept(listener):
    while True:
        sock, _ = listener.accept()
        clients.append(sock)
        threading.Thread(target=echo, args=(sock,), daemon=True).start()


def serve(listener, stop):
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    stop.wait()
    for sock in clients:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
