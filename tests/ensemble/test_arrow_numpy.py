"""Numbers come back from Arrow as they went in, and empty rows where they were."""

import itertools
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from twocurves.ensemble.arrow_numpy import from_column, texts_to_column, to_column

KINDS = {
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
}


@given(
    data=st.data(),
    name=st.sampled_from(sorted(KINDS)),
    rows=st.integers(0, 70),
    cuts=st.lists(st.integers(0, 70), max_size=3),
)
def test_numbers_come_back_whole_and_in_pieces(data, name, rows, cuts):
    values = data.draw(npst.arrays(name, rows))
    column = to_column(values, KINDS[name])
    ends = sorted({0, rows, *(cut for cut in cuts if cut < rows)})
    pieces = [column.slice(first, last - first) for first, last in itertools.pairwise(ends)]
    back = from_column(pa.chunked_array(pieces, type=KINDS[name]))
    assert back.dtype == values.dtype
    assert back.tobytes() == values.tobytes()


@given(rows=st.integers(1, 40), data=st.data())
def test_empty_rows_are_empty(rows, data):
    absent = data.draw(npst.arrays(np.bool_, rows))
    column = to_column(np.arange(rows), pa.int64(), absent)
    assert column.to_pylist() == [None if gone else at for at, gone in enumerate(absent)]
    ends = sorted({0, rows // 3, rows})
    pieces = [column.slice(first, last - first) for first, last in itertools.pairwise(ends)]
    assert (
        from_column(pa.chunked_array(pieces), -1).tolist() == np.where(absent, -1, np.arange(rows)).tolist()
    )
    if absent.any():
        with pytest.raises(ValueError, match="rows are empty"):
            from_column(pa.chunked_array([column]))


@given(texts=st.lists(st.text(max_size=8), max_size=20))
def test_texts_come_back(texts):
    column = texts_to_column(texts)
    column.validate(full=True)
    assert column.to_pylist() == texts


def test_storing_and_reading_import_no_pandas(tmp_path):
    code = """
import sys
from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from twocurves.ensemble.executor import execute
run = execute(plan(), DESCRIPTION, fake(failing=40), sys.argv[1])
run.claim_counts(), run.quantiles("share")
print("pandas" in sys.modules)
"""
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run")], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
