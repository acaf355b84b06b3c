"""Keras, as the classic documents describe it, on today's engines.

`__version__` is the generation of the interface that is spoken, which old scripts compare with;
`__evergreen__` is the version of this implementation.
"""

from __future__ import annotations

__version__ = "2.3.1"
__evergreen__ = "0.1.0"
