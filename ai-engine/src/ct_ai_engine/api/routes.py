"""The engine's addresses, in the shapes of `ct_kit.contracts.ai`."""

import re

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, Field

from ct_ai_engine.app.advise import Advise
from ct_ai_engine.app.analyse import Analyse
from ct_ai_engine.app.submit import SubmitJob
from ct_ai_engine.app.views import job_view, model_view
from ct_ai_engine.ports import JobStore, ModelStore
from ct_kit.contracts.ai import (
    Analysis,
    BacktestRequest,
    Job,
    JobAccepted,
    JobKind,
    JobList,
    ModelList,
    OptimizationRequest,
    RecommendationList,
    TrainingRequest,
)
from ct_kit.contracts.common import IntervalName, Request, SymbolName
from ct_kit.errors import FieldError, InvalidRequest, NotFound
from ct_kit.streaming import ThreadedBroadcaster
from ct_kit.web.flask import current_user_id, ndjson_response

JOBS_LISTED = 100
MODELS_LISTED = 100
_KEY = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)


class JobPath(Request):
    """Which job."""

    id: str = Field(pattern=r"^job_[0-9a-z]{1,40}$", max_length=60)


class IdempotencyHeader(BaseModel):
    """The caller's name for the job it wants: the same again gives the same job."""

    key: str | None = Field(default=None, alias="Idempotency-Key")


class SymbolPath(Request):
    """Which market."""

    symbol: SymbolName


class JobQuery(Request):
    """Jobs of one kind."""

    kind: JobKind | None = None


class SymbolQuery(Request):
    """Only this symbol."""

    symbol: SymbolName | None = None


class AnalysisQuery(Request):
    """Candles of which interval are measured."""

    interval: IntervalName = "1h"


def routes(
    *,
    submit: SubmitJob,
    jobs: JobStore,
    models: ModelStore,
    advise: Advise,
    analyse: Analyse,
    feed: ThreadedBroadcaster,
) -> APIBlueprint:
    """Return the blueprint of /v1."""
    api = APIBlueprint("ai", __name__, url_prefix="/v1")

    @api.post("/backtests", responses={202: JobAccepted})
    def create_backtest(header: IdempotencyHeader, body: BacktestRequest) -> Response:
        return _accepted(submit.backtest(current_user_id(), body, _checked(header.key)))

    @api.post("/optimizations", responses={202: JobAccepted})
    def create_optimization(header: IdempotencyHeader, body: OptimizationRequest) -> Response:
        return _accepted(submit.optimization(current_user_id(), body, _checked(header.key)))

    @api.post("/trainings", responses={202: JobAccepted})
    def create_training(header: IdempotencyHeader, body: TrainingRequest) -> Response:
        return _accepted(submit.training(current_user_id(), body, _checked(header.key)))

    @api.get("/jobs", responses={200: JobList})
    def list_jobs(query: JobQuery) -> Response:
        found = jobs.list(current_user_id(), query.kind, JOBS_LISTED)
        return _json(JobList(items=[job_view(record) for record in found]))

    @api.get("/jobs/<id>", responses={200: Job})
    def read_job(path: JobPath) -> Response:
        owner = current_user_id()
        record = jobs.get(owner, path.id)
        if record is None:
            raise _no_job()
        result = jobs.result(owner, path.id) if record.state == "succeeded" else None
        return _json(job_view(record, result))

    @api.post("/jobs/<id>/cancel", responses={200: Job})
    def cancel_job(path: JobPath) -> Response:
        record = jobs.cancel(current_user_id(), path.id)
        if record is None:
            raise _no_job()
        return _json(job_view(record))

    @api.get("/models", responses={200: ModelList})
    def list_models() -> Response:
        found = models.models(current_user_id(), None, MODELS_LISTED)
        return _json(ModelList(items=[model_view(item) for item in found]))

    @api.get("/recommendations", responses={200: RecommendationList})
    def list_recommendations(query: SymbolQuery) -> Response:
        items = advise.recommendations(current_user_id(), query.symbol)
        return _json(RecommendationList(items=items))

    @api.get("/analysis/<symbol>", responses={200: Analysis})
    def read_analysis(path: SymbolPath, query: AnalysisQuery) -> Response:
        return _json(analyse.analysis(path.symbol, query.interval))

    @api.get("/stream")
    def stream() -> Response:
        return ndjson_response(feed.subscribe())

    return api


def _checked(key: str | None) -> str | None:
    if key is not None and not _KEY.fullmatch(key):
        fault = FieldError(
            "header.Idempotency-Key",
            "must be 1 to 128 visible ASCII characters",
            "Send a random identifier, or leave the header out.",
        )
        raise InvalidRequest("invalid_request", "The Idempotency-Key is malformed.", fields=[fault])
    return key


def _no_job() -> NotFound:
    return NotFound("not_found", "There is no such job.")


def _accepted(job_id: str) -> Response:
    return _json(JobAccepted(job_id=job_id), 202)


def _json(view: BaseModel, status: int = 200) -> Response:
    return Response(view.model_dump_json(), status, mimetype="application/json")
