"""The style sheet of the report: the palette of the charts as variables, light, dark and on paper."""

from __future__ import annotations

from dataclasses import fields

from twocurves.charts.palette import PALETTES, Palette, ThemeName
from twocurves.charts.typefaces import font_face_css

_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:400 1rem/1.55 "Twocurves Sans",Inter,
"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
.page{max-width:60rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
h1,h2,h3{font-family:"Twocurves Serif",Georgia,serif;font-weight:600;line-height:1.25;text-wrap:balance}
h1{font-size:clamp(1.55rem,4.2vw,2.25rem);margin:.4rem 0 .8rem;max-width:46rem}
h2{font-size:1.5rem;margin:0 0 .4rem}
h3{font-size:1.08rem;margin:0 0 .15rem}
p{margin:.5rem 0;max-width:44rem}
a{color:inherit;text-decoration-color:var(--low);text-underline-offset:.18em}
a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:2px solid var(--ink);outline-offset:3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}
.eyebrow{font-size:.78rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:var(--grey);
margin:0}
.lead{font-size:1.12rem;line-height:1.5}
.quiet{color:var(--grey)}
.small{font-size:.84rem}
.grey{color:var(--grey)}
.closed{color:var(--closed);font-weight:600}.open{color:var(--open);font-weight:600}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:1.4rem 0 0;padding:0;
font-size:.9rem}
nav a{display:inline-block;padding:.3rem 0}
section{border-top:1.5px solid var(--ink);margin-top:3rem;padding-top:1.3rem}
.key{display:grid;grid-template-columns:repeat(4,1fr);border-top:1.5px solid var(--ink);
border-bottom:1px solid var(--hair);margin:2rem 0 0}
.key>div{padding:.9rem 1rem 1rem;border-left:1px solid var(--hair)}
.key>div:first-child{padding-left:0;border-left:0}
.key dt{font-size:.82rem;color:var(--grey);line-height:1.35;min-height:2.3em}
.key dd{margin:0}
.number{font:600 1.7rem/1.25 "Twocurves Serif",Georgia,serif}
.minute{padding-left:1.15rem;margin:.8rem 0;max-width:46rem}
.minute li{margin:.45rem 0;padding-left:.2rem}
figure{margin:2rem 0 0}
.wide>svg,.narrow>svg{display:block;height:auto;margin:-.6rem 0 0 -18px;max-width:calc(100% + 36px)}
figcaption{font-size:.84rem;color:var(--grey);max-width:46rem}
.sub{font-size:.86rem;color:var(--grey);margin:0 0 .7rem;max-width:46rem}
.narrow{display:none}
details{margin:.5rem 0 0;font-size:.86rem}
summary{cursor:pointer;color:var(--grey);padding:.25rem 0;width:fit-content}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem;margin:.7rem 0}
caption{text-align:left;color:var(--grey);font-size:.84rem;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.42rem .9rem .42rem 0;border-bottom:1px solid var(--hair)}
thead th{font-weight:600;color:var(--grey);font-size:.8rem;border-bottom:1px solid var(--grey)}
tbody th{font-weight:400}
.r{text-align:right}
.nowrap{white-space:nowrap}
.claim{font-family:"Twocurves Serif",Georgia,serif;font-weight:600;font-size:.97rem;line-height:1.35}
.dots{display:block;width:14.4rem;min-width:12rem;height:auto;margin-top:.35rem}
.strip{display:block;width:9rem;max-width:100%;height:.9rem;margin:.2rem 0}
dl.made{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.35rem 1.2rem;
font-size:.9rem;margin:1rem 0}
dl.made dt{color:var(--grey)}dl.made dd{margin:0;overflow-wrap:anywhere}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.88em;background:var(--field);
padding:.08em .3em;overflow-wrap:anywhere}
.weak li{margin:.5rem 0;max-width:46rem}
footer{margin-top:3rem;border-top:1px solid var(--hair);padding-top:1rem;font-size:.84rem;color:var(--grey)}
@media (max-width:46rem){
.page{padding:1.5rem 1.1rem 3rem}
.wide{display:none}.narrow{display:block}
.key{grid-template-columns:repeat(2,1fr)}
.key>div{border-left:0;padding:.8rem .8rem .8rem 0}
.stack thead{position:absolute;left:-99rem}
.stack tr{display:block;border-bottom:1px solid var(--hair);padding:.6rem 0}
.stack th,.stack td{display:block;border:0;padding:.12rem 0}
.stack td[data-head]:not(:empty)::before{content:attr(data-head) " ";color:var(--grey)}
.stack .r{text-align:left}
.dots{margin:.15rem 0}
dl.made{grid-template-columns:1fr;gap:.1rem}dl.made dd{margin-bottom:.5rem}
}
@media print{
@page{size:A4;margin:16mm 15mm}
:root{LIGHT;--paper:#fff}
body{font-size:9.6pt}
.page{max-width:none;padding:0}
.wide{display:block}.narrow,nav,.skip{display:none}
.wide>svg{margin:0;width:auto;max-width:100%;max-height:108mm}
.dots{width:8.6rem;min-width:8rem}
table{font-size:8.4pt}
th,td{padding-top:.28rem;padding-bottom:.28rem}
figure,tr,.key,li{break-inside:avoid}
h2,h3{break-after:avoid}
section{margin-top:1.6rem}
a{text-decoration:none}
details:not([open])>*:not(summary){display:none}
}
"""


def style_sheet() -> str:
    """Return the style sheet, with the typefaces inside."""
    dark = _variables("dark")
    return "\n".join(
        (
            font_face_css(),
            ":root{color-scheme:light dark;"
            + _variables("light")
            + ';--serif:"Twocurves Serif",Georgia,serif}',
            f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}",
            _RULES.replace("LIGHT", _variables("light")).strip(),
        )
    )


def variable_of(colour: str) -> str | None:
    """Return the variable that holds a colour of the light palette; None for any other colour."""
    return _NAMES.get(colour.upper())


def _variables(theme: ThemeName) -> str:
    return ";".join(
        f"--{item.name.replace('_', '-')}:{getattr(PALETTES[theme], item.name)}" for item in fields(Palette)
    )


_NAMES: dict[str, str] = {
    getattr(PALETTES["light"], item.name).upper(): f"--{item.name.replace('_', '-')}"
    for item in fields(Palette)
}
