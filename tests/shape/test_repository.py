"""What stands in the repository: no places of one machine, and two READMEs that say the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written in pieces, so that this file does not hold what it looks for.
PLACES = re.compile(
    "|".join(
        (
            r"(?<![\w.])/" + r"(work|opt|root|tmp|home)/[\w.-]+",
            r"files\." + r"pythonhosted\.org",
            r"pypi\." + r"org/simple",
            r"registry\." + r"npmjs\.org",
            r"deb\." + r"debian\.org",
            r"index-" + r"url",
        )
    )
)
ALLOWED = {
    "Makefile": {"index-" + "url"},  # the option that keeps such places out of the lock
    "tests/shape/test_repository.py": set[str](),
}


def _tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found: list[str] = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT).as_posix()
        for match in PLACES.finditer(text):
            if match.group() not in ALLOWED.get(name, ()):
                found.append(f"{name}: {match.group()}")
    assert found == []


def test_no_large_file() -> None:
    large = [p.relative_to(ROOT).as_posix() for p in _tracked() if p.stat().st_size > 500_000]
    assert large == []


def test_the_lock_holds_every_direct_dependency() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *(d for extra in project["project"]["optional-dependencies"].values() for d in extra),
        *project["dependency-groups"]["dev"],
    ]
    names = {
        re.split(r"[\[<>=!~ ;]", line)[0].lower().replace("_", "-").replace(".", "-")
        for line in wanted
    }
    lock = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    locked = {line.split("==")[0].lower() for line in lock}
    assert names - {"accord"} <= locked


def _outline(name: str) -> list[tuple[str, int]]:
    """Headings (their level) and fenced blocks (their language and lines) in order."""
    outline: list[tuple[str, int]] = []
    fence: str | None = None
    lines = 0
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line.startswith("```"):
            if fence is None:
                fence, lines = line[3:] or "text", 0
            else:
                outline.append((fence, lines))
                fence = None
        elif fence is not None:
            lines += 1
        elif match := re.match(r"(#+) ", line):
            outline.append((match.group(1), 0))
    return outline


def test_the_two_readmes_have_one_outline() -> None:
    assert _outline("README.md") == _outline("README.zh-CN.md")


def test_the_two_readmes_show_the_same_commands() -> None:
    def blocks(name: str) -> list[str]:
        text = (ROOT / name).read_text("utf-8")
        return re.findall(r"```(?:console|yaml recipe|python)\n(.*?)```", text, re.DOTALL)

    def code(block: str) -> str:
        return re.sub(r"\s*#.*", "", block)

    assert [code(b) for b in blocks("README.md")] == [code(b) for b in blocks("README.zh-CN.md")]
