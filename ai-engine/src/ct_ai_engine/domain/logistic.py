"""Logistic regression with an L2 penalty, by Newton's method. Deterministic, numpy only."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ct_ai_engine.domain.features import CLIP
from ct_ai_engine.market import Floats

_STEPS = 50
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Logistic:
    """Coefficients on standardised features; standardisation comes from the training rows."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    @classmethod
    def fit(cls, x: Floats, y: Floats, *, penalty: float = 10.0) -> Self:
        """Fit to rows x [n, k] and labels y [n] of 0 and 1."""
        mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
        z = np.column_stack([np.clip((x - mean) / scale, -CLIP, CLIP), np.ones(len(x))])
        ridge = np.full(z.shape[1], penalty)
        ridge[-1] = 0.0  # the intercept carries the base rate and is not shrunk
        weights = np.zeros(z.shape[1])
        for _ in range(_STEPS):
            p = _sigmoid(z @ weights)
            gradient = z.T @ (p - y) + ridge * weights
            hessian = (z * (p * (1.0 - p))[:, None]).T @ z + np.diag(ridge + 1e-9)
            step = np.linalg.solve(hessian, gradient)
            weights -= step
            if np.max(np.abs(step)) < _TOLERANCE:
                break
        return cls(mean, scale, weights[:-1], float(weights[-1]))

    def predict(self, x: Floats) -> Floats:
        """Return the probability of label 1 for rows [n, k]."""
        z = np.clip((x - self.mean) / self.scale, -CLIP, CLIP)
        return _sigmoid(z @ self.weights + self.intercept)

    def to_json(self) -> dict[str, Any]:
        """Return the coefficients for a model document."""
        return {
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Rebuild a model from `to_json`; raises ValueError unless every number is finite."""
        mean, scale, weights = (
            np.array(document[name], dtype=np.float64) for name in ("mean", "scale", "weights")
        )
        intercept = float(document["intercept"])
        if not all(np.isfinite(part).all() for part in (mean, scale, weights, intercept)):
            raise ValueError("a model's coefficients must be finite")
        return cls(mean, scale, weights, intercept)


def _sigmoid(value: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(value, -35.0, 35.0)))
    return result
