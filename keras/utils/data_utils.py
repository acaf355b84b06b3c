"""Data that comes batch by batch, and files from the network: the classic names."""

from ..callbacks.bar import Progbar
from ..training.feed.queues import GeneratorEnqueuer, OrderedEnqueuer, SequenceEnqueuer
from ..training.feed.sequences import Sequence
from .download import get_file, validate_file

__all__ = [
    "GeneratorEnqueuer",
    "OrderedEnqueuer",
    "Progbar",
    "Sequence",
    "SequenceEnqueuer",
    "get_file",
    "validate_file",
]
