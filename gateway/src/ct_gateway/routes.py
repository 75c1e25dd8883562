"""THE table of public operations, all under `/api/v1`.

The router, the pipeline and the OpenAPI document all read this table and nothing else, so
a call that is not here does not exist. `Upstream.SELF` rows have a composer of the same id
in `composed/`.
"""

from ct_gateway.operations import (
    Access,
    Operation,
    RateClass,
    Upstream,
    delete,
    get,
    patch,
    post,
    put,
)
from ct_gateway.queries import (
    AnalysisQuery,
    BookQuery,
    CandleQuery,
    FillQuery,
    JobQuery,
    ModeQuery,
    OrderQuery,
    PageQuery,
    ReportQuery,
    SymbolQuery,
    TradeQuery,
)
from ct_kit.contracts import (
    accounts,
    ai,
    auth,
    bots,
    keys,
    markets,
    orders,
    portfolio,
    risk,
    status,
)
from ct_kit.contracts.common import Page

PUBLIC_PREFIX = "/api/v1"

_SELF, _AUTH, _VAULT = Upstream.SELF, Upstream.AUTH, Upstream.KEYVAULT
_BRIDGE, _BOTS, _AI = Upstream.BRIDGE, Upstream.BOTS, Upstream.AI
_SIGNED_IN, _PUBLIC = Access.SIGNED_IN, Access.PUBLIC
_CREDENTIALS, _JOB = RateClass.CREDENTIALS, RateClass.JOB
_MOMENT = 0.25  # no page draws more often, and the stream is there for what is newer

# fmt: off
_AUTH_ROWS = (
    post("/auth/register", _SELF, auth.Session, id="register", tag="auth", status=201,
         request=auth.RegisterRequest, access=_PUBLIC, rate=_CREDENTIALS,
         summary="Make an account and sign in"),
    post("/auth/login", _SELF, auth.Session, id="login", tag="auth",
         request=auth.LoginRequest, access=_PUBLIC, rate=_CREDENTIALS, summary="Sign in"),
    post("/auth/logout", _SELF, None, id="logout", tag="auth", access=_SIGNED_IN,
         summary="Sign out; the session ends everywhere"),
    get("/auth/session", _SELF, auth.Session, id="read_session", tag="auth",
        summary="Who is signed in, and the CSRF token"),
    get("/auth/sessions", _AUTH, auth.SessionList, id="list_sessions", tag="auth",
        summary="Live sessions of the account"),
    delete("/auth/sessions/{id}", _SELF, id="end_session", tag="auth", access=_SIGNED_IN,
           summary="End one session of the account"),
    post("/auth/password", _SELF, auth.Session, id="change_password", tag="auth",
         request=auth.PasswordChange, access=_SIGNED_IN, rate=_CREDENTIALS,
         summary="Change the password; every other session ends"),
    post("/auth/totp/enrol", _AUTH, auth.TotpEnrolment, id="enrol_totp", tag="auth",
         access=_SIGNED_IN, rate=_CREDENTIALS, summary="Begin a second factor"),
    post("/auth/totp/confirm", _AUTH, auth.RecoveryCodes, id="confirm_totp", tag="auth",
         request=auth.TotpConfirm, access=_SIGNED_IN, rate=_CREDENTIALS,
         summary="Confirm the second factor"),
    post("/auth/totp/disable", _AUTH, None, id="disable_totp", tag="auth",
         request=auth.TotpConfirm, access=_SIGNED_IN, rate=_CREDENTIALS,
         summary="Remove the second factor"),
    get("/auth/audit", _AUTH, auth.AuditList, id="list_auth_audit", tag="auth",
        summary="Security events of the account"),
)

_KEY_ROWS = (
    get("/keys", _VAULT, keys.KeyList, id="list_keys", tag="keys", summary="Exchange keys"),
    post("/keys", _SELF, keys.Key, id="create_key", tag="keys", status=201,
         request=keys.KeyCreate, idempotent_by_key=True, timeout_s=20,
         summary="Seal an exchange key and verify it at the venue"),
    delete("/keys/{id}", _VAULT, id="delete_key", tag="keys", summary="Destroy a key"),
    post("/keys/{id}/verify", _BRIDGE, keys.Key, id="verify_key", tag="keys", timeout_s=20,
         summary="Ask the venue again what the key may do"),
    get("/keys/{id}/audit", _VAULT, keys.KeyAudit, id="list_key_audit", tag="keys",
        summary="What the vault did with the key"),
)

_ACCOUNT_ROWS = (
    get("/accounts", _BRIDGE, accounts.AccountList, id="list_accounts", tag="accounts",
        summary="Trading accounts"),
    post("/accounts/paper", _BRIDGE, accounts.Account, id="create_paper_account",
         tag="accounts", status=201, request=accounts.PaperAccountCreate,
         idempotent_by_key=True, timeout_s=20, summary="Open a paper account"),
    get("/accounts/{id}", _BRIDGE, accounts.Account, id="read_account", tag="accounts",
        summary="One account with balances"),
)

_MARKET_ROWS = (
    get("/markets", _BRIDGE, markets.MarketList, id="list_markets", tag="markets",
        shared_for_s=_MOMENT, summary="Instruments with their tickers"),
    get("/markets/{symbol}", _BRIDGE, markets.Market, id="read_market", tag="markets",
        shared_for_s=_MOMENT, summary="One instrument with its ticker"),
    get("/markets/{symbol}/candles", _BRIDGE, markets.CandleList, id="list_candles",
        tag="markets", query=CandleQuery, shared_for_s=_MOMENT, summary="Candles, ascending"),
    get("/markets/{symbol}/book", _BRIDGE, markets.Book, id="read_book", tag="markets",
        query=BookQuery, shared_for_s=_MOMENT,
        summary="Best levels of the order book"),
    get("/markets/{symbol}/trades", _BRIDGE, markets.TradeList, id="list_trades",
        tag="markets", query=TradeQuery, shared_for_s=_MOMENT,
        summary="Public trades, newest first"),
)

_ORDER_ROWS = (
    post("/orders", _BRIDGE, orders.Order, id="create_order", tag="orders", status=201,
         request=orders.OrderRequest, idempotent_by_key=True, timeout_s=20,
         summary="Send an order to the venue"),
    get("/orders", _BRIDGE, Page[orders.Order], id="list_orders", tag="orders",
        query=OrderQuery, summary="Orders, newest first"),
    post("/orders/preview", _BRIDGE, orders.OrderPreview, id="preview_order", tag="orders",
         request=orders.OrderRequest, access=_SIGNED_IN, rate=RateClass.READ,
         summary="What an order would cost now"),
    get("/orders/{id}", _BRIDGE, orders.Order, id="read_order", tag="orders",
        summary="One order with its history"),
    delete("/orders/{id}", _BRIDGE, orders.Order, id="cancel_order", tag="orders",
           timeout_s=20, summary="Ask the venue to cancel"),
    get("/fills", _BRIDGE, Page[orders.Fill], id="list_fills", tag="orders", query=FillQuery,
        summary="Executions, newest first"),
)

_PORTFOLIO_ROWS = (
    get("/portfolio", _BRIDGE, portfolio.Portfolio, id="read_portfolio", tag="portfolio",
        query=ModeQuery, summary="Equity, profit and loss, holdings"),
    get("/portfolio/history", _BRIDGE, portfolio.EquityHistory, id="read_equity_history",
        tag="portfolio", query=ModeQuery, summary="Equity over time"),
    get("/portfolio/report.csv", _BRIDGE, None, id="download_report", tag="portfolio",
        status=200, query=ReportQuery, media_type="text/csv", timeout_s=30,
        summary="Every fill of a year, for the tax office"),
)

_RISK_ROWS = (
    get("/risk/limits", _BRIDGE, risk.RiskState, id="read_risk", tag="risk",
        summary="Limits and halts in force"),
    put("/risk/limits", _BRIDGE, risk.RiskState, id="change_risk_limits", tag="risk",
        request=risk.RiskLimits, summary="Replace the user's limits"),
    post("/risk/halt", _BRIDGE, risk.RiskState, id="halt_trading", tag="risk",
         request=risk.HaltRequest, timeout_s=30, summary="Kill switch"),
    post("/risk/resume", _BRIDGE, risk.RiskState, id="resume_trading", tag="risk",
         request=risk.ResumeRequest, summary="Lift the user's own halt"),
)

_BOT_ROWS = (
    get("/strategies", _BOTS, bots.StrategyList, id="list_strategies", tag="bots",
        shared_for_s=30, summary="Strategies and their parameter schemas"),
    get("/bots", _BOTS, bots.BotList, id="list_bots", tag="bots", summary="Bots"),
    post("/bots", _BOTS, bots.Bot, id="create_bot", tag="bots", status=201,
         request=bots.BotCreate, idempotent_by_key=True, summary="Make a bot"),
    get("/bots/{id}", _BOTS, bots.Bot, id="read_bot", tag="bots", summary="One bot"),
    patch("/bots/{id}", _BOTS, bots.Bot, id="change_bot", tag="bots", request=bots.BotChange,
          summary="Change label or parameters"),
    delete("/bots/{id}", _BOTS, id="delete_bot", tag="bots", summary="Remove a stopped bot"),
    post("/bots/{id}/start", _BOTS, bots.Bot, id="start_bot", tag="bots",
         summary="Start trading"),
    post("/bots/{id}/pause", _BOTS, bots.Bot, id="pause_bot", tag="bots",
         summary="No new entries"),
    post("/bots/{id}/drain", _BOTS, bots.Bot, id="drain_bot", tag="bots",
         summary="Exit positions, then stop"),
    post("/bots/{id}/stop", _BOTS, bots.Bot, id="stop_bot", tag="bots",
         summary="Stop and leave positions"),
    post("/bots/{id}/force-exit", _BOTS, bots.Bot, id="force_exit_bot", tag="bots",
         timeout_s=20, summary="Sell the position at market now"),
    get("/bots/{id}/events", _BOTS, Page[bots.BotEvent], id="list_bot_events", tag="bots",
        query=PageQuery, summary="Event log, newest first"),
    get("/bots/{id}/decisions", _BOTS, Page[bots.Decision], id="list_bot_decisions",
        tag="bots", query=PageQuery, summary="Decisions, newest first"),
    get("/bots/{id}/orders", _BOTS, Page[orders.Order], id="list_bot_orders", tag="bots",
        query=PageQuery, summary="Orders of the bot, newest first"),
    get("/bots/{id}/equity", _BOTS, bots.BotEquity, id="read_bot_equity", tag="bots",
        summary="Value of the bot over time"),
)

_AI_ROWS = (
    post("/backtests", _AI, ai.JobAccepted, id="create_backtest", tag="ai", status=202,
         request=ai.BacktestRequest, access=_SIGNED_IN, rate=_JOB, idempotent_by_key=True,
         summary="Queue a backtest"),
    post("/optimizations", _AI, ai.JobAccepted, id="create_optimization", tag="ai", status=202,
         request=ai.OptimizationRequest, access=_SIGNED_IN, rate=_JOB, idempotent_by_key=True,
         summary="Queue a parameter search"),
    post("/trainings", _AI, ai.JobAccepted, id="create_training", tag="ai", status=202,
         request=ai.TrainingRequest, access=_SIGNED_IN, rate=_JOB, idempotent_by_key=True,
         summary="Queue a walk-forward training"),
    get("/jobs", _AI, ai.JobList, id="list_jobs", tag="ai", query=JobQuery, summary="Jobs"),
    get("/jobs/{id}", _AI, ai.Job, id="read_job", tag="ai", summary="One job with its result"),
    post("/jobs/{id}/cancel", _AI, ai.Job, id="cancel_job", tag="ai", access=_SIGNED_IN,
         summary="Stop a job"),
    get("/models", _AI, ai.ModelList, id="list_models", tag="ai", summary="Trained models"),
    get("/recommendations", _AI, ai.RecommendationList, id="list_recommendations", tag="ai",
        query=SymbolQuery, timeout_s=20, summary="What the engine advises, or why nothing"),
    get("/analysis/{symbol}", _AI, ai.Analysis, id="read_analysis", tag="ai",
        query=AnalysisQuery, timeout_s=20, summary="The market as measured now"),
)

_STATUS_ROWS = (
    get("/status", _SELF, status.Status, id="read_status", tag="status",
        summary="What is up, what is down, how old the data is"),
)
# fmt: on

OPERATIONS: tuple[Operation, ...] = (
    *_AUTH_ROWS,
    *_KEY_ROWS,
    *_ACCOUNT_ROWS,
    *_MARKET_ROWS,
    *_ORDER_ROWS,
    *_PORTFOLIO_ROWS,
    *_RISK_ROWS,
    *_BOT_ROWS,
    *_AI_ROWS,
    *_STATUS_ROWS,
)
