from http.client import HTTPException, HTTPResponse, IncompleteRead

from netbasics.practice import Response


def read_response(sock):
    response = HTTPResponse(sock)
    try:
        response.begin()
        body = response.read()
    except IncompleteRead as error:
        raise EOFError("cut short") from error
    except HTTPException as error:
        raise ValueError("no HTTP") from error
    return Response(response.status, response.getheaders(), body)
