"""Recurrent layers and their cells, by their classic names."""

from __future__ import annotations

from ...registry import has_arg
from ..base import InputSpec, Layer
from .gru import (
    GRU as GRU,
    GRUCell as GRUCell,
)
from .lstm import (
    LSTM as LSTM,
    LSTMCell as LSTMCell,
)
from .rnn import (
    RNN as RNN,
)
from .simple import (
    SimpleRNN as SimpleRNN,
    SimpleRNNCell as SimpleRNNCell,
)
from .stacked import (
    StackedRNNCells as StackedRNNCells,
)
