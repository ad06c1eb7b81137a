/** The console's stylesheet: system fonts, light and dark, nothing loaded from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f7f9, #101318);
  --card: light-dark(#fff, #181c23);
  --ink: light-dark(#1b2027, #e6e9ee);
  --quiet: light-dark(#606a78, #98a2b1);
  --line: light-dark(#e2e6eb, #2a303a);
  --accent: light-dark(#9a5b00, #f0b429);
  --good: light-dark(#0a7a43, #4cc38a);
  --warn: light-dark(#9a5b00, #f0b429);
  --bad: light-dark(#b42318, #ff8a7a);
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, 'Hiragino Sans', 'Noto Sans CJK JP', 'Noto Sans JP', 'Yu Gothic UI', sans-serif;
}
a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: 3px; }
header { background: var(--card); border-bottom: 1px solid var(--line); }
header > div, main { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header > div { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding-block: .8rem; }
.brand { font-size: 1.15rem; font-weight: 700; text-decoration: none; margin-right: auto; }
.brand span { color: var(--accent); margin-right: .4em; }
form { display: flex; gap: .5rem; }
input, button {
  font: inherit; color: inherit; border: 1px solid var(--line); border-radius: .5rem; padding: .4rem .75rem; background: var(--paper);
}
input { min-width: 19rem; flex: 1; }
button { background: var(--accent); color: var(--card); border-color: transparent; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main { padding-block: 1.5rem 4rem; display: grid; gap: 1.25rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1.1rem 1.25rem; overflow-x: auto; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .7rem; }
h2 small, .quiet { color: var(--quiet); font-weight: 400; font-size: .87rem; }
p { margin: .3rem 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; }
.fact { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1rem 1.25rem; }
.fact b { display: block; font-size: 1.9rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--quiet); font-size: .82rem; white-space: nowrap; }
th, td { padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.nowrap { white-space: nowrap; }
code { font: .86em ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.pill { display: inline-block; border-radius: 99rem; padding: .05rem .65rem; font-size: .82rem; font-weight: 600; border: 1px solid; white-space: nowrap; }
.complete { color: var(--good); } .incomplete, .running { color: var(--warn); } .halted { color: var(--bad); }
.lost { color: var(--quiet); } .lost s { margin-right: .4em; }
.reasons { margin: .3rem 0 0; padding-left: 1.1rem; color: var(--quiet); font-size: .9rem; }
meter { width: 5rem; height: .7rem; vertical-align: middle; margin-right: .5rem; }
.alone { max-width: 28rem; margin: 12vh auto 0; }
.alone form { margin-top: 1rem; }
@media (max-width: 40rem) { header form { flex: 1 0 100%; } input { min-width: 8rem; } section { padding: .9rem; } }
`;
