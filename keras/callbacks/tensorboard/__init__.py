"""What TensorBoard shows of a training. The table of contents."""

from .callback import (
    TensorBoard as TensorBoard,
)
