import socket


def greeting(address):
    with socket.create_connection(address) as sock:
        return sock.makefile("rb").readline().decode()
