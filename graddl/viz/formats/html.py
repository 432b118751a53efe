"""A picture as one page of HTML: nothing else is needed to open it, now or in ten years."""

from html import escape

from ..style import DARK, LIGHT

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{scheme}">
<title>{title}</title>
<style>
body {{ {look} {light} }}
{rules}
{dark}
</style>
</head>
<body>
{content}
</body>
</html>
"""
LOOK = "margin: 1.5rem; font: 15px/1.5 Helvetica, Arial, sans-serif;"
RULES = """figure { margin: 0; overflow-x: auto; }
figcaption, summary { margin: 1rem 0; max-width: 60rem; }
pre { overflow-x: auto; font-size: 13px; }"""
CONTENT = """<figure>
{svg}
<figcaption>{sentence}</figcaption>
</figure>
<details><summary>The same as text</summary>
<pre>{text}</pre>
</details>"""


def page(svg: str, title: str, sentence: str, text: str, theme: str) -> str:
    """The page around an SVG."""
    content = CONTENT.format(svg=svg, sentence=escape(sentence), text=escape(text))
    return whole(title, theme, LOOK, RULES, content)


def whole(title: str, theme: str, look: str, rules: str, content: str) -> str:
    """A page of its own: light, dark, or as the reader's settings say.

    `look` is CSS of its body, beside the colours; `rules` are those of what stands in it.
    """
    colours = [f"background: {p.paper}; color: {p.ink};" for p in (LIGHT, DARK)]
    follow = f"@media (prefers-color-scheme: dark) {{ body {{ {colours[1]} }} }}"
    return PAGE.format(
        scheme={"auto": "light dark"}.get(theme, theme),
        light=colours[theme == "dark"],
        dark=follow if theme == "auto" else "",
        title=escape(title),
        look=look,
        rules=rules,
        content=content,
    )
