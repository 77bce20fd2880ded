from netbasics.practice import Response


def read_response(sock):
    data = sock.recv(65536)
    if not data:
        raise EOFError("closed")
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    return Response(int(first.split()[1]), headers, body)
