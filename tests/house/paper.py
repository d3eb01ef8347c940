"""Pages made of documents, served by the box itself: its manual, and the licences of what it serves.

Takes `docs/desk.md`, `LICENSE` and `static/vendor/versions.json`; gives whole HTML files for `./dev docs` to write.
"""

from __future__ import annotations

import html
import json
import re

from markdown_it import MarkdownIt

from tests.house.tree import ROOT

STATIC = ROOT / "appliance" / "dashboard" / "static"
_PAGE = """{{{{> head}}}}
  <title>Lanewatch {{{{site}}}}: {title}</title>
  <script type="module" src="/static/paper.js"></script>
</head>
<body>
{{{{> bar}}}}
  <main class="page wide paper-page" lang="en" translate="no">
{content}
  </main>
</body>
</html>
"""


def manual() -> str:
    """How the desk is used, by its document; what it links to lies beside it, not on the box."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    content = reader.render((ROOT / "docs" / "desk.md").read_text(encoding="utf-8"))
    content = re.sub(r'<a href="(?!https?:|/|#)[^"]*">(.*?)</a>', r"\1", content)
    return _page("manual", content.replace("<pre>", '<pre tabindex="0">').replace("<th></th>", "<td></td>"))


def licences() -> str:
    """Our licence, and those of all files that others made."""
    told = json.loads((STATIC / "vendor" / "versions.json").read_text(encoding="utf-8"))
    others = [
        f"<h2>{html.escape(one['name'])} {html.escape(one['version'])}: {html.escape(one['licence'])}</h2>\n"
        + _verbatim((STATIC / "vendor" / one["text"]).read_text(encoding="utf-8"))
        for one in told.values()
    ]
    ours = "<h2>Lanewatch: AGPL-3.0-or-later</h2>\n" + _verbatim((ROOT / "LICENSE").read_text(encoding="utf-8"))
    return _page("licences", "\n".join(["<h1>Licences of what this box serves to browsers</h1>", *others, ours]))


def _verbatim(text: str) -> str:
    return f'<pre tabindex="0">{html.escape(text)}</pre>'


def _page(title: str, content: str) -> str:
    """The blanks of a page are filled in when it is served, so none may stand in its text."""
    return _PAGE.format(title=title, content=content.replace("{{", "{&#123;"))
