"""`privacy:` what the model may tell of one record, one user or one source of its training rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, Field, model_validator

from accord.part import Spec, SpecOf
from accord.recipe.section import Section
from accord.recipe.source_column import SOURCE


def _rising(ends: tuple[float, float]) -> tuple[float, float]:
    if not ends[0] < ends[1]:
        raise ValueError("the first number has to be less than the second")
    return ends


End = Annotated[float, Field(allow_inf_nan=False)]
Ends = Annotated[tuple[End, End], AfterValidator(_rising)]


class Privacy(Section):
    """Differentially private training: `privacy: {epsilon: 8}` is enough."""

    epsilon: float | None = Field(default=None, gt=0)
    """Privacy loss of the whole run; the noise is the least that keeps to it."""
    delta: float | None = Field(default=None, gt=0, lt=1)
    """Of the loss; by default 1/(10 N) for N records (users, sources), or that of an agreement if
    it is smaller."""
    noise_multiplier: float | None = Field(default=None, gt=0)
    """Instead of `epsilon`: standard deviation of the noise over the clipping norm."""
    unit: Literal["record", "user", "source"] = "record"
    """Whose whole contribution is hidden."""
    column: str | None = None
    """Of the data, that names the user of a row: `unit: user` needs it."""
    rows_of_unit: int = Field(default=1, ge=1)
    """Rows of a user, source or long document, or changed copies of a record, that are learned from
    in one step, drawn anew."""
    units: int | None = Field(default=None, ge=1)
    """How many records (users, sources) there are, as the public may know; by default their number
    in the training split, which is then taken as public."""
    ranges: dict[str, Ends] = Field(default_factory=dict[str, Ends])
    """Tables: where most values of a numeric column, or of a target, lie, as the public may know:
    `{age: [18, 90]}`. Numbers are scaled by it, never by the rows; they may lie beyond it."""
    categories: dict[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    """Tables: the values of a categorical column, as the public may know: `{plan: [basic, pro]}`.
    Others count as unknown."""
    mechanism: Annotated[Spec, SpecOf("mechanism")] = Field(
        default="poisson",  # type: ignore[assignment]
        validate_default=True,
    )
    """`poisson` draws every step by chance (DP-SGD); `{kind: banded, bands: 8}` takes each unit
    once an epoch, and noise back over the steps (DP-FTRL)."""
    clipping: Annotated[Spec, SpecOf("clipping")] = Field(
        default="adaptive",  # type: ignore[assignment]
        validate_default=True,
    )
    """How the gradient of one unit is cut: `adaptive` finds the norm, `automatic` needs none (the
    default of a banded mechanism), `flat` and `per-layer` are told it: `{kind: flat, norm: 0.1}`.
    """
    secure_noise: bool = False
    """Noise from a cryptographic generator, on a lattice: slower, and safe from attacks on
    floating-point numbers."""
    accountant: Literal["pld", "rdp"] = "pld"
    """`pld` is tight; `rdp` is looser, for comparison with others' figures."""
    public: tuple[Literal["validation", "test"], ...] = ()
    """Splits that hold nobody's private rows, each a source of its own. Early stopping and
    `keep: best` look at validation: they need it to be public."""

    @model_validator(mode="before")
    @classmethod
    def _clipping_of_mechanism(cls, given: Any) -> Any:
        """Adaptive clipping and a banded mechanism exclude each other."""
        if not isinstance(given, Mapping) or "clipping" in given:
            return given
        fields = cast("Mapping[str, Any]", given)
        mechanism = fields.get("mechanism")
        kind = mechanism.get("kind") if isinstance(mechanism, Mapping) else mechanism
        banded = getattr(kind, "kind", kind) == "banded"
        return {**fields, "clipping": "automatic"} if banded else fields

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Columns that say whose a row is."""
        if self.unit == "source":
            return (SOURCE,)
        return (self.column,) if self.column is not None else ()
