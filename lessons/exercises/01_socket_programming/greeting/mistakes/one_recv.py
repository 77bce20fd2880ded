import socket


def greeting(address):
    with socket.create_connection(address) as sock:
        return sock.recv(1024).decode()
