"""Match: from method and path to the operation and its path parameters."""

import re

from starlette.exceptions import HTTPException

from ct_gateway.operations import Operation
from ct_gateway.paths import PATH_PARAMETERS
from ct_kit.errors import FieldError, InvalidRequest, NotFound

_Template = tuple[str, ...]


class Table:
    """Operations by path; a literal segment wins over a parameter."""

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self._literal: dict[str, dict[str, Operation]] = {}
        self._templates: dict[int, list[tuple[_Template, dict[str, Operation]]]] = {}
        for operation in operations:
            self._add(operation)

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Find the operation of a path below the public prefix.

        Raises `NotFound` (no such path), `HTTPException` 405, or `InvalidRequest` for a path
        parameter of the wrong shape.
        """
        methods, parameters = self._find(path)
        operation = methods.get(method)
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(methods))})
        _check(parameters)
        return operation, parameters

    def _find(self, path: str) -> tuple[dict[str, Operation], dict[str, str]]:
        literal = self._literal.get(path)
        if literal is not None:
            return literal, {}
        segments = path.split("/")
        for template, methods in self._templates.get(len(segments), ()):
            parameters = _bind(template, segments)
            if parameters is not None:
                return methods, parameters
        raise NotFound("route_not_found", "There is nothing at this address.")

    def _add(self, operation: Operation) -> None:
        if "{" not in operation.path:
            self._literal.setdefault(operation.path, {})[operation.method] = operation
            return
        template = tuple(operation.path.split("/"))
        rows = self._templates.setdefault(len(template), [])
        for known, methods in rows:
            if known == template:
                methods[operation.method] = operation
                return
        rows.append((template, {operation.method: operation}))


def _bind(template: _Template, segments: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for expected, found in zip(template, segments, strict=True):
        if expected.startswith("{"):
            parameters[expected[1:-1]] = found
        elif expected != found:
            return None
    return parameters


_REMEDY = {
    "id": "Use an id as a list or an answer gave it: letters, digits, - and _.",
    "symbol": "Write base and quote joined by a hyphen in capitals, such as BTC-USDT.",
}


def _check(parameters: dict[str, str]) -> None:
    for name, value in parameters.items():
        pattern: re.Pattern[str] = PATH_PARAMETERS[name]
        if pattern.fullmatch(value) is None:
            raise InvalidRequest(
                "invalid_request",
                "One field is not acceptable; see errors.",
                fields=[FieldError(f"path.{name}", "has the wrong shape", _REMEDY[name])],
            )
