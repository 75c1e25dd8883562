"""The helpers other tests rely on."""

import pytest

from ct_kit.testing import eventually, eventually_sync


async def test_waiting_returns_the_first_true_value_plain_or_async() -> None:
    answers = iter([0, 0, 7])
    assert await eventually(lambda: next(answers)) == 7

    async def condition() -> str:
        return "met"

    assert await eventually(condition) == "met"


async def test_waiting_has_an_end_that_tells_the_last_fault() -> None:
    def never() -> bool:
        raise AssertionError("three orders were missing")

    with pytest.raises(AssertionError, match="not met within") as caught:
        await eventually(never, timeout_s=0.02)
    assert "three orders were missing" in str(caught.value.__cause__)
    with pytest.raises(AssertionError, match="not met within"):
        eventually_sync(lambda: False, timeout_s=0.02)


async def test_another_kind_of_fault_is_not_waited_out() -> None:
    def broken() -> bool:
        raise KeyError("typo")

    with pytest.raises(KeyError):
        await eventually(broken)
