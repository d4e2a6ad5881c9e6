import { expect } from 'chai'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudError } from '@welkin/interface'
import { createNodeMachine } from '../../src/index.ts'
import { createNodeMachine as createMachineOn } from '../../src/machine/machine.ts'
import type { System } from '../../src/machine/system.ts'

const GIBIBYTE = 2 ** 30

/** A system whose counters and clock a spec turns by hand. */
class StandIn implements System {
  nowMs = 0
  busyMs = 0
  idleMs = 0
  files: Record<string, string> = {}
  readonly os: System['os']

  constructor (platform: 'linux' | 'darwin' | 'win32') {
    const times = () => ({ user: this.busyMs, nice: 0, sys: 0, irq: 0, idle: this.idleMs })
    this.os = {
      arch: () => 'arm64',
      availableParallelism: () => 2,
      cpus: () => [{ model: ' Example CPU @ 1 GHz ', speed: 1000, times: times() }],
      hostname: () => 'example',
      loadavg: () => platform === 'win32' ? [0, 0, 0] : [1.5, 1, 0.5],
      platform: () => platform,
      release: () => '24.6.0',
      totalmem: () => 8 * GIBIBYTE
    }
  }

  monotonicMs = (): number => this.nowMs
  statfs = async () => ({ bsize: 4096, blocks: 1000, bavail: 250 })
  availableMemory = (): number => 3 * GIBIBYTE
  constrainedMemory = (): number => 0
  read = (path: string): string => this.files[path] ?? ''

  /** What the counters of Linux say. */
  count ({ ticks, bytes }: { ticks: readonly [busy: number, idle: number], bytes: number }): void {
    this.files = {
      '/proc/stat': `cpu  ${ticks[0]} 0 0 ${ticks[1]} 0 0 0 0 0 0\n`,
      '/proc/net/dev': `eth0: ${bytes} 0 0 0 0 0 0 0 ${2 * bytes} 0 0 0 0 0 0 0\n`,
      '/proc/diskstats': `8 0 sda 0 0 ${bytes / 512} 0 0 0 ${bytes / 128} 0 0 0 0\n`,
      '/proc/pressure/cpu': 'some avg10=50.00 avg60=0.00 avg300=0.00 total=1\n',
      '/proc/pressure/io': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n'
    }
  }
}

describe('the load of a machine', () => {
  it('is refused with EIO when the directory that counts is gone', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'welkin-machine-'))
    const machine = createNodeMachine(directory)
    expect((await machine.load()).diskFreeBytes).to.be.above(0)
    await rm(directory, { recursive: true })
    for (const question of [machine.load(), machine.facts()]) {
      const error = await question.then(() => undefined, (thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(CloudError).with.property('code', 'EIO')
    }
  })

  it('tells all there is to tell on Linux', async () => {
    const system = new StandIn('linux')
    system.count({ ticks: [100, 100], bytes: 0 })
    const machine = createMachineOn('/', system)
    system.nowMs = 2000
    system.count({ ticks: [150, 250], bytes: 4096 })
    expect(await machine.load()).to.deep.equal({
      cpuBusyRatio: 0.25,
      load1m: 1.5,
      memoryFreeBytes: 3 * GIBIBYTE,
      diskFreeBytes: 250 * 4096,
      pressure: { cpu: 0.5, io: 0 },
      network: { receivedBytesPerSecond: 2048, sentBytesPerSecond: 4096 },
      disk: { readBytesPerSecond: 2048, writtenBytesPerSecond: 8192 }
    })
  })

  it('leaves out means while no time has passed', async () => {
    const system = new StandIn('linux')
    system.count({ ticks: [100, 100], bytes: 0 })
    expect(await createMachineOn('/', system).load()).to.not.have.any.keys('cpuBusyRatio', 'network', 'disk')
  })

  it('has means that a second reader does not take from the first', async () => {
    const system = new StandIn('linux')
    system.count({ ticks: [0, 0], bytes: 0 })
    const machine = createMachineOn('/', system)
    system.nowMs = 10_000
    system.count({ ticks: [1000, 0], bytes: 0 })
    const background = await machine.load()
    system.nowMs = 10_100
    system.count({ ticks: [1000, 1000], bytes: 0 })
    const onDemand = await machine.load()
    expect([background.cpuBusyRatio, onDemand.cpuBusyRatio]).to.deep.equal([1, 0.5])
  })

  for (const platform of ['darwin', 'win32'] as const) {
    it(`is told by the calls of Node alone on ${platform}`, async () => {
      const system = new StandIn(platform)
      const machine = createMachineOn('/', system)
      system.nowMs = 1000
      Object.assign(system, { busyMs: 250, idleMs: 750 })
      expect(await machine.load()).to.deep.equal({
        cpuBusyRatio: 0.25,
        ...platform === 'darwin' ? { load1m: 1.5 } : {},
        memoryFreeBytes: 3 * GIBIBYTE,
        diskFreeBytes: 250 * 4096
      })
    })
  }
})

describe('the facts of a machine', () => {
  it('are what the system says of itself', async () => {
    expect(await createMachineOn('/', new StandIn('linux')).facts()).to.deep.equal({
      hostname: 'example',
      os: 'linux',
      kernel: '24.6.0',
      arch: 'arm64',
      cpuCount: 2,
      cpuModel: 'Example CPU @ 1 GHz',
      memoryBytes: 8 * GIBIBYTE,
      diskBytes: 1000 * 4096
    })
  })

  it('leave out a CPU without a name, and count what a control group allows', async () => {
    const system = new StandIn('linux')
    const [cpu] = system.os.cpus()
    system.os.cpus = () => cpu === undefined ? [] : [{ ...cpu, model: 'unknown' }]
    system.constrainedMemory = () => GIBIBYTE
    const machine = createMachineOn('/', system)
    expect(await machine.facts()).to.not.have.property('cpuModel')
    expect((await machine.facts()).memoryBytes).to.equal(GIBIBYTE)
    expect((await machine.load()).memoryFreeBytes).to.equal(GIBIBYTE)
  })
})
