"""Callbacks: what happens beside the training. The table of contents."""

from .backup import BackupAndRestore
from .bar import Progbar
from .base import Callback, CallbackList
from .checkpoint import ModelCheckpoint
from .history import BaseLogger, History
from .logs import CSVLogger, LambdaCallback, RemoteMonitor
from .progress import ProgbarLogger
from .schedule import LearningRateScheduler, ReduceLROnPlateau
from .stopping import EarlyStopping, TerminateOnNaN
from .tensorboard import TensorBoard
