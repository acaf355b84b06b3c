"""The name under which packages of long ago import `keras.applications`.

The modules below it are found by the table in `keras/legacy/paths.py`.
"""

import sys

from keras.legacy.paths import stand_in

sys.modules[__name__] = stand_in(__name__)
