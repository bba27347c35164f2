"""Chinese names by jieba's parts of speech."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.data.protect.jieba_names import names


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([("听说", "v"), ("周", "nr"), ("文静", "a"), ("要", "v")], ["周文静"]),
        ([("蒋", "nr"), ("卫东", "nr"), ("对", "p")], ["蒋卫东"]),
        ([("刘", "v"), ("志远", "nr"), ("在", "p")], ["刘志远"]),
        ([("欧阳", "ns"), ("小雪", "nr")], ["欧阳小雪"]),
        ([("诸葛", "nr"), ("明", "a"), ("吗", "y")], ["诸葛明"]),
        ([("王", "nr"), ("经理", "n"), ("说", "v")], ["王"]),
        ([("周", "nr"), ("也", "d"), ("来", "v")], ["周"]),
        ([("韩梅梅", "nr"), ("李雷", "nr")], ["韩梅梅", "李雷"]),
        ([("买买提", "n"), ("·", "x"), ("艾山", "nr"), ("在", "p")], ["买买提·艾山"]),
        ([("第一", "m"), ("·", "x"), ("第二", "m")], []),
        ([("谢谢", "nr"), ("罗晓敏", "nr")], ["罗晓敏"]),
        ([("李", "nr")], ["李"]),
        ([("Ann", "nr"), ("和", "c")], []),
    ],
)
def test_surnames_go_with_their_names(words: list[tuple[str, str]], found: list[str]) -> None:
    text = "".join(word for word, _ in words)
    assert [text[start:end] for start, end in names(words)] == found


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["王", "李雷", "·", "经理", "文静", "欧阳", "a", "明"]),
            st.sampled_from(["nr", "n", "a", "x", "v"]),
        )
    )
)
def test_names_are_in_order_and_apart(words: list[tuple[str, str]]) -> None:
    size, last = sum(len(word) for word, _ in words), 0
    for start, end in names(words):
        assert last <= start < end <= size
        last = end
