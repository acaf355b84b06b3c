"""The name under which scripts of long ago import Theano: PyTensor, its living successor.

Without PyTensor it is as if there were no such package. What is where:
`keras/backend/engines/theano/former.py`.
"""

import importlib.util
import sys

if importlib.util.find_spec("pytensor") is None:
    raise ModuleNotFoundError(
        "No module named 'theano': PyTensor, its successor, comes with "
        "`pip install 'evergreen-keras[theano]'`.",
        name="theano",
    )

from keras.backend.engines.theano.former import stand_in

sys.modules[__name__] = stand_in()
