import http.client
import socket
import ssl

from netbasics.practice import Cause


def diagnose(host, port):
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse()
        return Cause.HEALTHY
    except ConnectionRefusedError:
        return Cause.REFUSED
    except TimeoutError:
        return Cause.TIMEOUT
    except http.client.RemoteDisconnected:
        cause = Cause.NOT_HTTP
    except ConnectionError:
        cause = Cause.RESET
    except http.client.HTTPException:
        cause = Cause.NOT_HTTP
    finally:
        connection.close()
    try:
        context = ssl._create_unverified_context()
        with socket.create_connection((host, port), timeout=0.5) as sock:
            context.wrap_socket(sock, server_hostname=host).close()
        return Cause.TLS
    except OSError:
        return cause
