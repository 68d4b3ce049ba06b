"""The ledger of dated claims: sentences as data, evaluated over a run and resolved against observations.

``load_ledger`` reads the claims, ``Evaluator`` answers their questions batch by batch, and
:mod:`twocurves.claims.resolve` holds them against what was observed.
"""

from twocurves.claims.compiling import (
    FALSE,
    TRUE,
    UNDETERMINED,
    BeyondHorizonError,
    CompiledQuestion,
    compile_question,
)
from twocurves.claims.evaluate import Evaluator, Skipped
from twocurves.claims.functions import FUNCTIONS
from twocurves.claims.ledger import Ledger, Question, load_ledger
from twocurves.claims.probability import Probability, Tally, tallied
from twocurves.claims.schema import Claim
from twocurves.claims.table import MeasureShape, MeasureTable

__all__ = [
    "FALSE",
    "FUNCTIONS",
    "TRUE",
    "UNDETERMINED",
    "BeyondHorizonError",
    "Claim",
    "CompiledQuestion",
    "Evaluator",
    "Ledger",
    "MeasureShape",
    "MeasureTable",
    "Probability",
    "Question",
    "Skipped",
    "Tally",
    "compile_question",
    "load_ledger",
    "tallied",
]
