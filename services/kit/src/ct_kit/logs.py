"""Structured logs: constant event names, variable parts as fields, secrets struck out.

`configure_logging` is called once per process. Everything logged through the standard library
(uvicorn, gunicorn, pymongo) leaves through the same formatter and the same redaction.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Literal

import structlog

_SECRET_NAME = re.compile(
    r"(^|[_-])(pass(word|phrase|wd)?|.*secret|.*token|authorization|cookies?|api_?key"
    r"|private_?key|signature|csrf|t?otp|recovery_codes?|credentials?|session(_id)?|x-ct-session"
    r")$",
    re.IGNORECASE,
)
_SECRET_TEXT = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+"), r"\1 ***"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "***"),
    (re.compile(r"([a-z][a-z0-9+.-]*://)[^/\s:@]*:[^/\s@]*@"), r"\1***@"),
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL
        ),
        "***",
    ),
    (
        re.compile(
            r"(?i)\b(signature|api_?key|api_?secret|secret|password|passphrase|token)=[^&\s\"']+"
        ),
        r"\1=***",
    ),
)
_HIDDEN = "***"
_DEPTH = 6


def configure_logging(service: str, format: Literal["json", "console"] = "json") -> None:  # noqa: A002
    """Send all logs of this process to standard output, named after `service`."""
    structlog.contextvars.clear_contextvars()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _naming(service),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(sort_keys=False)
        if format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "pymongo", "uvicorn.error", "websockets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").filters = [_is_no_false_alarm]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    # uvicorn 0.4x says this, as an error, of every WebSocket refused with an answer of ours, so
    # whoever is not signed in could fill the log with it.
    return "without completing handshake" not in record.msg


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger: `log.info("order_sent", order_id=...)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger


@contextmanager
def bind_request(request_id: str, **fields: Any) -> Iterator[None]:
    """Put the request id and further fields on every log line written inside the block."""
    with structlog.contextvars.bound_contextvars(request_id=request_id, **fields):
        yield


def current_request_id() -> str | None:
    """Return the id bound by `bind_request`, or None outside a request."""
    found = structlog.contextvars.get_contextvars().get("request_id")
    return found if isinstance(found, str) else None


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Strike out secrets: fields named like one, and texts that look like one."""
    for name, value in event.items():
        event[name] = _clean(name, value, _DEPTH)
    return event


def redact_text(text: str) -> str:
    """Strike out bearer tokens, JWTs, passwords in URLs, private keys and secret parameters."""
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _clean(name: str, value: Any, depth: int) -> Any:
    if _SECRET_NAME.search(name):
        return _HIDDEN
    if isinstance(value, str):
        return redact_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth == 0:
        return "..."
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean("", item, depth - 1) for item in value]
    return redact_text(str(value))


def _naming(service: str) -> structlog.typing.Processor:
    def name(
        _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return name
