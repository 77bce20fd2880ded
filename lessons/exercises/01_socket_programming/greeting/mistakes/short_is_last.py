import socket


def greeting(address):
    data = b""
    with socket.create_connection(address) as sock:
        while True:
            piece = sock.recv(1024)
            data += piece
            if len(piece) < 1024:
                break
    return data.decode()
