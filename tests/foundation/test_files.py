"""A file is replaced whole or not at all."""

import pytest

from twocurves.errors import BadInputError
from twocurves.files import written_whole


def test_success_replaces(tmp_path):
    path = tmp_path / "new" / "table.csv"
    with written_whole(path) as temporary:
        temporary.write_text("a,b\n")
    assert path.read_text() == "a,b\n"
    assert list(path.parent.iterdir()) == [path]


def test_failure_keeps_the_old_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="halfway"), written_whole(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("halfway")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BadInputError, match="cannot be written"), written_whole(blocked / "table.csv"):
        pass
