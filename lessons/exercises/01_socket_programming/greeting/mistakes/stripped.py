import socket


def greeting(address):
    data = b""
    with socket.create_connection(address) as sock:
        while piece := sock.recv(1024):
            data += piece
    return data.decode().strip()
