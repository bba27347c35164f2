"""Contract of key services."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from accord.testing.contract import Contract
from accord.vault.key_service import KeyService, Refused

CONTEXT = b"agreement, data set and version"


class KeyServiceContract(Contract):
    """What is wrapped is unwrapped with the same key and context alone, and shows no key."""

    @pytest.fixture
    def service(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyService:
        """The service, in a place where a variable and a file hold a key."""
        monkeypatch.setenv("ACCORD_CONTRACT_KEY", "a key that nobody can guess")
        (tmp_path / "key").write_text("a key that nobody can guess")
        (tmp_path / "key").chmod(0o600)
        return self.part(self.spec(), tmp_path)

    def test_what_is_wrapped_is_unwrapped(self, service: KeyService) -> None:
        key = os.urandom(32)
        wrapped = service.wrap(key, CONTEXT)
        assert service.unwrap(wrapped, CONTEXT) == key
        assert key not in wrapped

    def test_another_context_is_refused(self, service: KeyService) -> None:
        wrapped = service.wrap(os.urandom(32), CONTEXT)
        with pytest.raises(Refused):
            service.unwrap(wrapped, CONTEXT + b"!")

    def test_a_changed_byte_is_refused(self, service: KeyService) -> None:
        wrapped = service.wrap(os.urandom(32), CONTEXT)
        for at in range(len(wrapped)):
            changed = bytearray(wrapped)
            changed[at] ^= 1
            with pytest.raises(Refused):
                service.unwrap(bytes(changed), CONTEXT)

    def test_its_id_is_stable_and_its_wraps_are_not(self, service: KeyService) -> None:
        key = os.urandom(32)
        assert service.key_id == service.key_id and service.key_id
        assert service.wrap(key, CONTEXT) != service.wrap(key, CONTEXT)

    def test_it_shows_no_key(self, service: KeyService) -> None:
        shown = f"{service!r} {service} {service.key_id}"
        assert "nobody can guess" not in shown
