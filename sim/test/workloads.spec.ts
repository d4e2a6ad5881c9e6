import { expect } from 'chai'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { runScenario } from '../src/run.ts'
import { withContents } from '../src/scenario/contents.ts'
import { parseScenario } from '../src/scenario/parse.ts'
import type { ScenarioDescription } from '../src/scenario/schema.ts'
import { drawFrom, parseHistograms } from '../src/workloads/histograms.ts'
import { taskOf } from '../src/workloads/jobs.ts'
import { parseSwf } from '../src/workloads/swf.ts'

const MACHINE = { hostname: 'm', os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 2 ** 34, diskBytes: 2 ** 40 }

/** A line of a trace in which nothing is known but what is given, by the standard's numbers of its fields. */
function line (fields: Record<number, number | string>): string {
  return Array.from({ length: 18 }, (_, i) => fields[i + 1] ?? -1).join(' ')
}

async function scenarioOf (workload: string, text: string): Promise<ScenarioDescription> {
  const scenario = parseScenario(`
name: mine
about: Jobs come.
topology: { nodes: 4 }
workload: ${workload}
until: 1m`, 'mine')
  return await withContents(scenario, async () => text)
}

describe('a trace of jobs', () => {
  it('is read with what the standard says of missing values', () => {
    const jobs = parseSwf(`; Version: 2.2\n\n${[
      { 1: 1, 2: 100, 4: 60, 5: 8, 7: 1024, 8: 16, 10: 4096, 11: 1 },
      { 1: 2, 2: 130, 4: 5, 8: 2, 10: 10, 11: 0 }, // nobody knows what it used: what it asked for
      { 1: 3, 2: 90, 4: 0, 5: 1, 11: 1 }, // came earlier, and took less than a second
      { 1: 4, 2: 140, 4: 0, 5: 1, 11: 5 }, // cancelled before it ran
      { 1: 5, 2: 140, 5: 1 }, { 1: 6, 2: 140, 4: 5 }, { 1: 7, 4: 5, 5: 1 }, // something is not known
      { 1: 1, 2: 100, 4: 30, 5: 8, 11: 2 } // a part of the first
    ].map(line).join('\r\n')}\n`, 'a.swf')
    expect(jobs).to.deep.equal([
      { submitSeconds: 0, runSeconds: 0, processors: 1, memoryBytes: undefined },
      { submitSeconds: 10, runSeconds: 60, processors: 8, memoryBytes: 8 * 2 ** 20 },
      { submitSeconds: 40, runSeconds: 5, processors: 2, memoryBytes: 20 * 1024 }
    ])
  })

  for (const [why, text, told] of [
    ['a line that is too short', `; x\n${line({ 2: 1, 4: 1, 5: 1 })}\n1 2 3`, 'Line 3 of a.swf is no job: it has 3'],
    ['a word', line({ 2: 1, 4: 'soon' }), 'Line 1 of a.swf is no job: field 4 is no number: "soon"'],
    ['nothing that ran', `${line({ 2: 1 })}\n`, 'a.swf has no job that ran']
  ] as const) {
    it(`is refused for ${why}, with the line`, () => {
      expect(() => parseSwf(text, 'a.swf')).to.throw(told).with.property('code', 'EINVAL')
    })
  }

  it('is played in its own time, faster', async () => {
    const text = [0, 100, 200, 400, 600].map(submit => line({ 2: 5000 + submit, 4: 50, 5: 6 })).join('\n')
    const scenario = await scenarioOf('{ trace: { file: a.swf, compress: 10, from: 100s } }', text)
    const running: number[] = []
    const { report } = await runScenario(scenario, {
      seed: '1',
      onBegin: cloud => cloud.every(1000, () => {
        running.push([...cloud.machines.values()].flatMap(({ processes }) => processes.runningObjects()).length)
      })
    })
    expect(report.broken).to.deep.equal([])
    expect(report.figures).to.include({ acknowledged: 2 * 4, exited: 2 * 4 })
    expect(Math.max(...running), 'each runs for 5 s, and the next comes 10 s later').to.equal(2)
  })
})

describe('a job', () => {
  const limits = { longest: 300, cpuCount: 16, machine: MACHINE }

  it('becomes the fewest objects that are alike and fit on machines', () => {
    const task = (cpu: number, memoryBytes?: number): unknown => {
      const { count, cpu: each, memoryBytes: bytes } = taskOf({ seconds: 1, cpu, memoryBytes }, limits, false)
      return [count, each, bytes]
    }
    expect(task(3)).to.deep.equal([1, 3, 2 ** 20])
    expect(task(6, 6e9)).to.deep.equal([2, 3, 3e9])
    expect(task(1, 1e12)).to.deep.equal([1, 1, 2 ** 34])
    expect(task(1000)).to.deep.equal([4, 4, 2 ** 20])
  })

  it('runs for no longer than may be, and not for nothing', () => {
    const seconds = (given: number): number =>
      taskOf({ seconds: given, cpu: 1, memoryBytes: undefined }, limits, false).seconds
    expect([0, 7, 1e9].map(seconds)).to.deep.equal([0.1, 7, 300])
  })
})

describe('histograms of jobs', () => {
  const kind = (jobs: number, more: object = {}): object => ({
    num_jobs: jobs, cores: { counts: [0, 0, 7] }, flops: { counts: [0, 3], bins: [0, 1e9, 3e9] }, ...more
  })
  const memory = { counts: [1], bins: [100, 200] }
  const text = JSON.stringify({ some: kind(3, { memory, outfilesize: 'x' }), none: kind(0) })

  it('are drawn from by how often each was seen, within its bins', () => {
    const random = createVirtualRandom('histograms')
    const drawn = Array.from({ length: 1000 }, () => drawFrom(random, { counts: [1, 0, 3], bins: [0, 10, 20, 40] }))
    const share = (from: number, to: number): number =>
      drawn.filter(value => value >= from && value < to).length / drawn.length
    expect(share(0, 10)).to.be.within(0.2, 0.3)
    expect(share(10, 20)).to.equal(0)
    expect(share(20, 30)).to.be.within(0.33, 0.42)
    expect(share(0, 40)).to.equal(1)
  })

  it('say the number of cores by the place of a count, where there are no bins', () => {
    expect(parseHistograms(text, 'h.json')[0]?.cores.bins).to.deep.equal([-0.5, 0.5, 1.5, 2.5])
  })

  for (const [why, given, told] of [
    ['no JSON', '{', 'h.json is no JSON'],
    ['bins that do not fit', JSON.stringify({ a: kind(1, { flops: { counts: [1], bins: [1] } }) }), 'a flops must'],
    ['counts that are all 0', JSON.stringify({ a: kind(1, { cores: { counts: [0] } }) }), 'a cores counts must not be'],
    ['no jobs', JSON.stringify({ a: kind(0) }), 'has no class with jobs']
  ] as const) {
    it(`are refused for ${why}`, () => {
      expect(() => parseHistograms(given, 'h.json')).to.throw(told).with.property('code', 'EINVAL')
    })
  }

  it('are refused where a class is wanted that they do not have', async () => {
    for (const wanted of ['other', 'none']) {
      const error = await scenarioOf(`{ histograms: { file: h.json, classes: [${wanted}] } }`, text)
        .catch((caught: Error) => caught)
      expect(error).to.be.an('error').with.property('message', `h.json has no jobs of ${wanted}; it has some.`)
    }
  })

  it('make jobs that arrive by chance', async () => {
    const workload = '{ histograms: { file: h.json, perNodeAndMinute: 4, flopsPerSecond: 1e8, compress: 2 } }'
    const { report } = await runScenario(await scenarioOf(workload, text), { seed: '1' })
    expect(report.broken).to.deep.equal([])
    expect(report.figures['acknowledged']).to.be.above(5)
    expect(report.figures['exited']).to.equal(report.figures['acknowledged'])
  })
})
