import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const RUN = fileURLToPath(new URL('run.js', import.meta.url))

type Figures = Record<string, number>
interface LastLine { bench: string, figures: Figures, rivals: Record<string, Figures | null> }
interface Ended { code: number | null, output: string, complaint: string }

async function run (...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString() })
  const [code] = await once(child, 'close') as [number | null]
  return { code, output, complaint }
}

/** The object in the last line, once the run has ended well. */
async function lastLine (name: string): Promise<LastLine> {
  const { code, output, complaint } = await run(name, '--quick')
  expect(complaint).to.equal('')
  expect(code).to.equal(0)
  return JSON.parse(output.trimEnd().split('\n').at(-1) as string)
}

function expectFigures (figures: Figures | null | undefined, ...names: string[]): void {
  expect(figures).to.have.all.keys(...names)
  for (const figure of Object.values(figures ?? {})) expect(figure).to.be.above(0)
}

describe('the benches', function () {
  this.timeout(120_000)

  it('are listed with their settings when none is named', async () => {
    const { code, output } = await run()
    expect(code).to.equal(0)
    const names = [
      'syscall', 'capability', 'spawn', 'blob', 'idle', 'detect', 'overhead', 'coordinates', 'query', 'find',
      'names', 'dns', 'dial', 'place', 'relay', 'migrate', 'sim', 'suspend', 'wasm'
    ]
    for (const name of names) expect(output).to.match(new RegExp(`^  ${name} `, 'm'))
  })

  it('refuse what they do not know with status 2 and their usage', async () => {
    const wrong = ['flight', 'syscall --speed 3', 'syscall --rounds many', 'syscall --rounds 1,2']
    for (const args of wrong.map(line => line.split(' '))) {
      const { code, complaint } = await run(...args)
      expect(code, args.join(' ')).to.equal(2)
      expect(complaint).to.include('usage: npm run bench')
    }
  })

  it('measure system calls beside gRPC and bare TCP', async () => {
    const { bench, figures, rivals } = await lastLine('syscall')
    expect(bench).to.equal('syscall')
    expectFigures(figures, 'perSecond', 'p50Ms', 'p99Ms', 'ratioToTcp', 'ratioToGrpc')
    for (const rival of ['grpc-js', 'tcp+msgpackr']) expectFigures(rivals[rival], 'perSecond', 'p50Ms', 'p99Ms')
  })

  it('measure what capabilities cost: chains verified, and calls of guarded clouds beside open ones', async () => {
    const { bench, figures, rivals } = await lastLine('capability')
    expect(bench).to.equal('capability')
    const { chains, calls } = figures as unknown as Record<string, Figures>
    expectFigures(chains, 'coldPerSecond', 'warmPerSecond')
    expectFigures(
      calls, 'guardedPerSecond', 'openPerSecond', 'guardedForwardedPerSecond', 'openForwardedPerSecond', 'ratio',
      'ratioForwarded')
    expect(rivals).to.have.all.keys('iso-ucan')
  })

  it('measure tasks beside bare node, and say which rivals are not there', async () => {
    const { bench, figures, rivals } = await lastLine('spawn')
    expect(bench).to.equal('spawn')
    expectFigures(figures, 'perSecond', 'p50Ms', 'p99Ms', 'ratioToBareNode', 'ratioIsolated')
    expectFigures(rivals['bare node'], 'perSecond', 'p50Ms', 'p99Ms')
    expect(rivals).to.have.all.keys('bare node', 'task-spooler', 'slurm')
  })

  it('move programs between daemons, with nothing lost, beside QEMU where it is installed', async () => {
    const { bench, figures, rivals } = await lastLine('migrate')
    expect(bench).to.equal('migrate')
    const { journey, ...programs } = figures as unknown as Record<string, Figures>
    expect(journey).to.include({ moves: 4, different: 0 })
    for (const program of Object.values(programs)) expect(program).to.include.keys('downMs', 'gapMs', 'sentToMemory')
    for (const qemu of Object.values(rivals)) if (qemu !== null) expect(qemu['sentToMemory']).to.be.above(0.5)
  })

  it('measure queries of several kinds', async () => {
    const { bench, figures } = await lastLine('query')
    expect(bench).to.equal('query')
    const kinds = Object.values(figures) as unknown as Figures[]
    expect(kinds).to.have.lengthOf(4)
    for (const kind of kinds) expectFigures(kind, 'p50Ms', 'p99Ms', 'matched')
  })

  it('measure how soon a loss is known and how often one is wrongly believed, beside Serf', async () => {
    const { bench, figures, rivals } = await lastLine('detect')
    expect(bench).to.equal('detect')
    const names = ['fullViewSeconds', 'fromStartSeconds', 'lossSeconds', 'lossSecondsMax']
    const counts = ['falseInQuiet', 'suspectedInQuiet', 'falseByStops', 'suspectedByStops']
    for (const measured of [figures, rivals['serf'] ?? figures]) {
      expect(measured).to.have.all.keys(...names, ...counts)
      expect(measured['lossSeconds']).to.be.within(0.001, measured['lossSecondsMax'] as number)
    }
    expect(rivals).to.have.all.keys('serf')
  })

  it('measure what nodes at rest spend, real ones beside Serf and simulated ones', async () => {
    const { bench, figures, rivals } = await lastLine('overhead')
    expect(bench).to.equal('overhead')
    const sites = figures as unknown as Record<string, Figures>
    const sent = ['sentBytesPerSecond', 'bothWaysBytesPerSecond', 'messagesPerSecond']
    expect(sites).to.have.all.keys('site of 4', 'simulated, 10', 'simulated, 20')
    expectFigures(sites['site of 4'], ...sent, 'cpuMsPerSecond')
    expectFigures(sites['simulated, 20'], ...sent, 'mostSentBytesPerSecond', 'simulationCpuMs', 'realSeconds')
    expect(rivals).to.have.all.keys('serf, 4 agents')
  })

  it('measure what a detour costs beside the direct way', async () => {
    const { bench, figures, rivals } = await lastLine('relay')
    expect(bench).to.equal('relay')
    const names = ['p50Ms', 'p99Ms', 'perSecond64', 'MBPerSecond']
    for (const measured of [figures, rivals['direct way']]) expectFigures(measured as Figures, ...names)
  })

  it('measure a dialled stream beside the bare connection', async () => {
    const { bench, figures: { addedMs, ...figures }, rivals } = await lastLine('dial')
    expect(bench).to.equal('dial')
    expect(addedMs).to.be.a('number') // of a few round trips on a busy machine, even below 0
    expectFigures(
      figures, 'MBPerSecond', 'cpuMsPerMB', 'p50Ms', 'ratioToBare', 'ratioToBareBetweenPrograms', 'proxyRatioToBare',
      'dialsPerSecond')
    expectFigures(rivals['bare connection'], 'MBPerSecond', 'cpuMsPerMB', 'p50Ms')
  })

  it('measure finding, and how true it is what nodes believe', async () => {
    const { bench, figures } = await lastLine('find')
    expect(bench).to.equal('find')
    const { beliefs, ...ways } = figures as unknown as Record<string, Figures>
    expect(ways).to.have.all.keys('in the kernel', 'by the system call')
    for (const way of Object.values(ways)) expectFigures(way, 'p50Ms', 'p99Ms')
    expect(beliefs?.['p99Seconds']).to.be.within(beliefs?.['p50Seconds'] as number, beliefs?.['mostSeconds'] as number)
  })

  it('measure placing beside what one could do who knew everything', async () => {
    const { bench, figures } = await lastLine('place')
    expect(bench).to.equal('place')
    expectFigures(
      figures, 'decisionsPerSecond', 'p50Ms', 'p99Ms', 'refusalsPerThousand', 'placedRatio', 'placedUntilFirstLost',
      'ratioToBestFit')
  })

  it('measure DNS queries beside servers made for them, where dnsperf is installed', async () => {
    const { bench, figures, rivals } = await lastLine('dns')
    expect(bench).to.equal('dns')
    expect(rivals).to.have.all.keys('nsd', 'dnsmasq')
    if (Object.keys(figures).length === 0) return
    const { lostPerMillion, ...above } = figures
    expect(lostPerMillion).to.be.within(0, 1e6)
    expectFigures(above, 'perSecond', 'meanMs', 'speltAnewPerSecond')
  })

  it('measure how fast the simulator is, beside a bare timeline', async () => {
    const { bench, figures, rivals } = await lastLine('sim')
    expect(bench).to.equal('sim')
    expectFigures(
      (figures as unknown as Record<string, Figures>)['20 nodes'],
      'joinRealSeconds', 'joinEvents', 'convergeRealSeconds', 'convergeEvents', 'virtualPerRealSecond',
      'virtualPerCpuSecond', 'microsecondsPerEvent', 'ratioToBareTimeline', 'eventsPerNodeSecond',
      'messagesPerNodeSecond', 'memoryMBPerNode')
    expectFigures(rivals['bare timeline, 20 timers'], 'microsecondsPerEvent')
  })

  it('measure what it costs that modules can be suspended, and say which programs are not there', async () => {
    const { bench, figures, rivals } = await lastLine('suspend')
    expect(bench).to.equal('suspend')
    expect(figures['calls']).to.be.above(0)
    expect(figures['anywhere']).to.be.above(0)
    expect(rivals).to.have.all.keys('binaryen')
  })
})
