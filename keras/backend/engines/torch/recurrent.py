"""Rows of the standard recurrent layers: torch's fused kernels."""

from __future__ import annotations

from typing import Any

TABLE: dict[str, Any] = {}
