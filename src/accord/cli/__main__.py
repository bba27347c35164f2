"""`python -m accord.cli`."""

from __future__ import annotations

from accord.cli.app import main

main()
