import select


def serve(listener, stop):
    timeout = listener.gettimeout()
    listener.setblocking(False)
    rest = {}
    while not stop.is_set():
        hungry = [sock for sock in rest if not rest[sock]]
        ready, free, _ = select.select([listener, *hungry], [*rest], [], 0.1)
        if listener in ready:
            sock, _ = listener.accept()
            sock.setblocking(False)
            rest[sock] = b""
        for sock in {*ready, *free} - {listener}:
            try:
                if sock in ready:
                    rest[sock] = sock.recv(4096)
                    if not rest[sock]:
                        raise EOFError
                if rest[sock]:
                    rest[sock] = rest[sock][sock.send(rest[sock]) :]
            except BlockingIOError:
                pass
            except (OSError, EOFError):
                del rest[sock]
                sock.close()
    for sock in rest:
        sock.close()
    listener.settimeout(timeout)
