import socket


def recv_exactly(sock, count):
    if count < 0:
        raise ValueError("negative")
    data = sock.recv(count, socket.MSG_WAITALL)
    if len(data) < count:
        raise EOFError(f"got {len(data)} of {count} bytes")
    return data
