import json

from netbasics import lab, sockets


def ask(peer, target, method=b"GET"):
    request = method + b" " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    return sockets.ask(peer.address, request).partition(b"\r\n\r\n")


def test_an_echo_divides_first_and_decodes_once():
    with lab.echoes() as peer:
        *_, body = ask(peer, b"/a%2Fb/%252F/c+d//?x=%26&x=&y=a+b&z", b"PUT")
    assert json.loads(body) == {
        "method": "PUT",
        "path": ["a/b", "%2F", "c+d", "", ""],
        "query": [["x", "&"], ["x", ""], ["y", "a b"], ["z", ""]],
    }
    assert peer.requests[0].target.startswith("/a%2Fb/")
    assert peer.errors == []


def test_an_echo_of_the_root_has_one_empty_segment():
    with lab.echoes() as peer:
        *_, body = ask(peer, b"/")
    assert json.loads(body)["path"] == [""]
    assert json.loads(body)["query"] == []


def test_an_answer_is_told_byte_by_byte_as_it_was_given():
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"
    with lab.tells({"/a?b": raw}) as peer:
        assert b"".join(ask(peer, b"/a?b")) == raw
        assert ask(peer, b"/a")[0].startswith(b"HTTP/1.1 404 ")
    assert [request.target for request in peer.requests] == ["/a?b", "/a"]
