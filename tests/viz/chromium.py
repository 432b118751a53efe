"""A real browser for pages: what a script says after the page has run."""

import re
import shutil
import subprocess
from html import unescape

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def answers(page, script, tmp_path, *, at="", dark=False):
    """Open a page, run a script in it that fills the list `said`, and return that list.

    Parameters
    ----------
    page : str, HTML
    script : str, JavaScript: `said.push(document.title)`; `press("ArrowRight")` presses a key
    at : str, what stands in the address behind #
    dark : bool, whether the reader prefers dark colours
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on PATH (Debian: apt-get install chromium)")
    harness = f"""<script>
    const said = [], press = key => document.body.dispatchEvent(
      new KeyboardEvent("keydown", {{key, bubbles: true, cancelable: true}}));
    try {{ {script} }} catch (error) {{ said.push("failed: " + error); }}
    document.title = "said:" + said.map(s => encodeURIComponent(s)).join(" ");
    </script></body>"""
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", harness))
    command = [
        found, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        f"--user-data-dir={tmp_path / 'profile'}", f"file://{file}#{at}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    title = re.search(r"<title>said:(.*?)</title>", done.stdout, re.S)
    assert title, done.stdout[-2000:] + done.stderr[-2000:]
    from urllib.parse import unquote

    return [unquote(part) for part in unescape(title[1]).split(" ")] if title[1] else []
