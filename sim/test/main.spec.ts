import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const WELKIN_SIM = fileURLToPath(new URL('../../bin/welkin-sim.js', import.meta.url))

/** Two nodes that must not be held to be down, and one of them is cut off. */
const BREAKS = `
name: breaks
about: Breaks by its third fault alone.
topology: { nodes: 3 }
until: 1m
noFalseDowns: true
faults:
  - { fault: clock-step, at: 1s, of: n1, for: 10s }
  - { fault: busy, at: 2s, of: n2, for: 10s }
  - { fault: partition, at: 5s, of: n3, for: 40s }
`

describe('welkin-sim', function () {
  this.timeout(60_000)
  let folder: string
  const file = (name: string): string => join(folder, name)
  const sim = (...args: string[]) => spawnSync(process.execPath, [WELKIN_SIM, ...args], { encoding: 'utf8' })

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'welkin-sim-'))
    writeFileSync(file('breaks.yaml'), BREAKS)
    writeFileSync(file('lacks.yaml'), '{ name: lacks, about: Its trace, workload: { trace: { file: none.swf } } }')
    writeFileSync(file('data.yaml'), '{ name: d, about: x, workload: { trace: { file: $WELKIN_DATA/t.swf.gz } } }')
    writeFileSync(file('t.swf.gz'), gzipSync(`${'1 '.repeat(18)}\n1 2 3\n`))
  })

  after(() => { rmSync(folder, { recursive: true }) })

  it('plays a scenario and reports it for programs, with its trace and a page', () => {
    const { status, stdout } = sim('run', 'rack-power-cut', '--nodes', '10', '--until', '30s', '--seed', 'spec',
      '--json', '--trace', file('trace'), '--report', file('page.html'))
    expect(status).to.equal(0)
    const report = JSON.parse(stdout)
    expect(report).to.deep.include({ scenario: 'rack-power-cut', seed: 'spec', nodes: 10, broken: [], faults: [1] })
    const lines = readFileSync(file('trace'), 'utf8').trimEnd().split('\n')
    expect(lines).to.have.lengthOf(report.traceLines)
    expect(JSON.parse(lines[0] as string)).to.have.keys('atMs', 'what')
    expect(readFileSync(file('page.html'), 'utf8')).to.include('rack-power-cut')
  })

  it('says what broke, and how to see it again', () => {
    const { status, stdout } = sim('run', file('breaks.yaml'))
    expect(status).to.equal(1)
    expect(stdout).to.include('held to be down').and.include(`again: welkin-sim run ${file('breaks.yaml')} --seed 1`)
  })

  it('finds the fault that breaks it', () => {
    const { status, stdout } = sim('shrink', file('breaks.yaml'), '--json')
    expect(status).to.equal(1)
    const { command, faults } = JSON.parse(stdout)
    expect(faults.map(({ name }: { name: string }) => name)).to.deep.equal(['partition'])
    expect(command).to.match(/ --faults 3$/)
  })

  it('tells the story of one node from a time on', () => {
    const { stdout } = sim('replay', file('breaks.yaml'), '--node', 'n1', '--from', '4s', '--json')
    const lines = stdout.trimEnd().split('\n').map(line => JSON.parse(line))
    expect(lines.some(({ text }) => text.startsWith('nodeDown n3'))).to.equal(true)
    for (const { atMs, nodes, text } of lines) {
      expect(atMs).to.be.at.least(4000)
      expect(nodes.length === 0 || nodes.includes('n1') || text.split(' ').includes('n1')).to.equal(true)
    }
  })

  it('plays many seeds, and lists what broke', () => {
    const { status, stdout } = sim('soak', file('breaks.yaml'), '--seeds', '3', '--jobs', '2', '--json')
    expect(status).to.equal(1)
    const { runs, broken } = JSON.parse(stdout)
    expect(runs).to.equal(3)
    expect(broken.map(({ seed }: { seed: string }) => seed).toSorted()).to.deep.equal(['1', '2', '3'])
  })

  it('tells what there is to play, and what can go wrong', () => {
    const { status, stdout } = sim('list', '--json')
    expect(status).to.equal(0)
    const { scenarios, faults } = JSON.parse(stdout)
    const namesOf = (all: Array<{ name: string }>): string[] => all.map(({ name }) => name)
    expect(namesOf(scenarios)).to.include('rack-power-cut')
    expect(namesOf(faults)).to.include('swizzle-clog')
  })

  it('says which faults there are, where others are asked for', () => {
    expect(sim('run', 'clock-step', '--faults', '3,999').stderr)
      .to.include('There is no fault 999; the plan of this run has faults 1 to 3.')
    expect(sim('replay', 'flash-crowd', '--faults', '1').stderr).to.include('the plan of this run has no faults.')
  })

  for (const args of [[], ['help'], ['--help'], ['-h'], ['soak', '--help'], ['help', 'soak'], ['run', '-h']]) {
    it(`tells how it is used by ${['welkin-sim', ...args].join(' ')}`, () => {
      const { status, stdout } = sim(...args)
      expect(status).to.equal(0)
      expect(stdout).to.match(/^usage: welkin-sim COMMAND/)
    })
  }

  it('says what is wrong in a file that a scenario names, wherever that is', () => {
    const told = (scenario: string, env: NodeJS.ProcessEnv = {}): string =>
      spawnSync(process.execPath, [WELKIN_SIM, 'run', file(scenario)], { encoding: 'utf8', env }).stderr
    expect(told('lacks.yaml')).to.include(`lacks.yaml names a file that cannot be read: ENOENT`).and.include(folder)
    expect(told('data.yaml')).to.include('set WELKIN_DATA to the folder that has it')
    expect(told('data.yaml', { WELKIN_DATA: folder })).to.include('Line 2 of $WELKIN_DATA/t.swf.gz is no job')
  })

  for (const [why, args] of [
    ['an unknown command', ['nope']],
    ['no scenario', ['run']],
    ['an unknown one', ['run', 'nope']],
    ['one that cannot be played yet', ['run', 'nearest-cache']],
    ['nodes that are no number', ['run', 'swarm', '--nodes', 'x']],
    ['an unknown option', ['run', 'swarm', '--x']],
    ['a span without a unit', ['run', 'swarm', '--until', '5']],
    ['a distance that is neither a profile nor a file', ['run', 'swarm', '--latency', 'far']],
    ['a file that is no matrix', ['run', 'swarm', '--latency', fileURLToPath(import.meta.url)]],
    ['faults that the plan does not have', ['run', 'clock-step', '--faults', '3,999']],
    ['nothing to shrink', ['shrink', 'clock-step', '--nodes', '2', '--until', '5s']]
  ] as const) {
    it(`exits with 2 and a word of help for ${why}`, () => {
      const { status, stderr } = sim(...args)
      expect(status).to.equal(2)
      expect(stderr).to.match(/welkin-sim: .*\nwelkin-sim help tells how it is used\.\n$/)
    })
  }
})
