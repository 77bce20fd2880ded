"""The fault table: ours do the right thing, and the table can tell."""

import multiprocessing
import re
import sys
import time
from pathlib import Path

import pytest

from netbasics import lab
from netbasics.cli import faults
from netbasics.cli.faults import running
from netbasics.cli.faults.targets import DEADLINE

# Words that ours must say of a fault: which one it is, to who reads the log.
SAYS = {
    "refused": "nothing listens|refused",
    "silent": "silent for 2 s|nothing came|waiting for .* response",
    "full_backlog": "connecting|waiting for a connection",
    "hangs_up": "closed the connection after 0",
    "resets_before": "reset|closed the connection after 0",
    "untrusted_certificate": "unable to get local issuer",
    "expired_certificate": "has expired",
    "not_yet_valid_certificate": "not yet valid",
    "wrong_name_certificate": "not valid for '127.0.0.1'",
    "self_signed_certificate": "self-signed",
    "http_instead_of_tls": "is it an http:// address",
    "tls_instead_of_http": "not proper HTTP",
    "length_too_long": "reading the body",
    "length_twice": "Content-Length",
    "length_negative": "Content-Length.*-1",
    "length_no_number": "Content-Length.*many",
    "length_and_chunked": "chunked",
    "chunked_cut_off": "closed the connection after 8 bytes",
    "bad_chunk_size": "chunk.*0x11",
    "garbage": "not proper HTTP",
    "other_protocol": "220 mail",
    "wrong_gzip": "gzip",
    "cut_gzip": "gzip",
    "cut_off": "after 560 of 1120 bytes",
    "endless_body": "longer than the limit of 1048576 bytes",
    "endless_header": "more than .* bytes when reading",
    "many_headers": "more than 100 headers|Too many headers",
    "gzip_bomb": "longer than the limit of 1048576 bytes",
    "redirect_loop": "chain of redirects",
    "redirect_to_other_scheme": "scheme",
    "resets_during": "after 560 of 1120 bytes",
    "dripping": "not finished within .* reading the body",
    "dripping_headers": "not finished within .* response",
    "invalid_json": "it is not JSON",
    "wrong_charset": "utf-8",
    "udp_other_port": "not finished within",
    "dns_compression_loop": "a compression loop",
    "dns_cut_off": "is cut off",
    "dns_wrong_id": "forged",
    "dns_no_such_name": "NXDOMAIN",
    "dns_server_fails": "SERVFAIL",
}


@pytest.fixture(scope="module")
def ours():
    wanted = [c for c in faults.cells() if c.client in faults.OURS]
    rows = faults.run(wanted)
    return {fault.name: outcomes for fault, outcomes in rows}


def test_there_are_at_least_forty_faults():
    wanted = faults.cells()
    assert len({cell.fault for cell in wanted}) >= 40
    assert {cell.client for cell in wanted} == set(faults.CLIENTS)


@pytest.mark.timeout(200)
def test_ours_do_the_right_thing_in_every_row(ours):
    wrong = [
        f"{fault} {client}: {outcome}"
        for fault, outcomes in ours.items()
        for client, outcome in outcomes.items()
        if not faults.Cell(fault, client).is_right(outcome)
    ]
    assert wrong == []


@pytest.mark.timeout(200)
def test_ours_keep_to_their_deadline(ours):
    late = [
        f"{fault} {client}: {outcome}"
        for fault, outcomes in ours.items()
        for client, outcome in outcomes.items()
        if outcome.seconds > DEADLINE + 0.5
    ]
    assert late == []


@pytest.mark.timeout(200)
def test_ours_name_the_fault(ours):
    failing = {f.name for f in lab.faults() if f.row and f.should == "fail"}
    if sys.platform != "linux":
        failing.discard("full_backlog")
    assert failing <= SAYS.keys()
    nameless = [
        f"{fault} {client}: {outcome}"
        for fault in failing
        for client, outcome in ours[fault].items()
        if outcome.name == "Exception"
        or not re.search(SAYS[fault], outcome.message)
    ]
    assert nameless == []


def outcome_of(fault, client, **options):
    ((_, outcomes),) = faults.run([faults.Cell(fault, client)], **options)
    return outcomes[client]


def test_a_cut_taken_for_the_whole_is_a_wrong_success():
    outcome = outcome_of("cut_off", "socket")
    assert (outcome.what, outcome.text) == ("wrong success", "wrong success")
    assert not faults.Cell("cut_off", "socket").is_right(outcome)


def test_a_wrong_body_is_a_wrong_success():
    assert outcome_of("dns_truncates", "socket").what == "wrong success"


def test_a_client_that_does_not_end_is_hung_and_ended():
    began = time.monotonic()
    outcome = outcome_of("dns_compression_loop", "socket", limit=0.5)
    assert (outcome.what, outcome.seconds) == ("hung", 0.5)
    # The rest is what starting processes takes on a busy machine.
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_client_without_a_limit_runs_out_of_memory():
    outcome = outcome_of("gzip_bomb", "requests", limit=30)
    assert (outcome.what, outcome.text) == ("crashed", "MemoryError")


def test_a_cell_that_cannot_begin_has_crashed():
    cell = faults.Cell("cut_off", "nobody")
    ((_, outcome),) = running._outcomes([cell], jobs=1, limit=5)
    assert (outcome.what, outcome.text) == ("crashed", "KeyError")
    assert not cell.is_right(outcome)


def test_an_exception_where_success_is_due_is_not_right():
    outcome = outcome_of("flapping", "requests")
    assert (outcome.what, outcome.text) == ("exception", "HTTPError")
    assert not faults.Cell("flapping", "requests").is_right(outcome)


def test_rows_come_in_their_order():
    wanted = faults.cells(["dns_wrong_id", "cut_off", "udp_delays"])
    names = [fault.name for fault, _ in faults.run(wanted)]
    assert names == ["dns_wrong_id", "cut_off", "udp_delays"]


def test_a_table_that_is_left_early_leaves_no_process():
    before = set(multiprocessing.active_children())
    rows = faults.run(faults.cells(["cut_off", "silent"]))
    next(rows)
    rows.close()
    assert set(multiprocessing.active_children()) == before


ROW = (
    lab.find("cut_off"),
    {
        "socket": faults.Outcome("wrong success", 0.01),
        "urllib": faults.Outcome("exception", 12.345, "A" * 40, "it broke"),
        "clients": faults.Outcome("hung", 6.0),
    },
)


def test_a_row_fits_80_columns():
    lines = faults.as_text(ROW).splitlines()
    assert lines == [
        "cut_off should fail: less came than Content-Length said",
        "! socket   wrong success         0.01 s    urllib   "
        "AAAAAAAAAAAAAAAAA... 12.35 s",
        "! clients  hung                  6.00 s",
    ]
    assert max(map(len, lines)) <= 80


def test_a_row_shows_messages_if_asked():
    assert "             it broke" in faults.as_text(ROW, messages=True).split(
        "\n"
    )


def test_the_page_marks_what_is_not_right():
    page = faults.as_page([ROW], 1.0)
    row = next(line for line in page.splitlines() if "`cut_off`" in line)
    assert "**!** wrong success 0.0 s" in row
    assert f"| `{'A' * 40}` 12.3 s |" in row
    assert "**!** hung 6.0 s" in row


def test_the_summary_counts():
    lines = faults.summary([ROW]).splitlines()[1:]
    assert [line.split() for line in lines] == [
        ["socket", "0", "1", "0", "0", "1"],
        ["urllib", "1", "0", "0", "0", "1"],
        ["clients", "(ours)", "0", "0", "1", "0", "1"],
    ]


def test_the_page_in_docs_has_every_fault_and_nothing_wrong_of_ours():
    page = Path(__file__).parent.parent / "docs" / "faults.md"
    text = page.read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", text, re.M)
    assert sorted(listed) == sorted(f.name for f in lab.faults() if f.row)
    for line in text.splitlines():
        if re.match(r"\w+ \(ours\)", line):
            assert line.split()[3:6] == ["0", "0", "0"]
