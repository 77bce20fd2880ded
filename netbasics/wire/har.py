"""Write HTTP exchanges as a HAR file, which a browser's tools can open.

HAR 1.2 is a JSON document; what each field means is described at
http://www.softwareishard.com/blog/har-12-spec/.
"""

import base64
from datetime import timedelta
from typing import Any

from netbasics import __version__, urls
from netbasics.http1.messages import Headers, Message, Response
from netbasics.wire.exchanges import Exchange
from netbasics.wire.transcript import Flow, Transcript

__all__ = ["har"]

UNKNOWN = -1
TEXTUAL = ("text/", "application/json", "application/xml", "+json", "+xml")


def har(transcript: Transcript, title: str) -> dict[str, Any]:
    """Return the HTTP exchanges as a HAR document.

    Headers and bodies are as they passed, keys and cookies included.
    """
    flows = {flow.number: flow for flow in transcript.flows}
    entries = [
        _entry(transcript, flows[exchange.connection], exchange)
        for exchange in transcript.exchanges()
    ]
    comment = title if entries else f"{title}: no HTTP/1.1 request was seen"
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "netbasics", "version": __version__},
            "pages": [],
            "entries": entries,
            "comment": comment,
        }
    }


def _entry(
    transcript: Transcript, flow: Flow, exchange: Exchange
) -> dict[str, Any]:
    began = transcript.started + timedelta(seconds=flow.began + exchange.began)
    send = (exchange.asked - exchange.began) * 1000
    wait = receive = 0.0
    if exchange.answered is not None and exchange.ended is not None:
        # A server may answer before it has heard all.
        wait = max(0.0, exchange.answered - exchange.asked) * 1000
        receive = (exchange.ended - exchange.answered) * 1000
    return {
        "startedDateTime": began.isoformat(timespec="milliseconds"),
        "time": send + wait + receive,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {
            "blocked": UNKNOWN,
            "dns": UNKNOWN,
            "connect": UNKNOWN,
            "ssl": UNKNOWN,
            "send": send,
            "wait": wait,
            "receive": receive,
        },
        "serverIPAddress": flow.server[0],
        "connection": str(flow.number),
        "comment": exchange.problem,
    }


def _request(exchange: Exchange) -> dict[str, Any]:
    request = exchange.request
    url = request.target
    if url.startswith("/"):
        url = f"http://{request.get('Host', '')}{url}"
    query = url.partition("#")[0].partition("?")[2]
    found: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "httpVersion": f"HTTP/{request.version}",
        "cookies": _cookies(request.get_all("Cookie")),
        "headers": _pairs(request.headers),
        "queryString": _pairs(urls.decode_query(query)),
        "headersSize": UNKNOWN,
        "bodySize": len(request.body),
    }
    if request.body:
        found["postData"] = {
            "mimeType": request.get("Content-Type", ""),
            "text": request.text,
        }
    return found


def _response(exchange: Exchange) -> dict[str, Any]:
    # A browser writes status 0 where no response came.
    response = exchange.response or Response(0)
    cookies = [
        value.partition(";")[0] for value in response.get_all("Set-Cookie")
    ]
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": f"HTTP/{response.version}",
        "cookies": _cookies(cookies),
        "headers": _pairs(response.headers),
        "content": _content(response),
        "redirectURL": response.get("Location", ""),
        "headersSize": UNKNOWN,
        "bodySize": len(response.body),
    }


def _content(message: Message) -> dict[str, Any]:
    kind = message.get("Content-Type") or "application/octet-stream"
    content: dict[str, Any] = {"size": len(message.body), "mimeType": kind}
    coded = message.get("Content-Encoding") is not None
    if not coded and (_is_text(kind) or _is_utf8(message.body)):
        content["text"] = message.text
    else:
        content["text"] = base64.b64encode(message.body).decode("ascii")
        content["encoding"] = "base64"
    return content


def _is_text(kind: str) -> bool:
    return any(part in kind for part in TEXTUAL)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _cookies(values: list[str]) -> list[dict[str, str]]:
    pairs = [
        tuple(part.strip().partition("=")[::2])
        for value in values
        for part in value.split(";")
        if part.strip()
    ]
    return [{"name": name, "value": value} for name, value in pairs]


def _pairs(pairs: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
