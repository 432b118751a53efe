"""Pictures as text: a tree, Mermaid, JSON, LaTeX, and a page of HTML around the SVG.

All but JSON are made from the DOT text, so that they serve every kind of picture.
"""
