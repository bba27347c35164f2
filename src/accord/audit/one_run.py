"""A lower bound on epsilon from one training run with canaries, each put in by a toss of a coin.

Steinke, Nasr and Jagielski, Privacy auditing with one (1) training run (arXiv:2305.08846). Whoever
can tell too often which canaries were in has shown that the run was less private than it claims.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

SHARES = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares of the canaries that are guessed about; the doubt is divided between them."""
STEPS = 40
MOST = 64.0
"""No larger bound is looked for."""


@dataclass(frozen=True, slots=True)
class Guessed:
    """How an attacker did who guessed about the canaries it was surest of.

    Args:
        guesses: How many it guessed about; half of them "in", half "out".
        correct: Of those.
        canaries: In all.
    """

    guesses: int
    correct: int
    canaries: int


@dataclass(frozen=True, slots=True)
class Bound:
    """What was shown.

    Args:
        epsilon: No smaller epsilon is compatible with the guesses, at this confidence.
        ceiling: What scores that tell all of these canaries apart would have shown.
        best: The guesses that showed it.
        delta: Of the claim.
        confidence: That the bound holds, over the coins and the randomness of the training.
    """

    epsilon: float
    ceiling: float
    best: Guessed
    delta: float
    confidence: float


def bound_of(
    scores: npt.NDArray[np.float64],
    included: npt.NDArray[np.bool_],
    delta: float,
    confidence: float = 0.95,
) -> Bound:
    """The lower bound on epsilon that scores of canaries show.

    Args:
        scores: Higher where the model seems to have seen the canary. Shape [canaries].
        included: Whether it was in the training rows, by independent fair coins. Shape [canaries].
        delta: Of the guarantee that is tested.
        confidence: Of the bound; the doubt is divided between the `SHARES` that are tried.
    """
    doubt = (1 - confidence) / len(SHARES)
    found: list[tuple[float, Guessed]] = []
    for share in SHARES:
        guess = guessed(scores, included, share)
        found.append((epsilon_of(guess, delta, doubt), guess))
    epsilon, best = max(found, key=lambda one: one[0])
    perfect = included.astype(np.float64)
    most = max(epsilon_of(guessed(perfect, included, share), delta, doubt) for share in SHARES)
    return Bound(epsilon, most, best, delta, confidence)


def guessed(
    scores: npt.NDArray[np.float64], included: npt.NDArray[np.bool_], share: float
) -> Guessed:
    """Guess "in" of the highest scores and "out" of the lowest, a share of all together."""
    half = min(max(1, round(len(scores) * share / 2)), len(scores) // 2)
    order = np.argsort(scores, kind="stable")
    correct = int(included[order[-half:]].sum()) + int((~included[order[:half]]).sum())
    return Guessed(2 * half, correct, len(scores))


@lru_cache(maxsize=1024)
def epsilon_of(guess: Guessed, delta: float, doubt: float) -> float:
    """The largest epsilon that the guesses refute, with an error of at most `doubt`."""
    if guess.guesses == 0 or p_value(guess, 0.0, delta) > doubt:
        return 0.0
    low, high = 0.0, 1.0
    while p_value(guess, high, delta) <= doubt:
        low, high = high, high * 2
        if high > MOST:
            return MOST
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if p_value(guess, middle, delta) <= doubt else (low, middle)
    return low


def p_value(guess: Guessed, epsilon: float, delta: float) -> float:
    """The probability of guessing so well, or better, about an (epsilon, delta)-private run.

    Theorem 5.2: under pure privacy every guess is right with at most the chance of randomised
    response; delta adds to it as much as it can.
    """
    from scipy.stats import binom

    chance = 1 / (1 + math.exp(-epsilon))
    right = guess.correct
    if right == 0:
        return 1.0
    beta = float(binom.sf(right - 1, guess.guesses, chance))
    if delta == 0:
        return beta
    # Of the distribution below what was reached: Pr[right > X >= right - i] / i at its largest.
    below = np.cumsum(binom.pmf(right - np.arange(1, right + 1), guess.guesses, chance))
    alpha = float(np.max(below / np.arange(1, right + 1)))
    return min(1.0, beta + alpha * delta * 2 * guess.canaries)
