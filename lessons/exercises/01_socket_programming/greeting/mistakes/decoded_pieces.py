import socket


def greeting(address):
    text = ""
    with socket.create_connection(address) as sock:
        while True:
            piece = sock.recv(1024)
            if not piece:
                return text
            text += piece.decode()
