"""Whatever is done to a belief file, the answer is a load or one fault that names file and line."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.beliefs.small import FILES, write_small
from twocurves.beliefs import load_beliefs
from twocurves.beliefs.lines import declared_lines, line_of
from twocurves.errors import BadFileError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("fuzzed"))


_BITS = st.one_of(
    st.binary(max_size=6), st.sampled_from([b'"', b"\n", b"[", b"]]", b"=", b"inf", b"0", b"-"])
)


@settings(max_examples=300)
@given(
    name=st.sampled_from(sorted(FILES)),
    at=st.floats(0, 1),
    length=st.integers(0, 40),
    put=_BITS,
)
def test_a_damaged_file_loads_or_is_one_fault(
    folder: Path, name: str, at: float, length: int, put: bytes
) -> None:
    whole = FILES[name].encode()
    start = int(at * len(whole))
    path = folder / name
    path.write_bytes(whole[:start] + put + whole[start + length :])
    fault: BadFileError | None = None
    try:
        load_beliefs(folder, packaged=False)
    except BadFileError as raised:
        fault = raised
    finally:
        path.write_bytes(whole)
    if fault is not None:
        assert re.fullmatch(r".+\.toml:\d+", str(fault.field)), fault.message
        assert "\n" not in fault.message


_TEXT = """\
# a comment = with = signs
top = 1
"quoted.key" = "x"

[table.inner]
many = [ # comment ]
  1,
  { a = "]" },
]
text = \"\"\"
not_a_key = 1
[not.a.table]
\"\"\"
raw = '''
[[nor_this]]
'''
after = 'a # b'
dotted.key = 2

[[entry]]
id = "first"
[[entry]]
id = "second"
[entry.sub]
deep = 1
[[entry.list]]
x = 1
[[entry.list]]
x = 2
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 2),
        (("quoted.key",), 3),
        (("table",), 5),
        (("table", "inner", "many"), 6),
        (("table", "inner", "many", 1, "a"), 6),
        (("table", "inner", "text"), 10),
        (("table", "inner", "after"), 17),
        (("table", "inner", "dotted", "key"), 18),
        (("entry", 0, "id"), 21),
        (("entry", 1), 22),
        (("entry", 1, "absent"), 22),
        (("entry", 1, "sub", "deep"), 25),
        (("entry", 1, "list", 1, "x"), 29),
        (("nowhere",), 1),
        ((), 1),
    ],
)
def test_places_are_found(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(_TEXT, place) == line


def test_what_stands_inside_strings_is_no_place() -> None:
    names = {part for place in declared_lines(_TEXT) for part in place}
    assert names.isdisjoint({"not_a_key", "not", "nor_this"})
