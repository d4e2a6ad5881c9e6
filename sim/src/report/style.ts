/** The page's dress: light or dark as the reader's system is. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f6; --panel: #ffffff; --ink: #1c2127; --muted: #606a76; --line: #d9dde2; --accent: #2464a8;
  --fault: #c27a00; --broken: #c62828; --held: #1f7a43;
  --up: #2f7fc1; --paused: #b97d00; --crashed: #cc2f2f; --off: #8b95a1;
  --group-1: #7b3fb5; --group-2: #0c8577; --group-3: #bd4f12; --group-4: #a82a72; --group-5: #56750f;
  --group-6: #4453c8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111418; --panel: #191d23; --ink: #e3e7ec; --muted: #97a2af; --line: #2f363f; --accent: #74aef2;
    --fault: #e3a63c; --broken: #ff6f66; --held: #5cc487;
    --up: #5aa6ea; --paused: #e6b04c; --crashed: #ff6f66; --off: #77828e;
    --group-1: #b98af0; --group-2: #45c4b3; --group-3: #f0925a; --group-4: #e77ab6; --group-5: #a5c653;
  --group-6: #8f9bff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
h1, h2, p, dl, dd, ol, ul { margin: 0; padding: 0; }
h1 { font-size: 22px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 14px; font-weight: 650; }
ul, ol { list-style: none; }
code, output, time, dd { font-variant-numeric: tabular-nums; }
button, select, input[type=search] {
  font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  padding: 4px 10px; min-height: 32px;
}
button { cursor: pointer; }
button:hover { border-color: var(--muted); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.hint { color: var(--muted); font-size: 12px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

header, .figures, main { max-width: 1560px; margin: 0 auto; padding: 0 20px; }
header { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 10px 24px; padding-top: 18px;
  align-items: start; }
.title p { color: var(--muted); max-width: 80ch; overflow-wrap: anywhere; }
.verdict { border-radius: 8px; padding: 8px 14px; border: 1px solid; background: var(--panel); max-width: 640px;
  overflow-wrap: anywhere; }
.verdict.held { color: var(--held); }
.verdict.broke { border-color: var(--broken); }
.verdict.broke strong { color: var(--broken); margin-right: 6px; }
.verdict summary { cursor: pointer; color: var(--muted); font-size: 12px; }
.verdict ol { max-height: 220px; overflow: auto; font-size: 12px; padding: 4px 0 0 20px; list-style: decimal; }
.again { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; }
.again span { color: var(--muted); font-size: 12px; }
.again code { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 5px 10px;
  font-family: ui-monospace, monospace; font-size: 13px; overflow-wrap: anywhere; min-width: 0; }
.figures { display: flex; flex-wrap: wrap; gap: 8px 26px; padding-top: 14px; padding-bottom: 12px; }
.figures div { display: flex; flex-direction: column-reverse; min-width: 0; }
.figures dt { color: var(--muted); font-size: 12px; }
.figures dd { font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }

.player { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px;
  padding: 8px max(20px, calc((100% - 1520px) / 2)); background: var(--panel); border-block: 1px solid var(--line); }
.player .main { min-width: 72px; background: var(--accent); border-color: var(--accent); color: var(--panel);
  font-weight: 600; }
#scrubber { flex: 1 1 200px; min-width: 120px; accent-color: var(--accent); }
#now { min-width: 62px; text-align: right; font-weight: 600; }
.counts { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; color: var(--muted); }
.counts li { white-space: nowrap; min-width: calc(var(--digits) * 1ch + 9ch); }
.counts li:last-child { min-width: 0; }
.counts b { color: var(--ink);
  font-variant-numeric: tabular-nums; }
#parted { color: var(--ink); font-weight: 600; min-width: 15ch; }
.mark { display: inline-block; width: 10px; height: 10px; margin-right: 5px; }
.mark.up { background: var(--up); border-radius: 50%; }
.mark.paused { border: solid var(--paused); border-width: 0 3.5px; }
.mark.crashed { background: linear-gradient(45deg, transparent 42%, var(--crashed) 42% 58%, transparent 58%),
  linear-gradient(-45deg, transparent 42%, var(--crashed) 42% 58%, transparent 58%); }
.mark.off { border: 1.5px solid var(--off); border-radius: 50%; }

main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(320px, 34%); gap: 14px; padding-top: 14px;
  padding-bottom: 30px; align-items: start; }
section.charts, section.places, section.story { background: var(--panel); border: 1px solid var(--line);
  border-radius: 10px; padding: 12px 14px; min-width: 0; }
.story { grid-column: 1 / -1; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; margin-bottom: 8px; }
.head .buttons, .head .follow { margin-left: auto; }
.head button { padding: 1px 10px; min-height: 28px; }
canvas { display: block; width: 100%; }
#stack { position: relative; touch-action: pan-y; cursor: crosshair; user-select: none; }
.plot-head { display: flex; justify-content: space-between; padding: 8px 8px 0 60px; font-size: 12px; }
.plot-head span { color: var(--muted); }
.plot-head output { font-weight: 600; }
#cursor, #ghost, #choice { position: absolute; top: 0; bottom: 0; left: 0; pointer-events: none; }
#cursor { width: 2px; margin-left: -1px; background: var(--accent); z-index: 1; }
#ghost { width: 1px; background: var(--muted); opacity: 0.6; }
#choice { background: var(--accent); opacity: 0.18; }
.none { padding: 30px 0 30px 60px; color: var(--muted); }
#map { height: 340px; margin-top: 6px; }
.places .hint { margin: 4px 0 14px; }
#racks { margin-top: 8px; }

.filters { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin-bottom: 8px; }
#search { flex: 0 1 260px; min-width: 160px; }
#kinds { display: flex; flex-wrap: wrap; gap: 4px 14px; }
#kinds label { display: inline-flex; align-items: center; gap: 5px; cursor: pointer; }
#kinds .count { color: var(--muted); font-size: 12px; font-weight: 400; }
#story-list { --row: 30px; height: 420px; overflow: auto; border-top: 1px solid var(--line); overflow-anchor: none; }
#story-rows { position: relative; }
#story-rows li { position: absolute; inset: 0 0 auto; height: var(--row); }
#story-rows button { display: grid; grid-template-columns: 70px 66px minmax(0, 1fr) minmax(0, 30%); gap: 0 10px;
  width: 100%; height: var(--row); min-height: 0; padding: 0 8px; border: 0; border-radius: 0; background: none;
  align-items: center; text-align: left; border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
#story-rows button:hover { background: color-mix(in srgb, var(--accent) 9%, transparent); }
#story-rows button[aria-current] { background: color-mix(in srgb, var(--accent) 17%, transparent); }
#story-rows button:focus-visible { outline-offset: -2px; }
#story-rows time { text-align: right; color: var(--muted); }
.what, .who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.who { color: var(--muted); font-size: 12px; }
.kind { font-size: 13px; font-weight: 600; color: var(--muted); }
.kind.fault, .kind.mended { color: var(--fault); }
.kind.mended { font-weight: 400; }
.kind.broken { color: var(--broken); }
.kind.phase { color: var(--ink); }
.kind.event { color: var(--accent); }

#tip { position: fixed; top: 0; left: 0; z-index: 5; pointer-events: none; max-width: min(440px, 92vw);
  padding: 6px 9px;
  font-size: 12px; background: var(--ink); color: var(--panel); border-radius: 6px; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
#tip div:first-child { font-weight: 600; }

@media (max-width: 900px) {
  header, .figures, main { padding-left: 10px; padding-right: 10px; }
  header { grid-template-columns: minmax(0, 1fr); }
  main { grid-template-columns: minmax(0, 1fr); gap: 10px; }
  section.charts, section.places, section.story { padding: 10px 8px; }
  .figures { gap: 6px 18px; }
  .figures dd { font-size: 15px; }
  .player { padding: 6px 10px; gap: 4px 8px; }
  #scrubber { min-width: 90px; flex-basis: 90px; }
  .counts { gap: 0 10px; font-size: 12px; flex-basis: 100%; }
  #parted { min-width: 0; }
  #map { height: 300px; }
  #story-list { --row: 50px; height: 500px; }
  #story-rows button { grid-template-columns: 58px minmax(0, 1fr); align-content: center; padding: 0 4px; }
  #story-rows .kind { order: 1; font-size: 12px; }
  #story-rows .who { display: none; }
  #story-rows .what { grid-column: 2; order: 2; }
  #story-rows time { grid-row: 1 / 3; align-self: start; padding-top: 2px; }
}
@media print {
  .player { position: static; }
}
`
