"""Whether what a run claims and what an attacker found agree. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from accord.audit.one_run import Bound

Answer = Literal["contradicted", "compatible", "untested", "no-claim"]


@dataclass(frozen=True, slots=True)
class Judged:
    """The claim beside the evidence.

    Args:
        answer: `contradicted`: the run cannot be as private as it claims. `compatible`: nothing
            found contradicts it, which proves nothing. `untested`: without canaries there is no
            bound. `no-claim`: the run was not trained privately.
        epsilon, delta: Claimed.
        bound: Shown, where there were canaries.
        why: For people, one sentence.
    """

    answer: Answer
    epsilon: float | None
    delta: float | None
    bound: Bound | None
    why: str

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        bound = self.bound
        shown = None
        if bound is not None:
            shown = {
                "epsilon": bound.epsilon,
                "ceiling": bound.ceiling,
                "delta": bound.delta,
                "confidence": bound.confidence,
                "canaries": bound.best.canaries,
                "guesses": bound.best.guesses,
                "correct": bound.best.correct,
            }
        claim = {"epsilon": self.epsilon, "delta": self.delta}
        return {"answer": self.answer, "why": self.why, "claim": claim, "bound": shown}


def judged(
    epsilon: float | None, delta: float | None, bound: Bound | None, unit: str | None = None
) -> Judged:
    """Compare a claim with a bound.

    Args:
        epsilon, delta: That the run claims; None: it claims nothing.
        bound: What its canaries show; None: it has none.
        unit: Whose contribution the claim is about; canaries are records.
    """
    if bound is None:
        answer: Answer = "no-claim" if epsilon is None else "untested"
        why = (
            f"the claim is about a {unit}, and canaries are records: no bound can be shown"
            if unit not in (None, "record")
            else "there were no canaries, so no bound can be shown: train it again with "
            "`evaluate.canaries: 500` to test its epsilon"
        )
        return Judged(answer, epsilon, delta, None, why)
    reach = f"these canaries could have shown {bound.ceiling:.2f} at most"
    shown = f"at {bound.confidence:.0%} confidence, epsilon is at least {bound.epsilon:.2f}"
    if epsilon is None:
        why = f"it was not trained privately; {shown}; {reach}"
        return Judged("no-claim", None, None, bound, why)
    if bound.epsilon > epsilon:
        why = f"{shown}; the run claims {epsilon:.2f}: the claim is wrong; {reach}"
        return Judged("contradicted", epsilon, delta, bound, why)
    why = f"{shown}, which does not contradict {epsilon:.2f}; {reach}"
    if bound.ceiling < epsilon:
        why += ", less than what is claimed: only a gross mistake would have been noticed"
    return Judged("compatible", epsilon, delta, bound, why)
