"""The course is sound: stubs fail, solutions pass, mistakes are recognised."""

import pytest

from netbasics.practice import exercises
from netbasics.practice.catalogue import definition
from netbasics.practice.proving import prove
from netbasics.practice.reviewing import parameters

# What was agreed: number, name of the folder, arguments; * marks a hard one.
PLAN = """
1W   greeting       address
1.1  recv_exactly   sock count
1.2  read_lines     sock max_length
1.3  recv_frame     sock limit
1.4  request        address data tries timeout
1.5* serve          listener stop
2W   description    url
2.1  get            url total
2.2  follow         method url headers body limit
2.3  send           request policy clock
2.4* read_response  sock
2.5* download       url path
3W   create_app
3.1  resolve        root target
3.2  drain          listener app stop
3.3* respond        path headers
3.4* decode_frame   buffer
3.5* handle         sock app
4W   page_url       base page
4.1  build_url      base segments query
4.2  normalize      url
4.3  safe_next      url hosts
4.4  redact         url
4.5* open_public    url resolver connect
5W   all_items      fetch
5.1  paginate       fetch first
5.2  limiter        rate clock
5.3  call           base method path
5.4  verify         secret headers raw now seen
5.5  fetch_all      urls limit
6W   is_open        host port
6.1  broadcast      clients message
6.2  parse_answer   packet
6.3  diagnose       host port
6.4* tunnel         client connect
6.5* mirror         url folder
"""

each = pytest.mark.parametrize("exercise", exercises(), ids=lambda x: x.name)


def test_the_exercises_are_those_that_were_agreed():
    there = []
    for exercise in exercises():
        node = definition(exercise.stub.read_text("utf-8"), exercise.function)
        number = exercise.number + "*" * exercise.hard
        there.append([number, exercise.name, *parameters(node)])
    assert there == [line.split() for line in PLAN.strip().splitlines()]


@pytest.fixture(scope="module")
def proofs(request):
    """Proves all exercises that are selected, ahead of the tests."""
    wanted = [
        item.callspec.params["exercise"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    proving = prove(wanted)
    yield (proof for proof in proving)
    proving.close()


@pytest.fixture(scope="module")
def proved(proofs):
    known = {}

    def of(exercise):
        while exercise.name not in known:
            proof = next(proofs)
            known[proof.exercise.name] = proof
        return known[exercise.name]

    return of


@each
@pytest.mark.timeout(300)
def test_an_exercise_is_sound(exercise, proved):
    reasons = proved(exercise).reasons
    assert not reasons, "\n".join(reasons)
