import contextlib
import threading


def echo(sock):
    with sock, contextlib.suppress(OSError):
        while data := sock.recv(4096):
            sock.sendall(data)


def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.settimeout(0.2)
    threads = []
    while not stop.is_set():
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            continue
        thread = threading.Thread(target=echo, args=(sock,), daemon=True)
        threads.append(thread)
        thread.start()
    for thread in threads:
        thread.join()
    listener.settimeout(timeout)
