"""Names of parameters in plain words."""

from twocurves.beliefs import load_beliefs
from twocurves.beliefs.naming import full_plain_name, plain_name


def test_entities_have_their_titles():
    assert full_plain_name("lab_brand_appeal.openai") == "Lab brand appeal, OpenAI"
    assert full_plain_name("lag_pub") == "Lag of open behind closed"
    assert full_plain_name("time_to_build.something_new") == "Time to build, something new"


def test_no_two_parameters_have_the_same_name():
    names = [full_plain_name(name) for name in load_beliefs().names]
    assert len(set(names)) == len(names)
    assert all("_" not in plain_name(name) for name in load_beliefs().parameters)
