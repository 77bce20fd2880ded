import contextlib


def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.setblocking(False)
    rest = {}
    while not stop.is_set():
        with contextlib.suppress(BlockingIOError):
            sock, _ = listener.accept()
            sock.setblocking(False)
            rest[sock] = b""
        for sock in list(rest):
            try:
                data = rest[sock] or sock.recv(4096)
                rest[sock] = data
                if not data:
                    raise EOFError
                rest[sock] = data[sock.send(data) :]
            except BlockingIOError:
                pass
            except (OSError, EOFError):
                del rest[sock]
                sock.close()
    for sock in rest:
        sock.close()
    listener.settimeout(timeout)
