"""The example of docs/evaluation.md runs and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"


def test_example(capsys):
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)[0]
    exec(compile(code, str(PAGE), "exec"), {})
    assert capsys.readouterr().out.startswith("0.888")
