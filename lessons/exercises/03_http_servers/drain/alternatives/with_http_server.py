"""The standard library's server; who is too late is shut down from outside."""

import select
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn


class Server(ThreadingMixIn, HTTPServer):
    def __init__(self, listener, app, stop):
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.app = app
        self.stop = stop
        self.reading = set()
        self.late = False

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        while not select.select([self.connection], [], [], 0.05)[0]:
            if self.server.stop.is_set():
                return
        self.server.reading.add(self.connection)
        try:
            self.handle_one_request()
        finally:
            self.server.reading.discard(self.connection)

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.reading.discard(self.connection)
        ended = self.headers.defects or len(body) < length
        if ended or self.server.late:
            return
        response = self.server.app(
            self.command, self.path, self.headers.items(), body
        )
        self.send_response_only(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *args):
        pass


def drain(listener, app, stop):
    server = Server(listener, app, stop)
    loop = threading.Thread(target=server.serve_forever, args=(0.05,))
    loop.start()
    stop.wait()
    server.shutdown()
    listener.close()

    def end_reading():
        server.late = True
        for sock in list(server.reading):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RD)

    timer = threading.Timer(2, end_reading)
    timer.start()
    server.server_close()  # waits for the threads
    timer.cancel()
