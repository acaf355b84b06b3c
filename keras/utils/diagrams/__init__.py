"""Pictures of models. The table of contents."""

from .diagram import (
    Box as Box,
    Diagram as Diagram,
    Edge as Edge,
    Show as Show,
    diagram_of as diagram_of,
    is_model as is_model,
    is_wrapped_model as is_wrapped_model,
)
from .dot import (
    Graph as Graph,
    dot_text as dot_text,
    drawn as drawn,
)
from .scene import (
    checked_rankdir as checked_rankdir,
    scene_of as scene_of,
)
