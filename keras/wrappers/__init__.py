"""Models as parts of other libraries. The table of contents."""

from . import (
    scikit_learn as scikit_learn,
)
