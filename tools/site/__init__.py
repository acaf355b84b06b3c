"""The documentation site: pages from docs/, the reference from the declarations in keras/.

`python -m tools.site` builds it. `names.py` says what is public and on which page it stands,
`entries.py` writes one entry, `reference.py` the pages; `assembly.py` gathers all pages in one
folder, `sources.py` adds the source files, `checks.py` reads what came out.
"""
