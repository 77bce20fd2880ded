"""Lesson 4: each step shows what it says, measured in this run."""

import base64
import http.server
import re
import threading
from ast import literal_eval

import pytest
import requests
from course_help import Notes, Played, play_step

from netbasics import urls
from netbasics.course import events, locate
from netbasics.course.engine import run_step


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


# What the runs say to the questions: the replies in the lesson assume it.
TRUTHS = {
    "six_parts": ["topic=python&page=2", "None"],
    "what_reaches_the_server": [
        "/books/find?topic=python&page=2",
        "the client",
    ],
    "not_at_the_colon": ["ann"],
    "apart_and_together": ["1", "the URL in the query as well"],
    "the_search_term": ["1"],
    "percent_signs": ["AC/DC", "bands, AC, DC"],
    "plus_or_percent_20": ["3", "C+++basics"],
    "reading_a_query": ["one of the tags", "2"],
    "following_links": ["0", "http://api.example/users"],
    "valid_or_not": ["6", "1"],
    "without_a_scheme": ["the scheme", "127.0.0.1 only"],
    "joining_eats_your_path": ["/users", "to the other server"],
    "the_at_switch": ["the server on 127.0.0.1", "0"],
    "vanishing_blanks": ["555 0100", "an empty text"],
    "encoded_twice": ["AC%2FDC", "What %2F means", "/pages/%252e%252e/secret"],
    "a_naive_validator": ["2", "about four times as long"],
    "look_alikes": [
        "as a name that begins with xn--",
        "two",
        "to this machine",
    ],
    "newlines_vanish": ["the salaries", "a header X-Role: admin"],
    "parsers_disagree": ["1", "the salaries"],
    "attacking_its_own_server": ["2", "the salaries", "the service inside"],
}


def test_every_step_has_its_predictions_and_the_deeper_ones_come_last():
    steps = locate.load(locate.find("04")).steps
    assert [step.name for step in steps] == list(TRUTHS)
    assert [step.deeper for step in steps] == [False] * 10 + [True] * 10


def test_wherever_a_server_runs_the_learner_can_meet_it_alive():
    for step in locate.load(locate.find("04")).steps:
        for part in step.parts:
            # The prompt opens at the end of a part's last with-block.
            if re.search(r"^with .*(servers|lab)\.", part.source, re.M):
                assert part.staying() is not None, f"{step.name}: {part.line}"


@pytest.mark.parametrize("name", TRUTHS)
def test_the_runs_say_what_the_replies_assume(name):
    lesson = locate.load(locate.find("04"))
    (step,) = [step for step in lesson.steps if step.name == name]
    notes = Notes()
    run_step(lesson, step, notes)
    said = notes.only(events.Answered)
    assert [each.verdict.truth for each in said] == TRUTHS[name]
    for each in said:
        for choice in each.question.choices:
            assert len(choice) <= 70
            assert each.question.read(choice) == choice
    for line in notes.output().splitlines():
        assert len(line) <= 76, line


def reading(output: str) -> list[tuple[str, str, str]]:
    """Read groups of four lines: a text, its scheme, host and path."""
    return re.findall(
        r"^\S+\n  scheme: (.+)\n  host:   (.+)\n  path:   (.+)$", output, re.M
    )


def test_an_address_without_a_scheme_is_misread_and_a_check_says_so():
    played = play("without_a_scheme")
    assert reading(played.output) == [
        ("'localhost'", "None", "'8000/books'"),
        ("''", "None", "'127.0.0.1:8000/books'"),
        ("''", "None", "'shop.example'"),
    ]
    assert re.search(
        r"127\.0\.0\.1:\d+/books <Response \[200\]>", played.output
    )
    assert "No connection adapters were found for 'localhost:" in played.output
    assert played.output.replace("\n", " ").count("did you mean") == 2
    assert played.output.endswith("as it was meant: 200\n")
    with pytest.raises(ValueError, match="did you mean"):
        played.names["checked"]("mailto:ann@shop.example")


def test_a_join_leaves_the_api_and_the_shop_and_a_look_at_the_origin_stays():
    played = play("joining_eats_your_path")
    assert re.findall(r"^(\S+) +(/\S+) +(\d+)$", played.output, re.M) == [
        ("users", "/api/v1/users", "200"),
        ("./users", "/api/v1/users", "200"),
        ("/users", "/users", "404"),
    ]
    (shop,) = re.findall(r"the shop is +(\S+)", played.output)
    first, second = re.findall(r"led to (\S+)", played.output)
    assert first == shop != second
    for reader in ("urlsplit", r"urls\.parse"):
        same = re.findall(rf"{reader}: +(\w+)", played.output)
        assert same == ["True", "False", "False"]
    below = re.findall(r"(?:plain|build): (\S+)", played.output)
    assert below[:3] == below[3:]
    assert below[0] == below[1] == "http://api.example/v1/users"
    assert below[2] == "http://api.example/v1/%2F%2Fother.example"


def test_the_host_stands_behind_the_at_and_only_a_parser_sees_it():
    played = play("the_at_switch")
    assert "allowed:   True" in played.output
    (host,) = played.names["seen"]
    assert host.startswith("127.0.0.1:")
    sent = re.search(r"Authorization: Basic (\S+)", played.output)
    assert base64.b64decode(sent[1]) == b"shop.example:80"
    naive = re.findall(r"(True|False) +host (\S+)", played.output)
    assert [answer for answer, _ in naive] == ["True"] * 4
    assert "shop.example" not in [host for _, host in naive]
    good = [False] * 4 + [True]
    for reader in ("urlsplit", r"urls\.parse"):
        found = re.findall(rf"{reader}: (True|False)", played.output)
        assert [answer == "True" for answer in found] == good


def test_an_emptied_field_is_lost_and_two_repaired_servers_keep_it():
    played = play("vanishing_blanks")
    asked, wrong, naive, *careful, plain, helper = played.output.splitlines()
    assert asked.endswith("?city=Oslo&phone=")
    kept = literal_eval(wrong.partition(": ")[2])
    assert kept == {"city": "Oslo", "phone": "555 0100"}
    assert "phone" not in naive
    for line in careful:
        assert "phone" in line
        assert "news" in line
    for line in (plain, helper):
        emptied = literal_eval(line.partition(" ")[2])
        assert emptied == {"city": "Oslo", "phone": ""}


def test_a_name_encoded_or_decoded_twice_is_another_and_once_is_right():
    played = play("encoded_twice")
    read = re.findall(r"^(\S+) +read as (\S+)$", played.output, re.M)
    assert read == [
        ("/bands/AC%252FDC", "AC%2FDC"),
        *[("/bands/AC%2FDC", "AC/DC")] * 2,
    ]
    pattern = r"once: (.+?) +to the end: (.+)$"
    once, to_the_end = zip(
        *re.findall(pattern, played.output, re.M), strict=True
    )
    assert list(once) == played.names["names"]
    assert to_the_end == ("AC/DC", "50% off", "What / means")


def test_a_check_between_two_decodings_is_passed_and_one_behind_them_is_not():
    played = play("encoded_twice")
    opened = re.findall(r"^/pages\S+ +(.+)$", played.output, re.M)
    assert opened[:3] == ["refused", "refused", "opens /pages/../secret"]
    assert opened[3:] == ["refused", "refused", "opens /pages/%2e%2e/secret"]


def test_the_pattern_is_wrong_where_a_client_and_our_check_agree():
    played = play("a_naive_validator")
    rows = re.findall(r"^('.+') +(True|False) +(\w+)$", played.output, re.M)
    assert len(rows) == 8
    assert [naive == ours for _, naive, ours in rows] == [True] * 2 + [
        False
    ] * 6
    for text, _, ours in rows:
        # requests asks the system for the name `-`, which DNS cannot have.
        if text != "'http://-/'":
            assert str(requestable(literal_eval(text))) == ours


def test_the_pattern_takes_exponential_time_and_the_repaired_ones_do_not():
    played = play("a_naive_validator")
    seconds = list(played.names["seconds"].values())
    assert seconds[3] > 4 * seconds[1]
    hours = re.search(r"40 letters would take ([\d,]+) hours", played.output)
    assert int(hours[1].replace(",", "")) >= 1
    again = re.findall(r"^(\w+) +False ([\d.]+) s$", played.output, re.M)
    assert [name for name, _ in again] == ["good_name", "is_valid"]
    for _, took in again:
        assert float(took) < 0.5, "a hundred thousand letters"
    assert played.names["good_name"]("http://shop.example/")
    assert "20 letters" in str(played.names["chart"])


def test_one_name_is_two_machines_and_an_odd_letter_is_this_one():
    played = play("look_alikes")
    assert re.findall(r"in our list: (\w+)", played.output) == ["True", "False"]
    ips = dict(
        re.findall(r"^([\w.]+) +\S+example +([\d.]+)$", played.output, re.M)
    )
    assert ips["urllib"] != ips["browsers"] == ips["urls.parse"]
    assert "forbidden: False" in played.output
    assert played.names["reached"] in ("127.0.0.1", "::1")
    assert "rewritten: localhost\n" in played.output
    assert "has characters that clients read" in played.output


def test_requests_rewrites_the_german_name_as_the_lesson_says():
    prepared = requests.Request("GET", "http://fa\u00df.example/").prepare()
    assert prepared.url == "http://xn--fa-hia.example/"


def test_a_newline_hides_an_address_and_brings_a_header_along():
    played = play("newlines_vanish")
    assert played.names["shown"] == ["refused", "the salaries"]
    assert "asked for: /find?q=tea\n" in played.output
    assert "('X-Role', 'admin')" in played.output
    said = played.output.replace("\n", " ")
    assert "URL can't contain control characters" in said
    assert "which some clients remove" in said
    last = played.names["shop"]
    assert len(last.requests) == 2, "the two refused ones sent nothing"
    for request in last.requests:
        assert "q=tea+HTTP%2F1.0%0D%0AX-Role%3A+admin" in request.target
        assert request.header("X-Role") is None


def test_two_parsers_read_two_hosts_and_one_parser_for_both_does_not():
    played = play("parsers_disagree")
    assert list(played.names["hosts"].values()) == [
        "shop.example",
        "127.0.0.1",
        "refused",
        "refused",
    ]
    assert "checked: shop.example\nshown:   the salaries\n" in played.output
    assert re.search(
        r"will be sent: http://127\.0\.0\.1:\d+/%5C", played.output
    )
    assert "requests that came: 0" in played.output
    assert "is a backslash" in played.output


def test_the_service_inside_is_reached_in_three_ways():
    played = play("attacking_its_own_server")
    pattern = r"^http://(127\.0\.0\.1|2130706433|0x7f\.1):\d+/ +(.+)$"
    assert re.findall(pattern, played.output, re.M) == [
        ("127.0.0.1", "refused"),
        ("2130706433", "the salaries"),
        ("0x7f.1", "the salaries"),
    ]
    redirected = r"^http://httpbin\.org/redirect-to\S+\nthe salaries$"
    assert re.search(redirected, played.output, re.M)
    (rebound,) = re.findall(
        r"the check has: +93\.184\.215\.14 public: True\n"
        r"the client has: +127\.0\.0\.1\n"
        r"requests inside: (\d)",
        played.output,
    )
    assert rebound == "1"


def test_the_repairs_and_the_guard_let_none_of_the_attacks_inside():
    output = play("attacking_its_own_server").output
    refused = r"^refused: http://127\.0\.0\.1:\d+\n.+ inside: 0$"
    assert re.search(refused, output, re.M)
    guarded = output.partition("connects to:")[2]
    assert "shown:           a public page" in guarded
    assert "never asked for: ['127.0.0.1']" in guarded
    said = guarded.replace("\n", " ")
    assert "is a spelling of 127.0.0.1" in said
    assert said.count("127.0.0.1 is not public") == 1
    assert guarded.count("connects to:") == 1, "after the first: the redirect"
    assert re.findall(r"requests inside: (\d)", guarded) == ["0", "0"]


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
