"""How Sphinx makes the site; `./do docs` (`python -m tools.site`) gathers the pages first."""

from keras import __evergreen__

project = "Evergreen"
author = "The Evergreen authors"
project_copyright = author
release = version = __evergreen__

extensions = ["myst_parser", "tools.site.sources"]
myst_enable_extensions = ["colon_fence", "attrs_block"]
myst_heading_anchors = 3
smartquotes = False  # `...` and quotes are Python's

add_module_names = False
python_maximum_signature_line_length = 88
python_display_short_literal_types = True
toc_object_entries_show_parents = "hide"
nitpicky = True

html_theme = "furo"
html_title = "Evergreen"
html_static_path = ["static"]
html_css_files = ["evergreen.css"]
html_favicon = "static/evergreen.svg"
html_logo = "static/evergreen.svg"
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1f7a4d",
        "color-brand-content": "#1f7a4d",
        "color-brand-visited": "#1f7a4d",
    },
    "dark_css_variables": {
        "color-brand-primary": "#5fc28f",
        "color-brand-content": "#5fc28f",
        "color-brand-visited": "#5fc28f",
    },
}


def language_of_page(app, page, template, context, tree):
    """Browsers choose the signs of a page's language."""
    if page.endswith(".zh-CN"):
        context["language"] = "zh-CN"


def setup(app):
    """What Sphinx calls."""
    app.connect("html-page-context", language_of_page)
