"""Backtests, optimisations, trainings, models, recommendations, analysis."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from ct_kit.contracts.bots import StrategyId, StrategyParameters
from ct_kit.contracts.common import (
    EpochMs,
    IntervalName,
    MarketKind,
    PositiveDecimal,
    SymbolName,
    TypedRequest,
    VenueName,
    View,
)

EvidenceLabel = Literal["in_sample", "selected", "out_of_sample", "forward"]
JobKind = Literal["backtest", "optimization", "training"]
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Fraction = Annotated[float, Field(ge=0, le=0.2)]


class CandleRange(TypedRequest):
    """Which candles; without start and end the newest `candles` closed ones."""

    symbol: SymbolName
    interval: IntervalName
    start: EpochMs | None = None
    end: EpochMs | None = None
    candles: int = Field(default=10_000, ge=200, le=525_600)


class BacktestRequest(CandleRange):
    """One strategy over one range. Costs left out are the venue's."""

    strategy: StrategyId
    parameters: StrategyParameters = Field(default_factory=dict)
    budget: PositiveDecimal
    taker_fee: Fraction | None = None
    maker_fee: Fraction | None = None
    half_spread_bps: float = Field(default=1.0, ge=0, le=500)
    slippage_bps: float = Field(default=0.0, ge=0, le=500)


class OptimizationRequest(BacktestRequest):
    """Search over up to two parameters; each lists its values."""

    search: Annotated[
        dict[str, Annotated[list[float], Field(min_length=1, max_length=50)]],
        Field(min_length=1, max_length=2),
    ]
    objective: Literal["net_return", "sharpe"] = "net_return"


class TrainingRequest(CandleRange):
    """Walk-forward training of a model that predicts the sign of the next return."""

    model: Literal["logistic"] = "logistic"
    horizon: int = Field(default=12, ge=1, le=1_000, description="Candles ahead.")
    folds: int = Field(default=5, ge=3, le=12)
    seed: int = Field(default=7, ge=0, le=2**31 - 1)


class JobAccepted(View):
    """A job that was queued."""

    job_id: str


class Progress(View):
    """How far a job is."""

    phase: str
    fraction: float
    eta_s: float | None


class Metric(View):
    """A number that says what it is evidence of."""

    name: str
    value: float | None = Field(description="Null where it is not defined.")
    unit: Literal["fraction", "ratio", "count", "quote", "nats", "days"]
    evidence: EvidenceLabel
    low: float | None = Field(default=None, description="Lower end of the 90 % interval.")
    high: float | None = None
    note: str | None = None


class DataInfo(View):
    """Which data a result rests on."""

    venue: VenueName
    market: MarketKind
    symbol: SymbolName
    interval: IntervalName
    first: EpochMs
    last: EpochMs
    candles: int
    gaps: int
    sha256: str


class CurvePoint(View):
    """One point of an equity curve in quote."""

    t: EpochMs
    equity: float
    hold: float = Field(description="Buy and hold with the same budget.")


class BacktestTrade(View):
    """One simulated fill."""

    t: EpochMs
    side: Literal["buy", "sell"]
    price: float
    quantity: float
    fee_quote: float
    position: float
    reason: str


class BacktestResult(View):
    """A backtest's whole result; immutable."""

    kind: Literal["backtest"] = "backtest"
    strategy: StrategyId
    parameters: dict[str, Any]
    budget: PositiveDecimal
    data: DataInfo
    metrics: list[Metric]
    curve: list[CurvePoint]
    trades: list[BacktestTrade]
    trades_total: int
    warnings: list[str]
    fill_model: str = Field(description="Path of the page that states the fill model.")
    code_version: str
    settings_sha256: str


class Trial(View):
    """One parameter set of a search."""

    parameters: dict[str, float]
    in_sample: float | None
    out_of_sample: float | None


class OptimizationResult(View):
    """A search: chosen on the first part of the data, judged on the rest."""

    kind: Literal["optimization"] = "optimization"
    strategy: StrategyId
    objective: str
    data: DataInfo
    trials: list[Trial]
    chosen: dict[str, float]
    metrics: list[Metric]
    warnings: list[str]
    code_version: str
    settings_sha256: str


class FoldReport(View):
    """One walk-forward fold: trained strictly before, judged on what follows."""

    train_first: EpochMs
    train_last: EpochMs
    test_first: EpochMs
    test_last: EpochMs
    log_loss: float
    base_log_loss: float
    auc: float | None
    net_return: float


class CalibrationBin(View):
    """Predicted against observed."""

    predicted: float
    observed: float
    count: int


class Evidence(View):
    """What a model showed out of sample, and whether that is an edge."""

    edge: bool
    reason: str
    metrics: list[Metric]
    folds: list[FoldReport]
    calibration: list[CalibrationBin]
    trials: int = Field(description="How many trainings this user ran on this symbol so far.")


class TrainingResult(View):
    """A trained model and its walk-forward evidence."""

    kind: Literal["training"] = "training"
    model_id: str
    data: DataInfo
    evidence: Evidence
    code_version: str
    settings_sha256: str


class Job(View):
    """A job as its page shows it."""

    id: str
    kind: JobKind
    state: JobState
    request: dict[str, Any]
    progress: Progress
    eta_s: float | None = None
    error: str | None = None
    result: BacktestResult | OptimizationResult | TrainingResult | None = Field(
        default=None, description="Whole on GET /jobs/{id}; null in lists and on the stream."
    )
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class JobList(View):
    """The user's jobs, newest first."""

    items: list[Job]


class Model(View):
    """A model's card."""

    id: str
    kind: str
    symbol: SymbolName
    interval: IntervalName
    horizon: int
    created_at: AwareDatetime
    data: DataInfo
    features: list[str]
    evidence: Evidence
    sha256: str


class ModelList(View):
    """The user's models, newest first."""

    items: list[Model]


class Recommendation(View):
    """What the engine advises, or why it advises nothing."""

    id: str
    symbol: SymbolName
    interval: IntervalName
    action: Literal["buy", "sell", "none"]
    reason: str
    size: float | None = Field(description="Fraction of the budget.")
    horizon: int | None = Field(description="Candles.")
    probability: float | None
    expected_return: float | None = Field(description="After costs, fraction over the horizon.")
    stop: float | None
    target: float | None
    model_id: str
    evidence: Evidence
    venue: VenueName
    market: MarketKind
    data_as_of: AwareDatetime
    stale: bool
    created_at: AwareDatetime
    expires_at: AwareDatetime


class RecommendationList(View):
    """Newest first; at most one per model."""

    items: list[Recommendation]


class Observation(View):
    """One measured property of the market."""

    name: str
    label: str
    value: float | None
    unit: Literal["fraction", "ratio", "bps", "quote", "text"]
    text: str | None = None
    explanation: str


class Analysis(View):
    """The market as measured now, each value over `candles` of `interval`."""

    symbol: SymbolName
    venue: VenueName
    market: MarketKind
    interval: IntervalName
    candles: int
    observations: list[Observation]
    as_of: AwareDatetime
    stale: bool
