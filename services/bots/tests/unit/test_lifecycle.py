"""The table of states and verbs, whole."""

from typing import get_args

import pytest

from ct_bots.domain.lifecycle import BotState, Verb, next_state, verbs_of
from ct_kit.errors import Conflict

ALLOWED = {
    ("created", "start"): "running",
    ("running", "pause"): "paused",
    ("running", "drain"): "draining",
    ("running", "stop"): "exiting",
    ("running", "force-exit"): "exiting",
    ("paused", "start"): "running",
    ("paused", "drain"): "draining",
    ("paused", "stop"): "exiting",
    ("paused", "force-exit"): "exiting",
    ("draining", "start"): "running",
    ("draining", "pause"): "paused",
    ("draining", "stop"): "exiting",
    ("draining", "force-exit"): "exiting",
    ("exiting", "stop"): "exiting",
    ("exiting", "force-exit"): "exiting",
    ("stopped", "start"): "running",
    ("stopped", "force-exit"): "exiting",
    ("failed", "start"): "running",
    ("failed", "stop"): "stopped",
    ("failed", "force-exit"): "exiting",
}


@pytest.mark.parametrize("state", get_args(BotState))
@pytest.mark.parametrize("verb", get_args(Verb))
def test_every_pair_leads_where_the_table_says_or_is_refused_with_a_remedy(
    state: BotState, verb: Verb
) -> None:
    wanted = ALLOWED.get((state, verb))
    if wanted is not None:
        assert next_state(state, verb) == wanted
        assert verb in verbs_of(state)
        return
    with pytest.raises(Conflict) as caught:
        next_state(state, verb)
    assert caught.value.code == "bot_state_forbids"
    assert state in caught.value.detail
    assert caught.value.detail.count(".") == 2  # a reason and a remedy
