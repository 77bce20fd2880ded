import threading


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
        data = sock.recv(65536)
        if not data:
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
        answer += "Connection: close\r\n\r\n"
        sock.settimeout(None)
        sock.sendall(answer.encode() + response.body)
