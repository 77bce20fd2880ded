import select


def serve(listener, stop):
    waiting = {}
    while not stop.is_set():
        full = [sock for sock in waiting if waiting[sock]]
        hungry = [sock for sock in waiting if len(waiting[sock]) < 500_000]
        ready, free, _ = select.select([listener, *hungry], full, [], 0.1)
        for sock in free:
            try:
                del waiting[sock][: sock.send(waiting[sock])]
            except OSError:
                waiting[sock].clear()
        for sock in ready:
            if sock is listener:
                new, _ = listener.accept()
                new.setblocking(False)
                waiting[new] = bytearray()
                continue
            try:
                data = sock.recv(65536)
            except OSError:
                data = b""
            if data:
                waiting[sock] += data
            else:
                del waiting[sock]
                sock.close()
    for sock in waiting:
        sock.close()
