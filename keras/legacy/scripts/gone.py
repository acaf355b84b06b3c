"""Names that numpy, SciPy and Python had when the scripts were written, and how to say it today.

A name counts as gone only if what is installed doesn't have it.
"""

from __future__ import annotations

import warnings
from importlib import import_module


def _rows(module: str, names: str) -> dict[str, str]:
    """Rows `old=new`; a new name without a dot is one of Python's own."""
    pairs = (word.partition("=")[::2] for word in names.split())
    return {f"{module}.{old}": new for old, new in pairs}


TENSORFLOW_1 = (
    *("ConfigProto", "GPUOptions", "InteractiveSession", "Session", "get_default_session"),
    *(
        "get_default_graph",
        "reset_default_graph",
        "global_variables_initializer",
        "set_random_seed",
    ),
    *("get_variable", "global_variables", "trainable_variables", "variable_scope", "placeholder"),
    *("app", "flags", "gfile", "logging"),
    *("log", "to_float", "to_int32", "to_int64", "random_normal", "random_uniform", "diag"),
)
"""Names of TensorFlow 1 that later ones have elsewhere."""

EXPRESSIONS: dict[str, str] = {
    **_rows(
        "numpy",
        "bool=bool complex=complex float=float int=int long=int object=object str=str unicode=str "
        "Inf=numpy.inf Infinity=numpy.inf NINF=-numpy.inf NaN=numpy.nan PINF=numpy.inf "
        "alltrue=numpy.all cumproduct=numpy.cumprod cast=numpy.asarray float_=numpy.float64 "
        "complex_=numpy.complex128 find_common_type=numpy.result_type in1d=numpy.isin "
        "infty=numpy.inf mat=numpy.asmatrix msort=numpy.sort obj2sctype=numpy.dtype "
        "product=numpy.prod round_=numpy.round row_stack=numpy.vstack sometrue=numpy.any "
        "string_=numpy.bytes_ trapz=numpy.trapezoid unicode_=numpy.str_",
    ),
    **_rows(
        "scipy",
        "arange=numpy.arange array=numpy.array dot=numpy.dot exp=numpy.exp interp=numpy.interp "
        "linspace=numpy.linspace log=numpy.log mean=numpy.mean ones=numpy.ones pi=numpy.pi "
        "rand=numpy.random.rand randn=numpy.random.randn sqrt=numpy.sqrt zeros=numpy.zeros",
    ),
    **_rows(
        "scipy.misc",
        "comb=scipy.special.comb derivative=numpy.gradient factorial=scipy.special.factorial "
        "logsumexp=scipy.special.logsumexp",
    ),
    **_rows(
        "scipy.signal",
        "blackman=scipy.signal.windows.blackman gaussian=scipy.signal.windows.gaussian "
        "hamming=scipy.signal.windows.hamming hann=scipy.signal.windows.hann "
        "hanning=scipy.signal.windows.hann",
    ),
    **_rows(
        "scipy.ndimage.filters",
        "convolve=scipy.ndimage.convolve gaussian_filter=scipy.ndimage.gaussian_filter "
        "median_filter=scipy.ndimage.median_filter uniform_filter=scipy.ndimage.uniform_filter",
    ),
    **_rows(
        "scipy.ndimage.interpolation",
        "map_coordinates=scipy.ndimage.map_coordinates rotate=scipy.ndimage.rotate "
        "shift=scipy.ndimage.shift zoom=scipy.ndimage.zoom",
    ),
    **_rows(
        "scipy.integrate",
        "cumtrapz=scipy.integrate.cumulative_trapezoid "
        "simps=scipy.integrate.simpson trapz=scipy.integrate.trapezoid",
    ),
    **{f"tensorflow.{name}": f"tensorflow.compat.v1.{name}" for name in TENSORFLOW_1},
}
"""What has a modern spelling that does the same: it is told, and `run` puts it in its place."""

ADVICE: dict[str, str] = {
    "numpy.asscalar": "`array.item()`",
    "numpy.loads": "`pickle.loads`",
    "numpy.safe_eval": "`ast.literal_eval`",
    "scipy.misc.bytescale": "numpy: scale to 0 ... 255 and `.astype('uint8')`",
    "scipy.misc.fromimage": "`numpy.asarray(image)`",
    "scipy.misc.imread": "`numpy.asarray(PIL.Image.open(path))`, or `imageio.imread(path)`",
    "scipy.misc.imresize": "`numpy.asarray(PIL.Image.fromarray(x).resize((width, height)))`",
    "scipy.misc.imrotate": "`PIL.Image.fromarray(x).rotate(angle)`",
    "scipy.misc.imsave": "`keras.preprocessing.image.array_to_img(x).save(path)`",
    "scipy.misc.imshow": "`matplotlib.pyplot.imshow(x)`",
    "scipy.misc.toimage": "`PIL.Image.fromarray(x)`",
}
"""What has no single name today: only told."""

PYTHON2: dict[str, str] = {
    "basestring": "`str`",
    "raw_input": "`input`",
    "reduce": "`functools.reduce`",
    "unichr": "`chr`",
    "unicode": "`str`",
    "xrange": "`range`",
}
"""Names that Python 2 had built in."""

MODULES: dict[str, str] = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "cPickle": "pickle",
    "cStringIO": "io",
    "httplib": "http.client",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
"""Modules that are called otherwise now."""


def is_gone(path: str) -> bool:
    """Whether what is installed lacks a dotted name; also if its package isn't installed."""
    module, _, name = path.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what will be gone in a later version
        try:
            return not hasattr(import_module(module), name)
        except ImportError:
            return True
