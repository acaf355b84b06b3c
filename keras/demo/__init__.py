"""`python -m keras demo`: real digits, a network that learns them, a file, pictures."""

from .command import (
    main as main,
)
