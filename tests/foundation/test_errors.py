"""Faults carry field, given, allowed and the nearest valid name."""

import json

from hypothesis import given
from hypothesis import strategies as st

from twocurves.errors import BadInputError, Fault, nearest, unknown

NAMES = ["lag_pub", "lag_priv", "tau", "closed_premium_half_life"]


def test_unknown_name_suggests_the_nearest():
    fault = unknown("parameter", "lagg_pub", NAMES)
    assert fault.message == "No parameter 'lagg_pub'; did you mean 'lag_pub'?"
    assert fault.suggestion == "lag_pub"
    assert fault.exit_code == 2


def test_unknown_name_with_nothing_near_lists_what_there_is():
    fault = unknown("scenario", "zzz", ["central", "open_surge"])
    assert fault.suggestion is None
    assert "central, open_surge" in fault.message


def test_a_piece_of_a_name_finds_it():
    assert nearest("half_life", NAMES) == "closed_premium_half_life"


@given(st.sampled_from(NAMES), st.data())
def test_one_slip_of_the_finger_is_understood(name, data):
    place = data.draw(st.integers(0, len(name)))
    slipped = name[:place] + "x" + name[place:]
    if len(name) > 3:
        assert nearest(slipped, NAMES) == name


@given(st.text(), st.lists(st.text(min_size=1), max_size=20))
def test_any_text_gives_one_sentence_and_a_plain_record(given_text, names):
    fault = unknown("series", given_text, names)
    record = json.loads(json.dumps(fault.as_record()))
    assert record["given"] == given_text
    assert record["allowed"] == sorted(names)
    assert fault.suggestion is None or fault.suggestion in names


def test_a_fault_of_ours_exits_with_one_and_bad_input_with_two():
    assert Fault("x").exit_code == 1
    assert BadInputError("x").exit_code == 2


def test_records_inside_a_fault_stay_records():
    fault = BadInputError("Broken.", given=[{"row": "mine.csv:2", "message": "low"}], allowed={"a": {1}})
    record = fault.as_record()
    assert record["given"] == [{"row": "mine.csv:2", "message": "low"}]
    assert record["allowed"] == {"a": [1]}


def test_what_is_understood_too_is_suggested_and_never_listed():
    fault = unknown("parameter", "lagg", ["open_share"], also=["lag"])
    assert fault.suggestion == "lag"
    assert fault.allowed == ["open_share"]
    assert "lag" not in unknown("parameter", "zzz", ["open_share"], also=["lag"]).message
