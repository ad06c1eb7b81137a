export const DOCS_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e6e9ef); --quiet: light-dark(#5b6675, #9aa5b5);
  --line: light-dark(#dfe3ea, #303846); --paper: light-dark(#fff, #151a22); --wash: light-dark(#f5f7fa, #1c222c); }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr); color: var(--ink); background: var(--paper);
  font: 15px/1.6 system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line);
  background: var(--wash); font-size: 13px; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav h2 { font-size: 13px; margin: 1rem 0 .25rem; color: var(--quiet); }
nav li { padding: .15rem 0; }
a { color: inherit; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.brand { font-weight: 700; }
main { padding: 1.5rem 2.5rem 4rem; max-width: 62rem; }
article { border-top: 1px solid var(--line); padding: 1rem 0; }
h3 { margin: .25rem 0; }
.GET, .POST, .PUT, .DELETE, .PATCH { font-size: 11px; padding: .1rem .35rem; border-radius: .25rem; color: #fff; background: #3867d6; }
.POST { background: #1e8449; }
.PUT, .PATCH { background: #b9770e; }
.DELETE { background: #c0392b; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--wash); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; overflow: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; }
th { color: var(--quiet); font-weight: 600; }
details { margin: .4rem 0; }
summary { cursor: pointer; color: var(--quiet); }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } main { padding: 1rem; } }
`;
