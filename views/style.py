"""How the panels that are text look, on the page and in what is taken from it."""

STYLE = """<style>
/* A live board always runs: the running figure would say nothing, and its Stop button would only confuse. */
[data-testid="stStatusWidget"] { display: none; }
[data-testid="stMainBlockContainer"] { padding-top: 3.5rem; }
/* They hear and show nothing: no gap in the title's line for them. */
.st-key-screen, .st-key-attention, .st-key-drag { position: absolute; }
:has(> .st-key-age) { order: 1; } .st-key-pause-button, :has(> .st-key-age) ~ .st-key-record { order: 2; }
[class*="st-key-panel-"] .stHtml { font-size: .875rem; line-height: 1.35; }
[class*="st-key-why-"] { flex: 0 1 auto; } [class*="st-key-why-"], [class*="st-key-why-"] :not(svg) { min-width: 0; }
[class*="st-key-why-"] button { padding: 0; min-height: 0; max-width: 100%; opacity: .68; }
[class*="st-key-why-"] button p { font-size: .78rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pb-icon { font-family: "Material Symbols Rounded"; font-size: 1.15em; line-height: 1; vertical-align: -.18em; margin-right: .3em; font-weight: 400; }
.st-key-panel-series .mark-rect path:hover { opacity: .12; }
.pb-missing { display: flex; flex-direction: column; gap: .5rem; align-items: center; justify-content: center; text-align: center; opacity: .65; max-width: 30rem; margin: auto; }
.pb-missing .pb-icon { font-size: 2rem; margin: 0; }
.pb-broken { display: flex; flex-flow: row wrap; gap: .5rem .75rem; align-items: center; align-content: center; justify-content: center; }
.pb-broken .pb-chip { white-space: normal; border-color: transparent; padding: 0; }
.pb-broken button { font: inherit; font-size: .8rem; color: inherit; background: none; border: 1px solid rgb(128 128 128 / .4); border-radius: .5rem; padding: .15rem .6rem; cursor: pointer; }
.pb-broken details { flex: 1 1 100%; font-size: .8rem; } .pb-broken summary { cursor: pointer; opacity: .68; width: fit-content; margin: auto; }
.pb-broken pre { overflow: auto; max-height: 20rem; font-size: .75rem; }
.pb-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
.pb-note, .pb-label, .pb-change { opacity: .68; }
.pb-kpis { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .75rem 1.5rem; }
.pb-kpi { position: relative; max-width: 26rem; min-width: 0; padding-bottom: 1.9rem; font-variant-numeric: tabular-nums; }
.pb-kpi .pb-name i { display: inline-block; width: .6em; height: .6em; border-radius: 50%; background: var(--c); margin-right: .45em; }
.pb-value { font-size: 1.6rem; line-height: 1.25; font-weight: 600; white-space: nowrap; }
.pb-value small { font-size: .8rem; font-weight: 400; opacity: .68; margin-left: .25em; }
.pb-small .pb-value { font-size: 1.2rem; } .pb-chosen .pb-name { font-weight: 600; } .pb-kpi.pb-silent { --c: gray; }
.pb-kpis + .pb-note { font-size: .78rem; margin-top: .6rem; } .pb-silent > :not(.pb-name) { opacity: .45; } .pb-silent .pb-change { opacity: 1; }
.pb-change { font-size: .78rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.pb-spark { position: absolute; inset: auto 0 0 0; height: 1.6rem; background: var(--c); opacity: .55; }
.pb-bars { display: grid; grid-template-columns: fit-content(38%) 1fr auto; grid-auto-rows: minmax(19.5px, 2.6rem); gap: 0 .75rem; align-items: center; align-content: start; height: 234px; font-variant-numeric: tabular-nums; }
.pb-bars + .pb-note { margin-top: .2rem; } .pb-bars > * { line-height: 19.5px; }
.pb-bar { height: 56%; } .pb-bar i { display: block; height: 100%; border-radius: 2px; min-width: 1px; }
.pb-number { text-align: right; }
.pb-table { width: 100%; table-layout: fixed; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .8rem; }
.pb-table th, .pb-table td { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; padding: .16rem .75rem .16rem 0; border: 0; border-bottom: 1px solid rgb(128 128 128 / .18); }
.pb-table th { font-weight: 500; opacity: .68; } .pb-table th:first-child { width: 9.5rem; }
.pb-muted-1 td:nth-last-child(-n+1), .pb-muted-2 td:nth-last-child(-n+2), .pb-muted-3 td:nth-last-child(-n+3), .pb-muted-4 td:nth-last-child(-n+4), .pb-muted-5 td:nth-last-child(-n+5), .pb-muted-6 td:nth-last-child(-n+6), .pb-muted-7 td:nth-last-child(-n+7), .pb-muted-8 td:nth-last-child(-n+8), .pb-muted-9 td:nth-last-child(-n+9) { opacity: .68; }
.pb-state { display: flex; gap: .75rem; align-items: baseline; margin-bottom: .75rem; }
.pb-chip { border: 1px solid currentColor; border-radius: 1rem; padding: .05rem .65rem; white-space: nowrap; }
.pb-good { color: light-dark(#0b6e4f, #5fd3a6); } .pb-warn { color: light-dark(#8a5300, #ffb84d); } .pb-bad { color: light-dark(#b3261e, #ff8a80); }
.pb-tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(8.2rem, 40%), 1fr)); gap: .75rem 1.5rem; font-variant-numeric: tabular-nums; }
.pb-tile { min-width: 0; } .pb-tile b { font-size: 1.05rem; font-weight: 600; }
.pb-tile .pb-note, .pb-label { font-size: .78rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pb-fill { height: 4px; border-radius: 2px; background: rgb(128 128 128 / .25); margin-top: .3rem; } .pb-fill i { display: block; height: 100%; border-radius: 2px; background: currentColor; opacity: .6; }
.pb-samples { list-style: none; margin: .75rem 0 0; padding: 0 !important; font-size: .8rem; } .pb-samples li { margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pb-samples code { margin-left: .5em; }
@media (max-width: 640px) { .pb-table :is(th, td):nth-child(n+5) { display: none; } .pb-table th:first-child { width: 6.5rem; } }
[class*="st-key-picked-"] .marks { touch-action: pan-y; }
</style>"""
