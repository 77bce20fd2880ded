import contextlib
import threading


def echo(sock):
    with sock, contextlib.suppress(OSError):
        while data := sock.recv(4096):
            sock.sendall(data)


def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.settimeout(0.2)
    while not stop.is_set():
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            continue
        threading.Thread(target=echo, args=(sock,), daemon=True).start()
    listener.settimeout(timeout)
