"""A file object reads until the end by itself."""

import socket


def greeting(address):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.connect(address)
        with sock.makefile("r", encoding="utf-8", newline="") as file:
            return file.read()
