"""Scripts are run by tests, not collected as tests."""

from __future__ import annotations

collect_ignore_glob = ["scripts/*.py"]
