"""Style and script of the HTML report. Constants, so that the page's policy can name them by their digests."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#f4f6f8;--line:#d5dbe1;--dim:#5b6670;
--fix:#116b35;
--critical:#a3127f;--high:#b42318;--medium:#8f5a00;--low:#1d5fbf;--info:#0e7481}
@media (prefers-color-scheme:dark){:root{--ink:#e4e9ee;--paper:#14181c;--soft:#1d2329;--line:#343c45;--dim:#9aa6b2;
--fix:#6fd398;--critical:#f08fd8;--high:#ff8b80;--medium:#f0bd5a;--low:#8ab8ff;--info:#72d2de}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}
h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
h3{font-size:1rem;margin:0 0 .25rem}p{margin:.35rem 0}.dim{color:var(--dim)}
.filters{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0;padding:.6rem .8rem;border:1px solid var(--line);
border-radius:.5rem}
.filters label{cursor:pointer}
article{border:1px solid var(--line);border-left:.3rem solid var(--s);border-radius:.5rem;padding:.8rem 1rem;
margin:.8rem 0}
.critical{--s:var(--critical)}.high{--s:var(--high)}.medium{--s:var(--medium)}.low{--s:var(--low)}
.info{--s:var(--info)}
.sev{color:var(--s);font-weight:700;text-transform:uppercase;font-size:.8rem;letter-spacing:.04em}
code,pre{font:14px/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:.4rem;padding:.6rem .8rem;overflow-x:auto;margin:.6rem 0}
pre .n{color:var(--dim);user-select:none}
mark{background:none;color:inherit;border-bottom:2px solid var(--s);font-weight:700}
ol,ul{margin:.3rem 0;padding-left:1.6rem}.fix{color:var(--fix)}[hidden]{display:none}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere}
"""

SCRIPT = """
"use strict";
(function () {
  var boxes = document.querySelectorAll("input[data-severity]");
  function apply() {
    var shown = {};
    boxes.forEach(function (box) { shown[box.dataset.severity] = box.checked; });
    document.querySelectorAll("section[data-file]").forEach(function (section) {
      var any = false;
      section.querySelectorAll("article").forEach(function (article) {
        article.hidden = !shown[article.dataset.severity];
        any = any || !article.hidden;
      });
      section.hidden = !any;
    });
  }
  boxes.forEach(function (box) { box.addEventListener("change", apply); });
  apply();
})();
"""
