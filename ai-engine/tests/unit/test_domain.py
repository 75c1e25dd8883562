"""Scores and folds against hand-worked numbers; features against the future."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ct_ai_engine.domain import market_state, scores
from ct_ai_engine.domain.features import LOOKBACK, NAMES, features
from ct_ai_engine.domain.logistic import Logistic
from ct_ai_engine.domain.policy import MAXIMUM_SIZE, ROUND_TRIP_COST, Economics
from ct_ai_engine.domain.verdict import Judged, judge
from ct_ai_engine.domain.walk_forward import folds


def test_a_feature_never_changes_when_the_future_does(make_walk: Callable[..., Any]) -> None:
    candles = make_walk(900, seed=1)
    changed = candles.copy()
    changed[600:, 1:] *= 2.5
    assert np.array_equal(features(candles)[:600], features(changed)[:600], equal_nan=True)


def test_a_feature_does_not_depend_on_where_the_series_began(
    make_walk: Callable[..., Any],
) -> None:
    candles = make_walk(1_200, seed=2)
    whole, late = features(candles), features(candles[500:])
    assert np.array_equal(whole[500 + LOOKBACK :], late[LOOKBACK:])
    assert np.array_equal(whole[-1], features(candles[-LOOKBACK - 1 :])[-1])


def test_features_are_finite_after_the_lookback_even_in_a_flat_market() -> None:
    rows = np.column_stack([np.arange(800) * 60_000.0, *[np.full(800, 5.0)] * 4, np.zeros(800)])
    table = features(rows)
    assert table.shape == (800, len(NAMES))
    assert np.isnan(table[:LOOKBACK]).all()
    assert np.isfinite(table[LOOKBACK:]).all()


def test_logistic_finds_the_coefficients_that_made_the_labels() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=(40_000, 2))
    p = 1 / (1 + np.exp(-(0.8 * x[:, 0] - 0.3 * x[:, 1] + 0.2)))
    y = (generator.random(len(x)) < p).astype(float)
    model = Logistic.fit(x, y, penalty=1e-6)
    assert model.weights / model.scale == pytest.approx([0.8, -0.3], abs=0.05)
    again = Logistic.from_json(model.to_json())
    assert np.array_equal(again.predict(x), model.predict(x))


def test_a_stored_model_with_a_hole_is_refused() -> None:
    model = Logistic.fit(np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 1.0]))
    with pytest.raises(ValueError, match="finite"):
        Logistic.from_json(model.to_json() | {"intercept": float("nan")})


def test_scores_of_a_hand_worked_forecast() -> None:
    p, y = np.array([0.9, 0.2, 0.6]), np.array([1.0, 0.0, 0.0])
    assert scores.log_loss(p, y) == pytest.approx(
        -(math.log(0.9) + math.log(0.8) + math.log(0.4)) / 3
    )
    assert scores.brier(p, y) == pytest.approx((0.01 + 0.04 + 0.36) / 3)
    assert scores.auc(p, y) == 1.0
    assert scores.auc(np.array([0.5, 0.5, 0.5, 0.9]), np.array([1.0, 0.0, 0.0, 0.0])) == (
        pytest.approx(1 / 3)
    )  # two ties count half, one pair is lost
    assert scores.auc(p, np.ones(3)) is None


def test_calibration_bins_hold_every_forecast_once() -> None:
    p = np.linspace(0, 1, 101)
    bins = scores.calibration(p, (p > 0.5).astype(float))
    assert sum(count for _, _, count in bins) == 101
    assert [predicted for predicted, _, _ in bins] == sorted(predicted for predicted, _, _ in bins)


def test_the_bootstrap_brackets_the_mean_and_repeats_with_its_seed() -> None:
    returns = np.random.default_rng(4).normal(0.01, 0.1, 400)
    means, _ = scores.bootstrap_means_and_sharpes(returns, seed=9)
    again, _ = scores.bootstrap_means_and_sharpes(returns, seed=9)
    assert np.array_equal(means, again)
    assert means.mean() == pytest.approx(returns.mean(), abs=0.002)
    assert means.std() == pytest.approx(0.1 / 20, rel=0.25)


@pytest.mark.parametrize("horizon", [1, 12, 50])
def test_no_training_label_reaches_its_test(horizon: int) -> None:
    cuts = list(folds(5_000, 5, horizon))
    assert len(cuts) == 5
    assert cuts[-1].test_end == 5_000
    for cut in cuts:
        last_label_ends = cut.train_end - 1 + 1 + horizon
        assert last_label_ends + horizon < cut.test_start + 1
    for before, after in pairwise(cuts):
        assert before.test_end == after.test_start


def test_folds_too_short_for_the_horizon_are_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        list(folds(300, 5, 30))


def test_a_trade_is_sized_by_its_edge_and_capped() -> None:
    economics = Economics(mean_gain=0.02, mean_loss=0.02, sigma=0.025)
    assert economics.expected(np.array([0.5]))[0] == pytest.approx(-ROUND_TRIP_COST)
    assert economics.size(-0.001) == 0.0
    assert economics.size(0.0005) == pytest.approx(0.25 * 0.0005 / 0.025**2)
    assert economics.size(0.1) == MAXIMUM_SIZE


def _judged(edge: float, seed: int) -> Judged:
    """Return forecasts whose trades earn `edge` standard deviations each."""
    generator = np.random.default_rng(seed)
    p = np.clip(generator.normal(0.5, 0.08, 4_000), 0.05, 0.95)
    truth = p if edge > 0 else np.full(len(p), 0.5)
    y = (generator.random(len(p)) < truth).astype(float)
    returns = np.where(p[::8] > 0.5, generator.normal(edge * 0.01, 0.01, len(p[::8])), 0.0)
    return Judged(p, y, np.full(len(p), 0.5), returns, 0.0, 1_000.0)


def test_an_edge_is_seen_in_most_seeds_and_noise_is_not_called_one() -> None:
    found = sum(judge(_judged(0.35, seed), trials=1, seed=1).edge for seed in range(20))
    invented = sum(judge(_judged(0.0, seed), trials=1, seed=1).edge for seed in range(20))
    assert found >= 18
    assert invented <= 1


def test_whoever_tries_often_must_show_more() -> None:
    weak = _judged(0.14, seed=6)
    assert judge(weak, trials=1, seed=1).edge
    refused = judge(weak, trials=1_000, seed=1)
    assert not refused.edge
    assert "1000 trials" in refused.reason


def test_a_policy_that_never_traded_has_no_edge_and_finite_metrics() -> None:
    judged = _judged(0.3, seed=7)
    flat = Judged(judged.p, judged.y, judged.base, np.zeros(500), 0.0, 1_000.0)
    verdict = judge(flat, trials=1, seed=1)
    assert not verdict.edge
    assert all(m.value is None or math.isfinite(m.value) for m in verdict.metrics)


def test_beta_and_correlation_of_a_market_that_moves_twice_as_far(
    make_walk: Callable[..., Any],
) -> None:
    btc = make_walk(400, seed=8)
    double = btc.copy()
    double[:, 4] = np.exp(2 * np.log(btc[:, 4]))
    beta, correlation = market_state.beta_and_correlation(double[5:], btc)
    assert beta == pytest.approx(2.0)
    assert correlation == pytest.approx(1.0)
    assert market_state.beta_and_correlation(double[:10], btc) == (None, None)


def test_a_straight_rise_is_a_trend_and_a_flat_line_is_none() -> None:
    rows = np.zeros((100, 6))
    noise = np.random.default_rng(1).normal(0, 0.001, 100)
    rows[:, 4] = 100 * np.exp(0.001 * np.arange(100) + noise)
    line = market_state.trend(rows)
    assert line is not None
    assert line.slope == pytest.approx(0.001, rel=0.02)
    assert market_state.regime(0.001, 0.001, line) == "normal, trending up"
    assert market_state.regime(0.002, 0.001, None) == "turbulent, ranging"
