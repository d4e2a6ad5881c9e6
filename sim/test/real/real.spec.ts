import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listProcesses } from '@welkin/local-cloud'
import { runReal } from '../../src/real/run-real.ts'
import { planOf } from '../../src/run.ts'
import { parseScenario } from '../../src/scenario/parse.ts'

const WELKIN_SIM = fileURLToPath(new URL('../../../bin/welkin-sim.js', import.meta.url))

const SCENARIO = parseScenario(`
name: small
about: A rack loses power, a daemon stands still, the other is cut off, and a clock is wrong, which it cannot be here.
topology: { racks: 2, nodes: 2 }
workload: { tasks: { perNodeAndMinute: 20, runs: 1s, memory: 16777216 }, looks: 10 }
join: 1s
until: 8s
faults:
  - { fault: power-cut, of: sim/s1/r2, at: 1s, for: 3s }
  - { fault: pause, of: n1, at: 2s, for: 1s }
  - { fault: partition, of: n3, at: 2s, for: 1s }
  - { fault: clock-step, of: n1, at: 3s }
`, 'small')

describe('a scenario on real daemons', function () {
  this.timeout(120_000)
  let home: string
  const usual = process.env['WELKIN_HOME']
  const left = (): string[] => listProcesses().flatMap(({ command }) => command.includes(home) ? command : [])

  beforeEach(() => {
    home = join(mkdtempSync(join(tmpdir(), 'welkin-real-')), 'home')
    process.env['WELKIN_HOME'] = home
  })

  afterEach(() => {
    if (usual === undefined) delete process.env['WELKIN_HOME']
    else process.env['WELKIN_HOME'] = usual
    rmSync(join(home, '..'), { recursive: true, force: true })
  })

  it('has the faults of the same run in virtual time, holds, says what was left out, and leaves nothing', async () => {
    const report = await runReal(SCENARIO, { seed: '1' })
    expect(report.broken).to.deep.equal([])
    expect(report.interrupted).to.equal(false)
    expect(report.leftOut).to.deep.equal(['fault #4 clock-step of n1 seconds 60'])
    expect(report.faults).to.deep.equal([1, 2, 3])
    expect(report.planned).to.equal(planOf(SCENARIO, { seed: '1' }).length)
    const { figures, objects, story } = report
    expect(figures['acknowledged']).to.be.above(0)
    expect(Object.values(objects).reduce((sum, count) => sum + count, 0)).to.equal(figures['acknowledged'])
    expect(figures['bytesPerSecond']).to.be.above(100)
    expect(figures['noticedSeconds']).to.be.within(0.5, 30)
    expect(story.filter(({ text }) => text === 'powered off').map(({ nodes: [name] }) => name).slice(0, 2))
      .to.have.members(['n2', 'n4'])
    expect(left()).to.deep.equal([])
    expect(existsSync(home)).to.equal(false)
  })

  it('ends at Ctrl-C, with a report of what was done, and leaves nothing', async () => {
    const sim = spawn(process.execPath, [WELKIN_SIM, 'real', 'short-pauses', '--nodes', '3', '--json'])
    let stdout = ''
    sim.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
    while (left().filter(command => command.includes('welkind')).length < 2) {
      await new Promise(resolve => { setTimeout(resolve, 100) })
    }
    sim.kill('SIGINT')
    const [status] = await once(sim, 'close')
    expect(status).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({ scenario: 'short-pauses', interrupted: true, broken: [] })
    expect(left()).to.deep.equal([])
    expect(existsSync(home)).to.equal(false)
  })
})
