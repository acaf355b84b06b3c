"""Callbacks: what happens beside the training. The table of contents."""

from .backup import (
    BackupAndRestore as BackupAndRestore,
)
from .bar import (
    Progbar as Progbar,
)
from .base import (
    Callback as Callback,
    CallbackList as CallbackList,
)
from .checkpoint import (
    ModelCheckpoint as ModelCheckpoint,
)
from .history import (
    BaseLogger as BaseLogger,
    History as History,
)
from .logs import (
    CSVLogger as CSVLogger,
    LambdaCallback as LambdaCallback,
    RemoteMonitor as RemoteMonitor,
)
from .progress import (
    ProgbarLogger as ProgbarLogger,
)
from .schedule import (
    LearningRateScheduler as LearningRateScheduler,
    ReduceLROnPlateau as ReduceLROnPlateau,
)
from .stopping import (
    EarlyStopping as EarlyStopping,
    TerminateOnNaN as TerminateOnNaN,
)
from .tensorboard import (
    TensorBoard as TensorBoard,
)
