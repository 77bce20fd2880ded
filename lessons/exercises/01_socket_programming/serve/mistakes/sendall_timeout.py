import contextlib
import threading


def echo(sock, stop):
    sock.settimeout(0.3)
    with sock, contextlib.suppress(OSError):
        while not stop.is_set():
            try:
                data = sock.recv(4096)
            except TimeoutError:
                continue
            if not data:
                break
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
        thread = threading.Thread(target=echo, args=(sock, stop))
        threads.append(thread)
        thread.start()
    for thread in threads:
        thread.join()
    listener.settimeout(timeout)
