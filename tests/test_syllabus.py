"""Every item of the syllabus is taught by a step of its lesson.

The tables name the items in the syllabus' own order and words, cut short, each
with the step functions that teach it. Steps may be merged or split; an item
without a step, or a step that teaches no item, fails.
"""

import pytest

from netbasics.course import locate

SYLLABUS = {
    "01": [
        ("core", "someone to talk to", "someone_to_talk_to"),
        ("core", "the words, live", "the_words_live"),
        ("core", "ask and answer", "ask_and_answer"),
        ("core", "a server, bare", "a_server_bare"),
        ("core", "UDP", "udp"),
        ("core", "cleaning up", "cleaning_up"),
        ("core", "address already in use", "address_already_in_use"),
        ("core", "two at once", "two_at_once"),
        ("deeper", "five sends, one recv", "five_sends_one_recv"),
        ("deeper", "one send, many recvs", "one_send_many_recvs"),
        ("deeper", "send sends some", "send_sends_some"),
        ("deeper", "half a goodbye", "half_a_goodbye"),
        ("deeper", "sending to the dead", "sending_to_the_dead"),
        ("deeper", "deadlock", "deadlock"),
        ("deeper", "datagrams lie", "datagrams_lie"),
        ("deeper", "connected to nobody", "connected_to_nobody"),
        ("deeper", "closed, still serving", "closed_still_serving"),
        ("deeper", "threads, selectors, asyncio", "fifty_slow_clients"),
    ],
    "02": [
        ("core", "by hand", "by_hand"),
        ("core", "urllib: GET JSON, POST a form", "the_standard_library"),
        ("core", "requests.get", "with_requests", "as_the_textbooks_print_it"),
        ("core", "a field out of a document", "a_field_of_a_document"),
        ("core", "query parameters; headers", "parameters_and_headers"),
        ("core", "POST JSON, a form; PUT, PATCH, DELETE", "sending"),
        ("core", "always a timeout", "always_a_timeout"),
        ("core", "when it fails", "when_it_fails"),
        ("core", "a redirect, followed", "a_redirect"),
        ("core", "a session", "a_session"),
        ("core", "HTTPS", "https", "what_an_observer_sees"),
        ("deeper", "timeout=0.3 took 2.5 s", "a_timeout_is_no_deadline"),
        ("deeper", "compressed, chunked, streamed", "what_the_library_hides"),
        ("deeper", "short, and no error", "short_and_no_error"),
        ("deeper", "your token went next door", "next_door"),
        ("deeper", "five gets, five connections", "five_gets"),
        ("deeper", "304 is an exception", "not_modified"),
        ("deeper", "a retry helps; charged twice", "charged_twice"),
        ("deeper", "died while idle", "died_while_idle"),
        ("deeper", "cookies ignore ports", "cookies_ignore_ports"),
        ("deeper", "whose proxy?", "whose_proxy"),
    ],
    "03": [
        ("core", "http.server", "with_the_standard_library", "reading_a_body"),
        ("core", "its two traps", "two_traps"),
        ("core", "Flask", "flask_routes", "never_debug_in_public"),
        ("core", "FastAPI", "fastapi_types", "a_page_to_try_it"),
        ("core", "the same API three times", "the_same_api_three_times"),
        ("core", "where data lives", "where_data_lives"),
        ("deeper", "one silent client", "one_silent_client"),
        ("deeper", "the 40 ms ghost", "the_40_ms_ghost"),
        ("deeper", "one request, two answers", "one_request_two_answers"),
        ("deeper", ".. and its cousins", "dots_and_their_cousins"),
        ("deeper", "four certificates", "four_certificates"),
        ("deeper", "fifty sleepers", "fifty_sleepers"),
        ("deeper", "a stream that stays open", "a_stream_that_stays_open"),
        ("deeper", "a WebSocket echo", "a_websocket_frame_by_frame"),
        ("deeper", "a clean stop", "a_clean_stop"),
    ],
    "04": [
        ("core", "the parts of a URL", "six_parts", "what_reaches_the_server"),
        (
            "core",
            "apart and together",
            "not_at_the_colon",
            "apart_and_together",
        ),
        (
            "core",
            "encoding",
            "the_search_term",
            "percent_signs",
            "plus_or_percent_20",
            "reading_a_query",
        ),
        ("core", "joining", "following_links"),
        ("core", "valid or not", "valid_or_not"),
        ("deeper", "localhost:8000 is a scheme", "without_a_scheme"),
        ("deeper", "joining eats your path", "joining_eats_your_path"),
        ("deeper", "the @ switch", "the_at_switch"),
        ("deeper", "vanishing blanks", "vanishing_blanks"),
        ("deeper", "encoded twice", "encoded_twice"),
        ("deeper", "a naive validator", "a_naive_validator"),
        ("deeper", "look-alikes", "look_alikes"),
        ("deeper", "newlines vanish", "newlines_vanish"),
        ("deeper", "parsers disagree", "parsers_disagree"),
        ("deeper", "attacked its own server", "attacking_its_own_server"),
    ],
    "05": [
        ("core", "what an API is", "one_user", "base_and_endpoint"),
        ("core", "an API client class", "a_client_class"),
        (
            "core",
            "the key",
            "where_a_key_turns_up",
            "the_key_stays_hidden",
        ),
        ("core", "all pages", "all_pages"),
        ("core", "rate limiting", "five_a_second"),
        ("core", "two coroutines", "two_coroutines"),
        ("core", "many at once", "many_at_once", "how_much_it_brings"),
        ("core", "a real service", "to_a_real_service"),
        ("deeper", "200 that is an error", "an_error_with_status_200"),
        ("deeper", "rows move", "rows_move"),
        ("deeper", "from ten threads", "five_a_second_from_ten_threads"),
        ("deeper", "429 and Retry-After", "retry_after_in_both_forms"),
        ("deeper", "stampede", "stampede"),
        ("deeper", "same JSON, other signature", "a_signature_is_over_bytes"),
        ("deeper", "an idempotency key", "an_idempotency_key"),
        ("deeper", "gather(1000)", "gather_a_thousand"),
    ],
    "06": [
        (
            "core",
            "six habits and five mistakes",
            "no_timeout",
            "no_error_handling",
            "an_unchecked_response",
            "an_unclosed_socket",
            "a_connection_for_each_request",
            "url_and_key_in_the_code",
            "a_url_from_somebody_else",
        ),
        ("core", "a chat room", "a_chat_room_in_ten_lines", "a_chat_room"),
        ("core", "a download", "half_a_file", "a_download_that_resumes"),
        ("core", "a health monitor", "a_health_monitor"),
        ("deeper", "chat freezes", "the_chat_freezes"),
        ("deeper", "open, refused, silent", "open_refused_silent"),
        ("deeper", "a DNS question by hand", "a_dns_question_by_hand"),
        ("deeper", "the proxy's view", "the_view_of_a_proxy"),
        ("deeper", "wrong protocol", "the_wrong_protocol"),
        ("deeper", "find my server", "find_my_server"),
        ("deeper", "a link checker", "a_link_checker"),
        ("deeper", "a webhook receiver", "a_webhook_receiver"),
    ],
}
ITEMS = {"01": 18, "02": 21, "03": 15, "04": 15, "05": 16, "06": 12}


@pytest.mark.parametrize("lesson", SYLLABUS)
def test_the_table_has_every_item_of_the_syllabus(lesson):
    assert len(SYLLABUS[lesson]) == ITEMS[lesson]


@pytest.mark.parametrize("lesson", SYLLABUS)
def test_every_item_is_taught_by_a_step(lesson):
    steps = {s.name: s for s in locate.load(locate.find(lesson)).steps}
    for half, item, *names in SYLLABUS[lesson]:
        for name in names:
            assert name in steps, f"{item!r} is taught by no step {name}"
        assert steps[names[0]].deeper == (half == "deeper"), item


@pytest.mark.parametrize("lesson", SYLLABUS)
def test_every_step_teaches_an_item_in_the_syllabus_order(lesson):
    steps = [s.name for s in locate.load(locate.find(lesson)).steps]
    taught = [name for _, _, *names in SYLLABUS[lesson] for name in names]
    assert sorted(taught) == sorted(steps)
    firsts = [names[0] for _, _, *names in SYLLABUS[lesson]]
    assert firsts == sorted(firsts, key=steps.index)


@pytest.mark.parametrize("lesson", SYLLABUS)
def test_every_deeper_step_asks_for_a_prediction(lesson):
    for step in locate.load(locate.find(lesson)).steps:
        if step.deeper:
            asked = [part for part in step.parts if part.question]
            assert asked, f"{step.name} asks nothing"
