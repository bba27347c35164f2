"""Near duplicates that are left out truly reach the similarity with what stays."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.data.nearly import Nearly

WORDS = st.lists(
    st.sampled_from(("alpha", "beta", "gamma", "张伟说", "这部电影", "x")), max_size=14
)


def _pieces(text: str) -> set[str]:
    return {text[i : i + 5] for i in range(max(1, len(text) - 4))}


def _jaccard(one: str, other: str) -> float:
    a, b = _pieces(one), _pieces(other)
    return len(a & b) / len(a | b)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS.map(" ".join), max_size=25), st.sampled_from([0.3, 0.6, 0.8, 0.95]))
def test_what_is_left_out_reaches_it_with_what_stays(
    tmp_path: Path, texts: list[str], similarity: float
) -> None:
    near = Nearly(similarity, tmp_path)
    assert not list(tmp_path.iterdir())
    for start in range(0, len(texts), 7):
        near.add(texts[start : start + 7])
    first = [texts.index(text) for text in texts]
    found = dict(near.repeats(first))
    near.close()
    assert not set(found) & set(found.values())
    for row, other in found.items():
        assert first[row] == row and other < row
        assert _jaccard(texts[row], texts[other]) >= similarity


def test_chains_do_not_grow(tmp_path: Path) -> None:
    """Each like the one before, the last unlike the first: it stays."""
    words = [f"word{number:03}" for number in range(60)]
    texts = [" ".join(words[start : start + 40]) for start in range(0, 12, 2)]
    near = Nearly(0.8, tmp_path)
    near.add(texts)
    found = dict(near.repeats(range(len(texts))))
    near.close()
    assert _jaccard(texts[0], texts[1]) >= 0.8 > _jaccard(texts[0], texts[5])
    assert found[1] == 0 and 5 not in {row for row, other in found.items() if other == 0}
