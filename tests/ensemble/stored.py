"""What the tests of stored runs compare: content, whatever the files."""

import numpy as np
import pyarrow as pa

from twocurves.ensemble.results import open_run


def content(place):
    """Return the two tables of a run, in order of the draws."""
    run = open_run(place)
    return tuple(
        pa.concat_tables(pieces).combine_chunks() if pieces else None
        for pieces in (list(run.iterate_draws()), list(run.iterate_paths()))
    )


def same(one, other):
    """Whether two runs hold the same, bit for bit."""
    tables = zip(content(one), content(other), strict=True)
    return all(equal(mine, theirs) for mine, theirs in tables) and (
        open_run(one).digest == open_run(other).digest
    )


def equal(mine, theirs):
    """Whether two tables hold the same, bit for bit; what is absent equals what is absent."""
    if mine.schema != theirs.schema or len(mine) != len(theirs):
        return False
    for name in mine.column_names:
        a, b = (table[name].to_numpy(zero_copy_only=False) for table in (mine, theirs))
        equal_nan = np.issubdtype(a.dtype, np.floating)
        if not np.array_equal(a, b, equal_nan=equal_nan) and a.tolist() != b.tolist():
            return False
    return True
