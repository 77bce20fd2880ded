import socket


def greeting(address):
    text = ""
    with socket.create_connection(address) as sock:
        while piece := sock.recv(1024):
            text += piece.decode("utf-8", errors="ignore")
    return text
