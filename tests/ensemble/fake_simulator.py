"""A small simulator for tests: figures from the draw's index alone, faults where they are asked for."""

import os
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.plan import Plan
from twocurves.ensemble.simulator import Batch, Description, MeasureInfo

LABS = ("openai", "anthropic", "google")
CAUSES = ("pricing", "clearing", "money", "finite")
DESCRIPTION = Description(
    measures=(
        MeasureInfo("revenue_closed", "USD billion / year", "Revenue of the closed labs"),
        MeasureInfo("revenue_by_lab", "USD billion / year", "Revenue of each lab", ("lab",)),
        MeasureInfo("share", "1", "Share by lab and channel", ("lab", "channel")),
        MeasureInfo("unused", "1", "Not kept"),
    ),
    axes={"lab": LABS, "channel": ("api", "plan")},
    beliefs=("growth", "elasticity.coding"),
    claims=("C01", "C02@2030"),
)


@dataclass
class Fake:
    """Draws by arithmetic; ``failing`` one in so many draws, each cause in turn."""

    months: int = 24
    failing: int = 0
    raising: dict[int, int] = field(default_factory=dict)  # micro-batch -> times it raises, -1 for ever
    killing: dict[int, str] = field(default_factory=dict)  # micro-batch -> file that says it was killed once
    always_killing: tuple[int, ...] = ()
    seconds: float = 0.0
    dtype: str = "float32"

    def simulate(self, first, count):
        micro_batch = first // MICRO_BATCH
        if self.raising.get(micro_batch):
            self.raising[micro_batch] -= 1
            raise ZeroDivisionError("division by zero in the fake")
        mark = self.killing.get(micro_batch)
        if (mark and not Path(mark).exists()) or micro_batch in self.always_killing:
            if mark:
                Path(mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.seconds)
        index = np.arange(first, first + count)
        growth = 1 + 0.001 * ((index * 2654435761) % 97)
        path = (growth[:, None] ** (np.arange(self.months) / 12)).astype(self.dtype)
        by_lab = path[:, :, None] * np.arange(1, 4, dtype=self.dtype)
        ok = np.ones(count, dtype=bool)
        if self.failing:
            ok = index % self.failing != self.failing - 1
        cause = np.where(ok, "", np.array(CAUSES)[(index // max(1, self.failing)) % 4])
        return Batch(
            index=index,
            measures={
                "revenue_closed": np.where(index[:, None] % 10 == 3, np.nan, path).astype(self.dtype),
                "revenue_by_lab": by_lab,
                "share": np.stack([by_lab, by_lab / 2], axis=-1),
                "unused": path,
            },
            ok=ok,
            cause=cause,
            month=np.where(ok, -1, 5),
            figure=np.where(ok, np.nan, 0.25),
            beliefs={"growth": growth, "elasticity.coding": np.sqrt(index + 1.0)},
            replicate=index // 256,
            claims={"C01": (index % 3 == 0).astype(np.int8), "C02@2030": (index % 3 - 1).astype(np.int8)},
        )


def fake(**options):
    """Return a factory that can be sent to another process."""
    return partial(Fake, **options)


def plan(**changes):
    """Return a plan for the fake simulator."""
    fields = {
        "scenario": "central",
        "seed": 7,
        "draws": 300,
        "from_month": "2023-01",
        "until": "2024-12",
        "measures": ("revenue_closed", "revenue_by_lab", "share"),
        "months_kept": "quarterly",
        "beliefs_digest": "b" * 64,
        "code_version": "0.1.0",
        "code_digest": "c" * 64,
        "data_digest": "d" * 64,
        "data_to": "2026-06-30",
        "jax_version": "0.10.0",
        "numpy_version": "2.4.6",
    }
    return Plan.model_validate(fields | changes)
