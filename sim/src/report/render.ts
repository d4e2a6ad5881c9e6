import type { RunRecord } from '../record.ts'
import * as client from './client/index.ts'
import { encodeRecord } from './encode.ts'
import { STYLE } from './style.ts'

const { clockText, numberText } = client

/** Nothing is fetched: a report is one file that lasts. */
const POLICY = 'default-src \'none\'; style-src \'unsafe-inline\'; script-src \'unsafe-inline\'; img-src data:'

/** One HTML file that shows a run, by itself and anywhere; the same for the same record. */
export function renderReport (record: RunRecord): string {
  const { report, about } = record
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(report.scenario)}, seed ${escaped(String(report.seed))}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<div class="title"><h1>${escaped(report.scenario)}</h1><p>${escaped(about)}</p></div>
${verdict(record)}
<div class="again"><span>To play it again</span><code id="command">${escaped(record.command)}</code>
<button type="button" id="copy">Copy</button></div>
</header>
<dl class="figures" aria-label="Key figures">${figures(record)}</dl>
${player(record.places.length)}
<main>
${CHARTS}
${PLACES}
${STORY}
</main>
<div id="tip" role="tooltip" hidden></div>
<script type="application/json" id="record">${forScript(JSON.stringify(encodeRecord(record)))}</script>
<script>${script()}</script>
</body>
</html>
`
}

/** All held, or what broke first and what else did. */
function verdict ({ report: { broken } }: RunRecord): string {
  const [first] = broken
  if (first === undefined) return '<p class="verdict held"><strong>All held</strong></p>'
  const all = broken.length === 1
    ? ''
    : `<details><summary>All ${broken.length} that did not hold</summary>` +
      `<ol>${broken.map(what => `<li>${escaped(what)}</li>`).join('')}</ol></details>`
  return `<div class="verdict broke"><p><strong>Broke first</strong> ${escaped(first)}</p>${all}</div>`
}

function figures ({ report, samples, story }: RunRecord): string {
  const count = (kind: string): number => story.filter(line => line.kind === kind).length
  type Row = [name: string, value: string, exact?: string]
  const rows: Row[] = [
    ['seed', String(report.seed)],
    ['nodes', String(report.nodes)],
    ['time that passed', clockText(report.virtualSeconds * 1000)],
    ['faults played', String(count('fault'))],
    ['messages', numberText(report.messages), String(report.messages)],
    ['samples', String(samples.length)],
    ...Object.entries(report.figures).map(([name, value]): Row => [inWords(name), numberText(value), String(value)])
  ]
  rows.push(['trace', report.traceHash.slice(0, 12), report.traceHash])
  return rows.map(([name, value, exact = value]) =>
    `<div><dt>${escaped(name)}</dt><dd title="${escaped(exact)}">${escaped(value)}</dd></div>`).join('')
}

/** `latencyMsMean` as `latency ms mean`. */
function inWords (name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
}

const player = (nodes: number): string =>
  `<section class="player" aria-label="Player" style="--digits: ${String(nodes).length}">
<button type="button" id="play" class="main">Play</button>
<label><span class="unseen">Speed</span><select id="speed"></select></label>
<input type="range" id="scrubber" min="0" value="0" aria-label="Moment of the run">
<output id="now">0:00.0</output>
<ul class="counts" aria-label="Nodes by condition">${[...client.CONDITIONS].toReversed().map(condition =>
  `<li><i class="mark ${condition}"></i><b id="count-${condition}">–</b> ${condition}</li>`).join('')}
<li id="parted"></li></ul>
</section>`

const CHARTS = `<section class="charts" aria-labelledby="charts-title">
<div class="head"><h2 id="charts-title">What happened</h2>
<p class="hint">Click to go there, drag to look closer. Space plays, arrows step.</p>
<div class="buttons"><button type="button" id="zoom-in" aria-label="Closer">+</button>
<button type="button" id="zoom-out" aria-label="Farther">−</button>
<button type="button" id="zoom-all">Whole run</button></div></div>
<div id="stack"><div id="choice" hidden></div><div id="ghost" hidden></div><div id="cursor"></div></div>
</section>`

const PLACES = `<section class="places" aria-label="Nodes">
<h2>Where the nodes stand</h2>
<canvas id="map" role="img" aria-label="Map of the nodes in latency space"></canvas>
<p class="hint" id="map-note"></p>
<h2>Sites and racks</h2>
<canvas id="racks" role="img" aria-label="The nodes by site and rack"></canvas>
</section>`

const STORY = `<section class="story" aria-labelledby="story-title">
<div class="head"><h2 id="story-title">The story</h2><span class="hint" id="story-count"></span>
<label class="follow"><input type="checkbox" id="follow" checked> follow the player</label></div>
<div class="filters"><input type="search" id="search" placeholder="Words or nodes" aria-label="Search the story">
<div id="kinds" role="group" aria-label="Kinds of lines"></div></div>
<div id="story-list" tabindex="-1"><ol id="story-rows"></ol></div>
</section>`

/** The text of everything the client exports, and its start. */
function script (): string {
  const parts = Object.entries(client).map(([name, what]) =>
    typeof what === 'function' ? String(what) : `const ${name} = ${JSON.stringify(what)}`)
  return forScript(`(() => {\n'use strict'\n${parts.join('\n')}\nstartPage()\n})()`, '<\\/')
}

/** Text that cannot end the script it stands in. JSON may escape any `<`; code only those before a `/`. */
function forScript (text: string, closing?: string): string {
  return closing === undefined ? text.replaceAll('<', '\\u003c') : text.replaceAll('</', closing)
}

function escaped (text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }
  return text.replaceAll(/[&<>"']/g, character => names[character] as string)
}
