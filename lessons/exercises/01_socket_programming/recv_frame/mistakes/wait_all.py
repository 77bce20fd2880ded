import socket


def recv_frame(sock, limit):
    header = sock.recv(4, socket.MSG_WAITALL)
    if len(header) < 4:
        raise EOFError("closed")
    size = int.from_bytes(header, "big")
    if size > limit:
        raise ValueError("too large")
    payload = sock.recv(size, socket.MSG_WAITALL) if size else b""
    if len(payload) < size:
        raise EOFError("closed")
    return payload
