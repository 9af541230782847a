"""The style of page and app: system fonts, grey-safe colours; the page prints on A4 landscape."""

PARTS = """
:root { --ink: #1a1a1a; --soft: #5a5a5a; --line: #c9c9c9; --shade: #f3f4f6; }
.mark { display: inline-block; border: 2px solid var(--ink); padding: 1px 12px; font-weight: 700; }
.soft { color: var(--soft); font-size: 13px; }
.id { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.45; }
.scroll + .scroll { margin-top: 10px; }
summary { cursor: pointer; padding: 6px 0; font-size: 13px; }
.wide { width: 100%; }
th, td { border: 1px solid var(--line); padding: 3px 7px; vertical-align: top; text-align: left; overflow-wrap: break-word; }
th { min-width: 3.6em; }
.wide td:not(.n) { min-width: 4.2em; overflow-wrap: anywhere; }
.wide td:first-child:not(.n) { min-width: 6.5em; }
.small td:not(.n) { min-width: 3.4em; }
thead th { background: var(--shade); font-weight: 600; vertical-align: bottom; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
tr.total td { font-weight: 700; border-top: 2px solid var(--ink); }
tr.reason td { background: #fbfbfb; color: #333333; border-top: 0; padding-left: 24px; }
table.small { font-size: 11.5px; }
.small th, .small td { padding: 2px 4px; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(235px, 1fr)); gap: 10px; margin: 10px 0; }
.figure { border: 1px solid var(--line); padding: 8px 12px; }
.figure b { display: block; font-size: 20px; line-height: 1.3; }
.figure small { display: block; font-size: 12.5px; font-weight: 400; }
.figure span { display: block; color: var(--soft); font-size: 13px; }
.chart { width: 100%; max-width: 860px; height: auto; font-size: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 8px 0; font-size: 13px; list-style: none; padding: 0; }
.legend li { display: flex; align-items: center; gap: 7px; }
ul.plain { margin: 6px 0; padding-left: 22px; }
"""

CSS = (
    PARTS
    + """
:lang(en) th::first-letter, :lang(en) .figure span::first-letter { text-transform: uppercase; }
html, body { width: auto; height: auto; }
body { margin: 0 auto; max-width: 1120px; padding: 24px 28px 48px; color: var(--ink); background: #ffffff;
  font: 15px/1.65 "Yu Gothic UI", "Yu Gothic", Meiryo, "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", sans-serif; }
h1 { font-size: 26px; margin: 6px 0 2px; }
h2 { font-size: 18px; margin: 34px 0 8px; padding-bottom: 3px; border-bottom: 2px solid var(--ink); }
h3 { font-size: 15px; margin: 18px 0 6px; }
p { margin: 6px 0; }
li { margin: 3px 0; }
.map { position: relative; height: 600px; border: 1px solid var(--line); background: #fafaf8; }
.map .folium-map { position: absolute; inset: 0; width: 100%; height: 100%; background: transparent; }
.map-failed { position: absolute; inset: 40% 10% auto; text-align: center; }
.leaflet-container { font: 13px/1.5 inherit; font-family: inherit; }
.leaflet-tooltip { white-space: normal; min-width: 150px; max-width: 320px; width: max-content; }
.site-icon { background: none; border: 0; }
.site-popup { max-height: 300px; overflow-y: auto; }
.site-popup th, .site-popup td { font-size: 12px; padding: 1px 5px; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, section > .soft { break-after: avoid; }
  ul.legend, .chart { break-after: auto; }
  tr, .figures, .chart, .map, .legend { break-inside: avoid; }
  tr:has(+ tr.reason) { break-after: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  .map { height: 132mm; }
  .leaflet-control-zoom, .leaflet-control-layers { display: none; }
  table { font-size: 8.5pt; }
  table.small { font-size: 7.5pt; }
}
"""
)
