"""Lines that a listing writes itself are those that Rich's own table would write."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from twocurves.cli import listing
from twocurves.cli.listing import Column, Listing

CELLS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="ab 中é-–\u00a0.[]/\t\n", max_size=30),
    st.builds(Text, st.text(alphabet="abc d", max_size=15), style=st.sampled_from(["bold", "red", ""])),
)
COLUMNS = st.builds(
    Column,
    st.text(alphabet="abc de", max_size=10).map("h".__add__),
    st.sampled_from(["left", "right"]),
    whole=st.booleans(),
    drop=st.none() | st.integers(0, 3),
    width=st.none() | st.integers(1, 20),
)


def printed(made, width):
    """Return the characters that a terminal of a width would show, each with its style where one is seen."""
    terminal = Console(
        width=width,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        emoji=False,
    )
    return [
        (character, "" if character.isspace() else str(segment.style or "none"))
        for segment in terminal.render(made)
        for character in segment.text
    ]


@st.composite
def listings(draw):
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=4))
    made = Listing(columns, draw(st.booleans()))
    for _ in range(draw(st.integers(1, 5))):
        made.add_row(*draw(st.lists(CELLS, min_size=len(columns), max_size=len(columns))))
    return made


@settings(max_examples=200, deadline=None)
@given(made=listings(), width=st.integers(4, 90))
def test_own_lines_are_those_of_rich(made, width):
    ours = printed(made, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "_fits", lambda cell, width: False)
        assert ours == printed(made, width)
