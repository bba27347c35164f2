"""Contracts of objectives, optimizers and adapters."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from accord.errors import MissingExtra, ModelError
from accord.testing.contract import PartContract
from accord.testing.data import tiny_schema, tiny_table
from accord.testing.models import tiny_model

if TYPE_CHECKING:
    from torch import nn


def tiny_network(problem: str) -> nn.Module:
    """An untrained model for `tiny_batch(problem)`, without dropout."""
    from accord.model.load import load_model
    from accord.recipe.model import Model
    from accord.testing.models import tiny_config

    schema = tiny_schema(problem)
    kind = "llama" if problem == "next-token" else "bert"
    config = None if problem == "regression" else tiny_config(kind)
    spec = Model(config=config, dropout=0.0)
    return load_model(spec, schema, task=schema["task"], seed=0, base=Path())


class ObjectiveContract(PartContract):
    """Losses and units are sums: any division of the rows into batches gives the same."""

    slot = "objective"
    problem: ClassVar[str | None] = None
    """Kind of problem; that of the part's name by default."""

    def made(self, smoothing: float = 0.0) -> tuple[Any, nn.Module, list[dict[str, Any]]]:
        """The objective, a model, and batches: of all rows, then of each row alone."""
        from accord.batch import collate

        problem = self.problem or self.part.kind
        schema, table = tiny_schema(problem), tiny_table(problem)
        objective = self.part(self.spec(), label_smoothing=smoothing, schema=schema)
        alone = [table.slice(i, 1) for i in range(table.num_rows)]
        batches = [collate(rows, schema) for rows in (table, *alone)]
        return objective, tiny_network(problem), batches

    def test_loss_is_a_scalar_that_teaches(self) -> None:
        import torch

        objective, model, (batch, *_) = self.made()
        loss = objective.loss(model, batch)
        assert loss.shape == () and loss.dtype == torch.float32 and torch.isfinite(loss)
        loss.backward()
        assert any(p.grad is not None and p.grad.any() for p in model.parameters())

    @pytest.mark.parametrize("smoothing", [0.0, 0.1])
    def test_losses_add_up(self, smoothing: float) -> None:
        objective, model, (whole, *alone) = self.made(smoothing)
        total = sum(float(objective.loss(model, batch)) for batch in alone)
        assert float(objective.loss(model, whole)) == pytest.approx(total, rel=1e-5)

    def test_units_add_up(self) -> None:
        objective, _, (whole, *alone) = self.made()
        assert objective.units(whole) == sum(objective.units(batch) for batch in alone) > 0

    def test_scores_have_one_entry_a_row(self) -> None:
        import torch

        objective, model, (whole, *alone) = self.made()
        with torch.no_grad():
            found = objective.scores(model, whole)
            single = [objective.scores(model, batch) for batch in alone]
        assert found
        for name, values in found.items():
            assert len(values) == len(alone), name
            if values.ndim == 1 and values.is_floating_point():
                one = torch.cat([scores[name] for scores in single])
                assert torch.allclose(values, one, rtol=1e-4, atol=1e-5), name


class OptimizerContract(PartContract):
    """An optimizer lowers a loss, keeps to its groups, and goes on exactly from its state."""

    slot = "optimizer"

    def made(self, model: nn.Module, **group: Any) -> Any:
        """The optimizer over one group."""
        groups = [{"params": list(model.parameters()), "lr": 0.05, "weight_decay": 0.0, **group}]
        try:
            return self.part(self.spec(), groups)
        except (MissingExtra, ModelError) as error:
            pytest.skip(error.problem)

    def _step(self, model: nn.Module, optimizer: Any) -> float:
        import torch

        inputs = torch.linspace(-1, 1, 24).view(8, 3)
        loss = (model(inputs) - inputs.sum(1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    def _model(self) -> nn.Module:
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            return torch.nn.Linear(3, 1)

    def test_lowers_the_loss(self) -> None:
        model = self._model()
        optimizer = self.made(model)
        losses = [self._step(model, optimizer) for _ in range(60)]
        assert losses[-1] < 0.5 * losses[0]

    def test_rate_0_changes_nothing(self) -> None:
        import torch

        model = self._model()
        before = model.weight.detach().clone()  # type: ignore[operator]
        self._step(model, self.made(model, lr=0.0, weight_decay=0.1))
        assert torch.equal(model.weight, before)  # type: ignore[arg-type]

    def test_goes_on_exactly_from_its_state(self) -> None:
        model = self._model()
        optimizer = self.made(model)
        for _ in range(3):
            self._step(model, optimizer)
        again = copy.deepcopy(model)
        other = self.made(again)
        other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        pairs = [(self._step(model, optimizer), self._step(again, other)) for _ in range(3)]
        assert all(one == two for one, two in pairs)


class AdapterContract(PartContract):
    """An adapter trains what it says, and what it trains is what is saved."""

    slot = "adapter"
    kinds: ClassVar[tuple[str, ...]] = ("bert", "llama")
    """Architectures it is tried on: a classifier, and a language model."""

    def _adapted(self, kind: str, folder: Path) -> tuple[nn.Module, dict[str, Any], Any]:
        """A model with the adapter, the schema and the batch it is tried on."""
        from accord.batch import collate
        from accord.model.load import load_model
        from accord.model.tokenizer import load_tokenizer
        from accord.recipe.model import Model

        problem = "single-label" if kind == "bert" else "next-token"
        base = tiny_model(kind, folder / "base")
        schema = tiny_schema(problem) | {"vocab_size": load_tokenizer(base).vocabulary}
        spec = Model(base=str(base), dropout=0.0).model_copy(update={"adapt": self.spec()})
        model = load_model(spec, schema, task=schema["task"], seed=0, base=folder)
        return model, schema, collate(tiny_table(problem), schema)

    def _trained(self, model: nn.Module, schema: dict[str, Any], batch: Any) -> nn.Module:
        import torch

        from accord.part import find

        found = find("objective", schema["problem"])
        objective = found(found.spec(kind=found.kind), label_smoothing=0.0, schema=schema)
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.SGD(trained, lr=0.05)
        for _ in range(3):
            optimizer.zero_grad()
            (objective.loss(model, batch) / objective.units(batch)).backward()
            optimizer.step()
        return model.eval()

    def test_trains_what_it_says_and_nothing_else(self, tmp_path: Path) -> None:
        import torch

        for kind in self.kinds:
            model, schema, batch = self._adapted(kind, tmp_path / kind)
            before = {name: p.detach().clone() for name, p in model.named_parameters()}
            named = {name: p.requires_grad for name, p in model.named_parameters()}
            assert any(named.values())
            self._trained(model, schema, batch)
            moved = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
            frozen = {name for name, trained in named.items() if not trained}
            assert not moved & frozen, f"{kind}: frozen weights moved"
            used = {
                name
                for name, p in model.named_parameters()
                if p.grad is not None and float(p.grad.abs().max()) > 1e-4
            }
            assert used <= moved, f"{kind}: weights with a gradient stayed"
            assert len(moved) > 0.8 * (len(named) - len(frozen)), f"{kind}: trained weights stayed"

    def test_the_head_of_a_classifier_is_trained(self, tmp_path: Path) -> None:
        model, _, _ = self._adapted("bert", tmp_path)
        trained = {name for name, p in model.named_parameters() if p.requires_grad}
        assert any("classifier" in name for name in trained)

    def test_what_is_saved_is_what_was_trained(self, tmp_path: Path) -> None:
        import torch

        from accord.model.inputs import model_inputs
        from accord.model.load import load_trained
        from accord.model.save import save_model

        for kind in self.kinds:
            model, schema, batch = self._adapted(kind, tmp_path / kind)
            self._trained(model, schema, batch)
            with torch.no_grad():
                expected: Any = model(**model_inputs(model, batch))
            folder = tmp_path / kind / "saved"
            folder.mkdir()
            save_model(
                model,
                folder,
                schema=schema,
                tokenizer_folder=tmp_path / kind / "base",
                facts={"task": schema["task"], "adapter": self.spec().model_dump(mode="json")},
            )
            loaded = load_trained(folder)
            with torch.no_grad():
                found: Any = loaded(**model_inputs(loaded, batch))
            assert torch.allclose(found.logits, expected.logits, atol=1e-5), kind
