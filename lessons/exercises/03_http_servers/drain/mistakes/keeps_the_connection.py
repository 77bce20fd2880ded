import threading
import time


def drain(listener, app, stop):
    threads = []
    listener.settimeout(0.1)
    while not stop.is_set():
        try:
            sock, _ = listener.accept()
        except TimeoutError:
            continue
        thread = threading.Thread(target=work, args=(sock, app, stop))
        thread.start()
        threads.append(thread)
    listener.close()
    for thread in threads:
        thread.join()


def work(sock, app, stop):
    with sock:
        data = read(sock, stop)
        if data is None:
            return
        head, _, body = data.partition(b"\r\n\r\n")
        line, *rest = head.decode().split("\r\n")
        method, target, _ = line.split()
        headers = [tuple(each.split(": ", 1)) for each in rest]
        response = app(method, target, headers, body)
        answer = f"HTTP/1.1 {response.status} OK\r\n"
        for name, value in response.headers:
            answer += f"{name}: {value}\r\n"
        answer += f"Content-Length: {len(response.body)}\r\n"
        answer += "\r\n"
        sock.settimeout(None)
        sock.sendall(answer.encode() + response.body)


def read(sock, stop):
    data = b""
    due = None
    sock.settimeout(0.1)
    while not complete(data):
        piece = None
        try:
            piece = sock.recv(4096)
        except TimeoutError:
            if stop.is_set() and not data:
                return None
        except OSError:
            return None
        if piece == b"":
            return None
        data += piece or b""
        if stop.is_set():
            if due is None:
                due = time.monotonic() + 2
            if time.monotonic() > due:
                return None
    return data


def complete(data):
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return len(body) >= length
