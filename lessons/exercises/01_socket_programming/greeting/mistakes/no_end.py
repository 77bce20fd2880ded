import socket


def greeting(address):
    data = b""
    with socket.create_connection(address) as sock:
        while True:
            data += sock.recv(1024)
    return data.decode()
