"""The shape of a workload: what a buyer must say, what may be left out, and what that then means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from twocurves.beliefs.schema import Strict

Amount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]
MonthText = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]

#: How the work may be bought. The first is what is in use; the rest are what a move can lead to.
OptionName = Literal[
    "closed_seats",
    "closed_api",
    "closed_cloud",
    "closed_cheapest",
    "hosted_open",
    "dedicated_open",
    "own_open",
    "tuned_hosted",
    "tuned_dedicated",
    "tuned_own",
    "routed_mix",
    "keep_both",
]
Through = Literal["seats", "api", "cloud", "hosted", "dedicated", "own"]
Residency = Literal["any", "eu", "us", "own_cloud", "on_premises"]


class Usage(Strict):
    """Tokens of the month in which the decision starts, and how they change.

    Attributes
    ----------
    input_tokens_per_month, output_tokens_per_month
        All tokens read and written; the cached ones are part of the input.
    cached_share
        Of the input, what is read from a cache.
    growth_per_year
        0.5 is half as much again every year.
    peak_over_mean
        Tokens per second in the busiest hour over the month's mean.
    tasks_per_month
        Requests, replies, documents: what a value and an error are counted by.
    export
        A usage export (CSV or JSONL) that gives the tokens instead, beside the workload's file.
    """

    input_tokens_per_month: Amount | None = None
    output_tokens_per_month: Amount | None = None
    cached_share: Share | None = None
    growth_per_year: Annotated[float, Field(gt=-1.0, le=100.0)] | None = None
    peak_over_mean: Annotated[float, Field(ge=1.0, le=1000.0)] | None = None
    tasks_per_month: Amount | None = None
    export: Name | None = None

    @model_validator(mode="after")
    def _tokens_from_one_place(self) -> Usage:
        written = self.input_tokens_per_month is not None and self.output_tokens_per_month is not None
        if self.export is None and not written:
            raise ValueError("usage needs input_tokens_per_month and output_tokens_per_month, or an export")
        if self.export is None and self.input_tokens_per_month == self.output_tokens_per_month == 0:
            raise ValueError("usage has no tokens: input and output are both 0")
        if self.export is not None and (self.input_tokens_per_month or self.output_tokens_per_month):
            raise ValueError("usage takes its tokens from the export or from the two numbers, not from both")
        return self


class Now(Strict):
    """What is in use: the model, how it is bought, and seats where it is bought by seats.

    Attributes
    ----------
    model
        A model of the price catalogues.
    through
        How it is bought.
    provider
        The seller, when it is not the model's maker (or, for open models, the cheapest host).
    seats, usd_per_seat_month
        People with a plan, and its fee.
    seats_cover
        Of the tokens, what the plans include; the rest is paid by the token.
    """

    model: Name
    through: Through = "api"
    provider: Name | None = None
    seats: Annotated[int, Field(ge=1)] | None = None
    usd_per_seat_month: Amount | None = None
    seats_cover: Share = 1.0

    @model_validator(mode="after")
    def _a_plan_is_whole(self) -> Now:
        if (self.seats is None) != (self.usd_per_seat_month is None):
            raise ValueError("seats and usd_per_seat_month belong together: give both or neither")
        if self.through == "seats" and self.seats is None:
            raise ValueError('through = "seats" needs seats and usd_per_seat_month')
        return self


class Tested(Strict):
    """What an open model did on the buyer's own evaluation.

    Attributes
    ----------
    model
        An open model with a published index score.
    pass_rate
        Share passed.
    """

    model: Name
    pass_rate: Annotated[float, Field(gt=0.0, lt=1.0)]


class Quality(Strict):
    """How good is good enough: exactly one of ``as_good_as``, ``eci`` and ``pass_rate``.

    Attributes
    ----------
    as_good_as
        A model with a published index score.
    eci
        A level of the Epoch Capabilities Index.
    pass_rate, pass_rate_now
        Least share passed on the buyer's own evaluation, and what the model in use passes there.
    tested
        What an open model passed there; it then replaces the model's belief about unfamiliar work.
    follow_frontier
        Share of the closed frontier's advance by which the need rises: 0 stays, 1 always wants the like.
    usd_per_task, usd_per_error
        What a task done is worth, and what a failed one costs on top of not being done.
    """

    as_good_as: Name | None = None
    eci: Annotated[float, Field(ge=50.0, le=300.0)] | None = None
    pass_rate: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    pass_rate_now: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    tested: Tested | None = None
    follow_frontier: Share = 0.0
    usd_per_task: Amount = 0.0
    usd_per_error: Amount = 0.0

    @model_validator(mode="after")
    def _one_need(self) -> Quality:
        given = [name for name in ("as_good_as", "eci", "pass_rate") if getattr(self, name) is not None]
        if len(given) != 1:
            said = " and ".join(given) if given else "none of them"
            raise ValueError(f"quality needs exactly one of as_good_as, eci and pass_rate; it has {said}")
        if self.pass_rate_now is None and (self.pass_rate is not None or self.tested is not None):
            raise ValueError("pass_rate and tested need pass_rate_now: what the model in use passes")
        return self


class Constraints(Strict):
    """What rules offers out.

    Attributes
    ----------
    residency
        Where data may go: ``any``, ``eu``, ``us``, ``own_cloud`` (a cloud platform, or machines of one's own
        or rented), ``on_premises`` (machines of one's own).
    exclude_providers, exclude_countries
        Sellers, and seats of sellers by two letters.
    options
        Only these ways of buying; all when empty.
    min_tokens_per_second
        Least speed of one answer.
    context_tokens
        Longest prompt.
    """

    residency: Residency = "any"
    exclude_providers: tuple[Name, ...] = ()
    exclude_countries: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ()
    options: tuple[OptionName, ...] = ()
    min_tokens_per_second: Amount = 0.0
    context_tokens: Annotated[int, Field(ge=0)] = 0


class Switching(Strict):
    """What a move from closed to open costs once; other moves cost a share of it (assumptions.toml).

    Attributes
    ----------
    engineering_days, usd_per_engineering_day
        Work.
    evaluation_usd
        Evaluation.
    migration_risk_usd
        What is expected to go wrong.
    """

    engineering_days: Amount = 0.0
    usd_per_engineering_day: Amount = 900.0
    evaluation_usd: Amount = 0.0
    migration_risk_usd: Amount = 0.0

    @property
    def usd(self) -> float:
        """All of it."""
        work = self.engineering_days * self.usd_per_engineering_day
        return work + self.evaluation_usd + self.migration_risk_usd


class Tuning(Strict):
    """Fine-tuning an open model on the niche.

    Attributes
    ----------
    usd
        Cost of tuning once; it is made anew at the pace of the run's belief ``customisation_life``.
    uplift_points
        Gain expected on the niche, in index points; the run's belief when left out.
    """

    usd: Amount
    uplift_points: Amount | None = None


class Operations(Strict):
    """Running machines oneself.

    Attributes
    ----------
    staff_fte, usd_per_fte_year
        People needed for machines rented or owned.
    setup_usd
        Once, on top of switching.
    usd_per_gpu_hour, usd_per_gpu
        Rent and purchase price, where the buyer has an offer; hardware.toml otherwise.
    input_tokens_per_second_per_gpu, output_tokens_per_second_per_gpu
        Throughput that the buyer has measured; hardware.toml otherwise.
    """

    staff_fte: Amount = 1.0
    usd_per_fte_year: Amount = 220_000.0
    setup_usd: Amount = 0.0
    usd_per_gpu_hour: Annotated[float, Field(gt=0.0)] | None = None
    usd_per_gpu: Annotated[float, Field(gt=0.0)] | None = None
    input_tokens_per_second_per_gpu: Annotated[float, Field(gt=0.0)] | None = None
    output_tokens_per_second_per_gpu: Annotated[float, Field(gt=0.0)] | None = None

    @model_validator(mode="after")
    def _both_throughputs(self) -> Operations:
        if (self.input_tokens_per_second_per_gpu is None) != (self.output_tokens_per_second_per_gpu is None):
            raise ValueError(
                "input_tokens_per_second_per_gpu and output_tokens_per_second_per_gpu belong together"
            )
        return self


class Contract(Strict):
    """Terms of what is in use.

    Attributes
    ----------
    committed_until, committed_usd_per_month
        A commitment that is paid whether used or not.
    price_fixed_until
        Until when the price in use cannot change.
    """

    committed_until: MonthText | None = None
    committed_usd_per_month: Amount = 0.0
    price_fixed_until: MonthText | None = None


class Horizon(Strict):
    """Over how long costs count, and how much less later ones do.

    Attributes
    ----------
    start
        First month; the month after the run's observations when left out.
    months
        How many.
    discount_rate
        A year.
    """

    start: MonthText | None = None
    months: Annotated[int, Field(ge=6, le=120)] = 36
    discount_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.10


class Risk(Strict):
    """How the buyer feels about bad draws.

    Attributes
    ----------
    attitude
        ``expected`` cost, or ``cvar``: the mean cost of the worst draws.
    worst_share
        The share of draws that ``cvar`` averages.
    regret_usd
        The regret whose probability is told; a tenth of the cost of staying when left out.
    """

    attitude: Literal["expected", "cvar"] = "expected"
    worst_share: Annotated[float, Field(gt=0.0, le=1.0)] = 0.2
    regret_usd: Amount | None = None


class Workload(Strict):
    """A workload; see the template for what each key means to its writer."""

    name: Name
    segment: Name
    currency: Name = "USD"
    usage: Usage
    now: Now
    quality: Quality
    constraints: Constraints = Constraints()
    switching: Switching = Switching()
    tuning: Tuning | None = None
    operations: Operations = Operations()
    contract: Contract = Contract()
    horizon: Horizon = Horizon()
    risk: Risk = Risk()
