import socket


def greeting(address):
    with socket.create_connection(address) as sock:
        return sock.makefile(encoding="utf-8").read()
