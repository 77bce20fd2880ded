"""Lesson 4: each step shows what it says, measured in this run."""

import http.server
import re
import threading
from ast import literal_eval

import pytest
import requests
from course_help import Played, play_step

from netbasics import urls
from netbasics.course import locate


def play(name: str) -> Played:
    played = play_step("04", name)
    assert played.outcome == "done", played.errors
    assert played.errors == ""
    return played


def test_each_part_is_underlined_where_it_stands():
    played = play("six_parts")
    url, *drawn = played.output.splitlines()[:7]
    found = {}
    for line in drawn:
        carets = re.search(r"\^+", line)
        found[line[carets.end() :].strip()] = url[slice(*carets.span())]
    assert found == {
        "scheme": "http",
        "hostname": "shop.example",
        "port": "8080",
        "path": "/books/find",
        "query": "topic=python&page=2",
        "fragment": "reviews",
    }


def test_an_unwritten_port_is_none_to_one_parser_and_a_number_to_the_other():
    output = play("six_parts").output
    assert re.findall(r"urlsplit: +(\S+)", output) == ["None", "None"]
    assert re.findall(r"urls\.parse: (\S+)", output) == ["80", "443"]


def test_the_fragment_does_not_reach_the_server():
    played = play("what_reaches_the_server")
    asked, first, host = played.output.splitlines()[:3]
    assert asked.endswith("?topic=python&page=2#reviews")
    assert "GET /books/find?topic=python&page=2 HTTP/1.1" in first
    assert "reviews" not in first + host
    assert re.fullmatch(r"Host header:  127\.0\.0\.1:\d+", host)
    assert host.split(":")[-1] in asked


def test_no_byte_of_the_fragment_passes_and_the_diagram_shows_the_rest():
    played = play("what_reaches_the_server")
    sent = played.names["tap"].transcript.data("to-server")
    assert sent.startswith(b"GET /books/find?topic=python&page=2 HTTP/1.1\r\n")
    assert b"reviews" not in sent
    (exchange,) = played.names["tap"].transcript.exchanges()
    assert exchange.response.status == 204
    diagram = played.output.splitlines()[3:]
    assert 12 <= len(diagram) <= 19, "too long for a screen"
    shown = "\n".join(diagram)
    for line in sent.decode().split("\r\n\r\n")[0].split("\r\n"):
        assert f"│ {line} " in shown
    assert f"─ {len(sent)} bytes ─" in shown
    assert "HTTP/1.0 204 No Content │" in shown


def test_the_colon_is_wrong_where_a_parser_is_right():
    lines = play("not_at_the_colon").output.splitlines()
    wrong, right = lines[:4], lines[4:8]
    assert "host '[', port ':1]:8080'" in wrong[2]
    assert "host 'ann', port 'pw@shop.example'" in wrong[3]
    assert "host '::1', port 8080" in right[2]
    assert "host 'shop.example', port None" in right[3]
    assert "urls.parse: shop.example 80 ann" in lines
    assert "pw" not in lines[-1]


def test_only_our_parser_gives_every_text_back():
    played = play("apart_and_together")
    lines = played.output.splitlines()
    assert [line.endswith(" same") for line in lines[:3]] == [
        True,
        False,
        False,
    ]
    assert all(line.endswith(" same") for line in lines[3:6])
    assert lines[6].count("https:") == 2, "replace changed only one"
    text = played.names["text"]
    assert lines[7] == "right: " + text.replace("http:", "https:", 1)


def test_a_raw_search_term_is_misread_and_an_encoded_one_is_not():
    played = play("the_search_term")
    read = re.findall(r"read as (.+)", played.output)
    page = {"page": ["1"]}
    assert [literal_eval(line) for line in read[:4]] == [
        {"topic": ["python"], **page},
        {"topic": ["C  "], **page},
        {"topic": ["C"]},
        {"topic": ["R"], **page},
    ]
    assert [literal_eval(line) for line in read[4:8]] == [
        {"topic": [term], **page} for term in played.names["terms"]
    ]
    assert len(read) == 10
    assert read[8] == read[9] == read[7]


def test_quote_leaves_a_slash_that_divides_a_name_in_two():
    played = play("percent_signs")
    lines = played.output.splitlines()
    for line in lines[:3]:
        *text, escaped, back = re.split(r"  +", line)
        assert escaped != back == text[0]
    assert lines[3].split() == ["AC/DC"] * 3
    read = [
        literal_eval(line)
        for line in re.findall(r"read as (.+)", played.output)
    ]
    assert read == [["bands", "AC", "DC"], *[["bands", "AC/DC"]] * 2]


def test_a_plus_is_a_space_in_the_query_only():
    output = play("plus_or_percent_20").output
    pattern = r"^(\S+) +path '(.+)', query \{'q': \['(.+)'\]\}$"
    assert re.findall(pattern, output, re.M) == [
        ("/a+b?q=a+b", "/a+b", "a b"),
        ("/a%20b?q=a%20b", "/a b", "a b"),
        ("/a%2Bb?q=a%2Bb", "/a+b", "a+b"),
    ]
    assert "unquote:      C+++basics\n" in output
    assert "unquote_plus: C++ basics\n" in output


def test_splitting_a_query_loses_what_parse_qs_keeps():
    played = play("reading_a_query")
    wrong, parsed, pairs, naive, *right = played.output.splitlines()
    assert literal_eval(wrong) == {"topic": "R%26D", "tag": "used"}
    assert literal_eval(parsed.partition(": ")[2]) == {
        "topic": ["R&D"],
        "tag": ["new", "used"],
    }
    assert len(literal_eval(pairs.partition(": ")[2])) == 3
    assert "%5B%27" in naive
    assert [line.split()[-1] for line in right] == [played.names["query"]] * 2


def test_links_put_behind_the_page_are_not_found_and_joined_ones_are():
    lines = play("following_links").output.splitlines()
    assert [line[:4] for line in lines[:3]] == ["404 "] * 3
    assert lines[3:6] == [
        "200 /docs/setup.html",
        "200 /index.html",
        "200 /index.html",
    ]


def test_a_join_drops_the_last_segment_and_build_does_not():
    lines = play("following_links").output.splitlines()[6:]
    joined = [line.split()[-1] for line in lines[:6] if "join" in line]
    without, with_slash = (
        "http://api.example/users",
        "http://api.example/v1/users",
    )
    assert joined == [without, without, with_slash, with_slash]
    assert lines[6:] == [with_slash, with_slash]


@pytest.fixture(scope="module")
def checks():
    return play("valid_or_not")


VERDICT = re.compile(r"^(.+?) +(True|False)\n", re.M)


def verdicts(played: Played) -> list[list[bool]]:
    """What each of the three checks says of the texts."""
    texts = played.names["texts"]
    found = VERDICT.findall(played.output)
    assert [text for text, _ in found] == 3 * texts
    said = [answer == "True" for _, answer in found]
    count = len(texts)
    return [said[at : at + count] for at in range(0, 3 * count, count)]


def messages(played: Played) -> list[str]:
    """What is said of the bad texts: by the client first, then by ours."""
    lines = VERDICT.sub("", played.output).replace("\n    ", " ").splitlines()
    bad = played.names["texts"][2:]
    for text, line in zip(2 * bad, lines, strict=True):
        assert line.startswith(f"'{text}'")
    return lines


def test_the_three_checks_come_nearer_to_what_a_client_says(checks):
    first, parts, ours = verdicts(checks)
    assert first == [True, False, *[True] * 5]
    assert parts == [True, True, *[False] * 4, True]
    assert ours == [True, True, *[False] * 5]


def test_the_last_check_agrees_with_requests(checks):
    *_, ours = verdicts(checks)
    for text, valid in zip(checks.names["texts"], ours, strict=True):
        assert requestable(text) == valid == urls.is_valid(text)


def requestable(text: str) -> bool:
    """Whether requests has a transport for it; nothing is sent."""
    try:
        with requests.Session() as session:
            url = requests.Request("GET", text).prepare().url
            session.get_adapter(url)
    except ValueError:
        return False
    return True


def test_a_client_refuses_what_the_first_check_let_pass(checks):
    for line in messages(checks)[:5]:
        assert "' cannot be requested" in line


def test_each_refusal_has_a_reason(checks):
    reasons = messages(checks)[5:]
    expected = (
        "host",
        "host",
        "scheme is 'httpx'",
        "99999 is not",
        "position 9",
    )
    for reason, line in zip(expected, reasons, strict=True):
        assert reason in line.partition("': ")[2]


def test_the_lines_fit(checks):
    names = [
        "six_parts",
        "what_reaches_the_server",
        "not_at_the_colon",
        "apart_and_together",
        "the_search_term",
        "percent_signs",
        "plus_or_percent_20",
        "reading_a_query",
        "following_links",
    ]
    outputs = [checks.output, *(play(name).output for name in names)]
    for line in "".join(outputs).splitlines():
        assert len(line) <= 76, line


@pytest.mark.usefixtures("leaves_nothing")
def test_the_two_files_without_our_helpers_work(monkeypatch, tmp_path, capsys):
    steps = {step.name: step for step in locate.load(locate.find("04")).steps}
    text = steps["what_reaches_the_server"].parts[-1].prose
    server, client = re.findall(r"```\n(.+?)```", text, re.S)
    threads = []

    def serve_one(self):
        def run():
            with self:
                self.handle_request()

        self.timeout = 10
        threads.append(threading.Thread(target=run, name=str(self.server_port)))
        threads[0].start()

    monkeypatch.setattr(http.server.HTTPServer, "serve_forever", serve_one)
    monkeypatch.chdir(tmp_path)
    exec(server.replace("8000", "0"), {})
    exec(client.replace("8000", threads[0].name), {})
    threads[0].join()
    printed = capsys.readouterr()
    assert printed.out == "200\n"
    assert '"GET /?q=a+b HTTP/1.1" 200' in printed.err
