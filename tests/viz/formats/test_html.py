"""The page of HTML."""

from html.parser import HTMLParser

import pytest

import graddl as gd


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.names = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.names += [name for name, _ in attrs]


def test_one_page_that_needs_nothing_else(graph):
    root, options = graph()
    drawing = gd.draw(root, **options)
    page = drawing.html()
    found = Reader(page)
    assert page.startswith("<!doctype html>") and found.tags.count("svg") == 1
    assert not {"script", "link", "img", "iframe", "a", "object"} & set(found.tags)
    assert not {"href", "src", "onclick", "onload"} & set(found.names)
    urls = [part.split('"')[0] for part in page.split("http")[1:]]
    assert set(urls) == {"://www.w3.org/2000/svg"}
    assert drawing.sentence.replace("'", "&#x27;") in page or "&" in page


@pytest.mark.parametrize(
    ("theme", "scheme"), [("auto", "light dark"), ("light", "light"), ("dark", "dark")]
)
def test_themes(graphs, theme, scheme):
    page = gd.draw(graphs.neuron()[0], theme=theme).html()
    assert f'name="color-scheme" content="{scheme}"' in page
    assert ("prefers-color-scheme: dark" in page) == (theme == "auto")
    assert ("background: #111827" in page) == (theme != "light")
