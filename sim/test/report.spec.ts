import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import type { NodeCondition, RunRecord, Sample, StoryLine } from '../src/record.ts'
import {
  countUp, decodeRuns, encodeRuns, faultBars, groupByPlace, placeNodes, planRacks, settle, type Line, type PageRecord
} from '../src/report/client/index.ts'
import { renderReport } from '../src/report/index.ts'

const HOSTILE = '</script><img src=x onerror=alert(1)>"\'&<!--'

function recordOf (changes: Partial<RunRecord> = {}): RunRecord {
  return {
    report: {
      scenario: 'rack-power-cut', seed: '7', nodes: 3, broken: [], figures: { tasksDone: 12 }, objects: {},
      faults: [1], planned: 1, virtualSeconds: 60, events: 1, messages: 2, bytes: 3, traceLines: 3,
      traceHash: 'ab'.repeat(32), storyLinesLeftOut: 0, interrupted: false
    },
    about: 'A rack loses power.', command: 'welkin-sim run rack-power-cut --seed 7',
    places: ['n0', 'n1', 'n2'].map((name, index) => ({ name, zone: `acme/lyon/r${index}` })),
    positions: [[0, 1], undefined, [Number.NaN, 2]],
    samplePeriodMs: 500, samples: [], story: [],
    ...changes
  }
}

function sampleOf (changes: Partial<Sample> = {}): Sample {
  return {
    atMs: 0, conditions: ['up', 'crashed', 'up'], seenRatio: 1, ghosts: 0, tasksRunning: 4, messages: 10, bytes: 900,
    partition: [], ...changes
  }
}

/** What lies in the page. */
function embedded (html: string): PageRecord & Partial<RunRecord> {
  const [, json = ''] = /<script type="application\/json" id="record">(.*?)<\/script>/s.exec(html) ?? []
  return JSON.parse(json) as PageRecord & Partial<RunRecord>
}

function scriptOf (html: string): string {
  return /<script>(.*?)<\/script>/s.exec(html)?.[1] ?? ''
}

describe('the report of a run', () => {
  it('shows hostile text as text', () => {
    const { report } = recordOf()
    const html = renderReport(recordOf({
      report: {
        ...report, scenario: HOSTILE, seed: HOSTILE, broken: [HOSTILE], figures: { [HOSTILE]: 1 }, traceHash: HOSTILE
      },
      about: HOSTILE, command: HOSTILE, places: [{ name: HOSTILE, zone: HOSTILE }],
      story: [{ atMs: 1, kind: 'broken', nodes: [HOSTILE], text: HOSTILE }]
    }))
    expect(html).not.to.include('<img').and.not.to.include('<!--')
    expect(html.match(/<\/script>/g)).to.have.length(2)
    expect(embedded(html).story).to.deep.equal([[1, 'broken', [0], HOSTILE]])
  })

  it('holds all of the record', () => {
    const samples = [
      sampleOf(), sampleOf({ atMs: 500 }),
      sampleOf({ atMs: 1000, conditions: ['paused', 'off', 'up'], partition: [[0], [2]] })
    ]
    const story: StoryLine[] = [{ atMs: 4, kind: 'event', nodes: ['n2', 'elsewhere'], text: 'nodeSuspected' }]
    const record = recordOf({ samples, story })
    const page = embedded(renderReport(record))
    expect(page).to.deep.include({
      report: record.report, about: record.about, command: record.command, names: ['n0', 'n1', 'n2'], untilMs: 60_000,
      positions: [[0, 1], null, null], samplePeriodMs: 500, story: [[4, 'event', [2, 'elsewhere'], 'nodeSuspected']]
    })
    expect(page.samples.conditions).to.deep.equal(['DBD', '', 'CAD'])
    expect(page.samples.groups).to.deep.equal(['A3', '', 'BAC'])
    expect(page.samples.bytes).to.deep.equal([900, 900, 900])
    expect(countUp(page)).to.deep.equal([2, 2, 1])
  })

  it('shows a run of which no sample was taken', () => {
    const html = renderReport(recordOf({ places: [], positions: [] }))
    expect(embedded(html).samples.atMs).to.deep.equal([])
    expect(html).to.include('All held')
  })

  it('says what broke first', () => {
    const broken = ['61.500 s: a task ran twice', '70.000 s: another']
    const story: StoryLine[] = [{ atMs: 61_500, kind: 'broken', nodes: [], text: 'a task ran twice' }]
    const html = renderReport(recordOf({ report: { ...recordOf().report, broken }, story }))
    expect(html).to.include('<strong>Broke first</strong> 61.500 s: a task ran twice').and.not.to.include('All held')
  })

  it('fetches nothing, and its script is whole', () => {
    const html = renderReport(recordOf())
    expect(html).not.to.match(/https?:|@import|url\(/)
    expect(() => new Script(scriptOf(html))).not.to.throw()
    const folder = fileURLToPath(new URL('../../src/report/client/', import.meta.url))
    const kept = readdirSync(folder).filter(name => name.endsWith('.ts')).flatMap(name =>
      readFileSync(folder + name, 'utf8').split('\n').filter(line => /^(async|function|const|let|class) /.test(line)))
    expect(kept, 'the page is given only what is exported').to.deep.equal([])
  })

  it('stays below 15 MB for 10,000 nodes and 600 samples, however they change', function () {
    this.timeout(20_000)
    const places = Array.from({ length: 10_000 }, (_, index) =>
      ({ name: `n${index}`, zone: `acme/s${index % 10}/r${index % 400}` }))
    const words: NodeCondition[] = ['up', 'off', 'paused', 'crashed']
    const samples = Array.from({ length: 600 }, (_, moment) => sampleOf({
      atMs: moment * 500, conditions: places.map((_place, index) => words[(index + moment) % 4] as NodeCondition),
      partition: moment % 2 === 0 ? [] : [places.map((_place, index) => index).filter(index => index % 2 === 0)]
    }))
    const html = renderReport(recordOf({ places, positions: places.map(() => [1.25, 2.5]), samples }))
    expect(html.length).to.be.below(15_000_000)
  })
})

describe('what a report makes of a record', () => {
  it('runs of numbers come back as they were', () => {
    for (const values of [[], [0], [3, 3, 3, 0, 1, 1], [12_000, 0, 12_000]]) {
      expect([...decodeRuns(encodeRuns(values), values.length)]).to.deep.equal(values)
    }
    expect([...decodeRuns('B', 3)]).to.deep.equal([1, 0, 0])
  })

  it('a fault ends with what mends it', () => {
    const story: Line[] = [
      [10, 'fault', [1, 2], 'power of r1'], [20, 'fault', [3], 'crash'], [25, 'fault', [], 'the network is cut'],
      [30, 'mended', [3], 'starts again'], [40, 'mended', [1], 'boots'], [50, 'mended', [2], 'boots'],
      [60, 'mended', [], 'the network is whole'], [70, 'fault', [5], 'paused'], [80, 'mended', [9], 'nothing of ours']
    ]
    expect(faultBars(story, 100).map(({ fromMs, toMs, row }) => [fromMs, toMs, row])).to.deep.equal([
      [10, 50, 0], [20, 30, 1], [25, 60, 2], [70, undefined, 0]
    ])
  })

  it('nodes that know no position stand amid their rack, else sites stand apart', () => {
    const sites = groupByPlace(['a/x/r1', 'a/x/r1', 'a/y/r1'])
    expect(sites.map(({ name }) => name)).to.deep.equal(['x', 'y'])
    expect(placeNodes(sites, [[4, 6], null, [0, 0]])[1]).to.deep.equal([4, 6])
    const [first, , third] = placeNodes(sites, [null, null, null])
    expect(first).not.to.deep.equal(third)
  })

  it('no two nodes cover each other', () => {
    const settled = settle(Array.from({ length: 500 }, () => [50, 50]), 4)
    expect(new Set(settled.map(String)).size).to.equal(500)
  })

  for (const [count, heightMax] of [[3, 400], [60, 400], [1000, 400], [10_000, 600]] as const) {
    it(`${count} nodes fit into the drawing of racks`, () => {
      const zones = Array.from({ length: count }, (_, index) => `a/s${index % 5}/r${Math.floor(index / 5) % 40}`)
      const plan = planRacks(groupByPlace(zones), 440, 400)
      expect(plan.squares).to.have.length(count)
      expect(plan.height).to.be.at.most(heightMax)
      expect(Math.max(...plan.squares.map(([x]) => x))).to.be.at.most(440)
    })
  }
})
