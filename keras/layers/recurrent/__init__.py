"""Recurrent layers and their cells, by their classic names."""

from __future__ import annotations

from ...registry import has_arg
from ..base import InputSpec, Layer
from .gru import GRU, GRUCell
from .lstm import LSTM, LSTMCell
from .rnn import RNN
from .simple import SimpleRNN, SimpleRNNCell
from .stacked import StackedRNNCells
