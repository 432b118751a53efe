"""The page of a step-through: the picture once, and what each step changes in it."""

from __future__ import annotations

import json
from dataclasses import asdict

from ..formats.html import whole
from ..style import THEMES
from .tell import Step

LOOK = "margin: 0; font: 16px/1.5 Helvetica, Arial, sans-serif;"
RULES = """figure { margin: 0; padding: 1rem; overflow-x: auto; }
main { position: sticky; bottom: 0; padding: .5rem 1rem 1rem; background: inherit; }
#words, #line { margin: .25rem 0; min-height: 1.5em; }
#line { font: bold 18px/1.5 ui-monospace, Menlo, Consolas, monospace; }
button { font: inherit; padding: .3rem .9rem; margin-right: .25rem; }
label, #count { margin-left: .75rem; }
svg g { transition: opacity .25s; }
.off { opacity: .3; }
.hidden { visibility: hidden; }
@media (prefers-reduced-motion: reduce) { svg g { transition: none; } }"""
CONTENT = """<figure>
{svg}
</figure>
<main>
<p id="words" aria-live="polite"></p>
<p id="line" aria-live="polite"></p>
<button id="back" type="button">Back</button><button id="next" type="button">Next</button>
<span id="count"></span>
<label><input id="predict" type="checkbox"> predict first</label>
</main>
<script id="steps" type="application/json">{steps}</script>
<script>
{script}
</script>"""

SCRIPT = """
const $ = id => document.getElementById(id), svg = document.querySelector("svg");
const {steps, data, grad} = JSON.parse($("steps").textContent), groups = {};
for (const g of svg.querySelectorAll("g.node,g.edge")) groups[g.dataset.n] = g;
const numbers = (id, colour) => [...(groups[id] || svg.cloneNode()).querySelectorAll("text")]
  .filter(t => t.getAttribute("fill") === colour && t.textContent !== "output");
const boxes = {};
for (const step of steps) for (const name of step.show) {
  const [id, row] = name.split(".");
  boxes[name] = row ? numbers(id, row === "data" ? data : grad) : groups[id] ? [groups[id]] : [];
}
for (const name in boxes) if (name.endsWith(".grad")) for (const t of boxes[name]) {
  const end = t.getBBox().x + t.getBBox().width;  // numbers keep their right end
  t.setAttribute("x", end); t.setAttribute("text-anchor", "end"); t.dataset.last = t.textContent;
}
let at = 0, asked = false;
function draw() {
  const step = steps[at], shown = new Set(), texts = {};
  steps.slice(0, at + (asked ? 0 : 1)).forEach(s => {
    s.show.forEach(name => shown.add(name));
    Object.assign(texts, s.grads);
  });
  for (const name in boxes) boxes[name].forEach((e, k) => {
    const id = name.split(".")[0];
    if (name.endsWith(".grad"))
      e.textContent = shown.has(name) ? (texts[id] || [])[k] ?? e.dataset.last : "\\u2013";
    else e.classList.toggle("hidden", !shown.has(name));
  });
  for (const n in groups) groups[n].classList.toggle("off", !step.on.includes(n));
  $("words").textContent = asked ? "What comes out?" : step.words;
  $("line").textContent = asked ? step.ask : step.line;
  $("count").textContent = `${step.phase}, step ${at + 1} of ${steps.length}`;
  $("back").disabled = at === 0 && !asked; $("next").disabled = at === steps.length - 1 && !asked;
  if (location.hash !== "#" + (at + 1)) history.replaceState(null, "", "#" + (at + 1));
}
function go(to) {
  to = Math.min(Math.max(to, 0), steps.length - 1);
  if (asked && to > at) asked = false;
  else { asked = $("predict").checked && to > at; at = to; }
  draw();
}
function jump() {
  asked = false;
  at = Math.min(Math.max((parseInt(location.hash.slice(1)) || 1) - 1, 0), steps.length - 1);
  draw();
}
$("next").onclick = () => go(at + 1);
$("back").onclick = () => { asked = false; go(at - 1); };
addEventListener("hashchange", jump);
addEventListener("keydown", e => {
  if (e.key === "ArrowRight") go(at + 1);
  else if (e.key === "ArrowLeft") $("back").onclick();
  else if (e.key === "Home") { asked = false; go(0); }
  else if (e.key === "End") { asked = false; at = steps.length - 1; draw(); }
  else return;
  e.preventDefault();
});
jump();
"""


def page(svg: str, title: str, steps: list[Step], theme: str) -> str:
    """The page, with everything in it."""
    drawn = THEMES[theme]
    told = {"steps": [asdict(s) for s in steps], "data": drawn.data, "grad": drawn.gradient}
    safe = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    content = CONTENT.format(svg=svg, steps=safe, script=SCRIPT.strip())
    return whole(title, theme, LOOK, RULES, content)
