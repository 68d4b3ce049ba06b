"""A stored run of a made-up economy whose drivers are known."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtri

from tests.ensemble.fake_simulator import plan
from twocurves.ensemble.executor import execute
from twocurves.ensemble.results import open_run
from twocurves.ensemble.simulator import Batch, Description, MeasureInfo
from twocurves.randomness import uniforms

#: What matters, then what does not. All are names of the belief files, so that natures are known.
MATTERS = ("closed_open_price_sensitivity", "lag_pub", "adoption_mandates")
IDLE = tuple(f"idle_{number:02d}" for number in range(37))
NAMES = (*MATTERS, *IDLE)

DESCRIPTION = Description(
    measures=(
        MeasureInfo("net_revenue_open", "usd_billion_per_year", "Net revenue, open"),
        MeasureInfo("revenue_by_lab", "usd_billion_per_year", "Revenue of each lab", ("lab",)),
        MeasureInfo("constant", "1", "The same in every future"),
    ),
    axes={"lab": ("openai", "google")},
    beliefs=NAMES,
    claims=("C10.net_revenue", "C01.spend_2028", "C02.decays_2029", "C03.widens_2028"),
)


@dataclass
class Made:
    """Scores of the inputs; an outcome linear in the first two; a claim that is a probit of them."""

    months: int = 24
    failing: int = 0

    def simulate(self, first, count):
        u = {name: uniforms(7, f"made/{name}", first, count)[:, 0] for name in NAMES}
        z = {name: ndtri(one) for name, one in u.items()}
        surprise = ndtri(uniforms(7, "made/surprise", first, count)[:, 0])
        latent = 1.5 * z[MATTERS[0]] - 1.0 * z[MATTERS[1]] + 0.6 * z[MATTERS[2]] + 0.5 * surprise - 1.0
        index = np.arange(first, first + count)
        path = np.exp(latent)[:, None] * np.linspace(0.5, 1.0, self.months)
        ok = np.ones(count, dtype=bool) if not self.failing else index % self.failing != 0
        return Batch(
            index=index,
            measures={
                "net_revenue_open": path.astype("float32"),
                "revenue_by_lab": np.stack([path, 2 * path], axis=-1).astype("float32"),
                "constant": np.ones_like(path, dtype="float32"),
            },
            ok=ok,
            cause=np.where(ok, "", "pricing"),
            month=np.where(ok, -1, 5),
            figure=np.where(ok, np.nan, 0.1),
            beliefs={name: 10.0 * one for name, one in u.items()},
            replicate=index % 8,
            claims={
                "C10.net_revenue": (latent > 0).astype(np.int8),
                "C01.spend_2028": np.ones(count, dtype=np.int8),
                "C02.decays_2029": (index % 400 == 7).astype(np.int8),
                "C03.widens_2028": np.where(index % 5 == 0, -1, z[MATTERS[1]] > 0).astype(np.int8),
            },
        )


def made_run(place, draws=1024, failing=0, seed=7):
    made = plan(
        draws=draws,
        seed=seed,
        months_kept="all",
        measures=("net_revenue_open", "revenue_by_lab", "constant"),
    )
    execute(made, DESCRIPTION, partial(Made, failing=failing), place, chunk=4)
    return open_run(place)
