"""Share: one upstream call for everybody who asks for the same market data at once.

Only for operations whose answer is nobody's in particular (`shared_for_s` in the table).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from ct_gateway.pipeline.call import Answer, Call
from ct_gateway.pipeline.forward import outgoing, to_answer
from ct_gateway.ports import Services

_CAPACITY = 256
_LARGEST = 256 * 1024


class SharedAnswers:
    """Answers of the last moments, and the calls for them still under way."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._answers: OrderedDict[str, tuple[Answer, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Answer]] = {}

    async def answer(self, call: Call) -> Answer:
        """Return a fresh shared answer, joining a call under way for the same target."""
        sent = outgoing(call)
        # Unconditionally, so that the answer suits everybody; in the name of who came first.
        sent = replace(sent, headers={"accept": "application/json"})
        known = self._answers.get(sent.target)
        if known is not None and self._clock() < known[1]:
            return known[0]
        task = self._asking.get(sent.target)
        if task is None:

            async def ask() -> Answer:
                return to_answer(await self._services.send(sent, whole=True))

            task = asyncio.create_task(ask())
            self._asking[sent.target] = task
            lifetime_s = call.operation.shared_for_s
            task.add_done_callback(lambda done: self._keep(sent.target, done, lifetime_s))
        return await asyncio.shield(task)

    def _keep(self, target: str, task: asyncio.Task[Answer], lifetime_s: float) -> None:
        del self._asking[target]
        if task.cancelled() or task.exception() is not None:
            return
        answer = task.result()
        if answer.status == 200 and len(answer.body) <= _LARGEST:
            self._answers[target] = (answer, self._clock() + lifetime_s)
            self._answers.move_to_end(target)
            if len(self._answers) > _CAPACITY:
                self._answers.popitem(last=False)
