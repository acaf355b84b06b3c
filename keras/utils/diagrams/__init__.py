"""Pictures of models. The table of contents."""

from .diagram import Box, Diagram, Edge, Show, diagram_of, is_model, is_wrapped_model
from .dot import Graph, dot_text, drawn
from .scene import checked_rankdir, scene_of
