import { expect } from 'chai'
import { sleep } from '@welkin/async'
import { rejects } from '@welkin/port-compliance'
import {
  createVirtualRandom, KeyAuthority, Timeline, VirtualMachine, type LogEntry, type VirtualMachineOptions
} from '../src/index.ts'

const ID = '0123456789abcdef0123456789abcdef'
const content = new TextEncoder().encode('content')
const spec = (argv: readonly string[]) => ({ id: ID, attempt: 0, argv, env: {}, files: [], limits: {}, input: false })

interface Stage { timeline: Timeline, machine: VirtualMachine }

function createMachine (options: Partial<VirtualMachineOptions> & { seed?: number } = {}): Stage {
  const timeline = new Timeline()
  const random = createVirtualRandom(options.seed ?? 1)
  const authority = new KeyAuthority(random)
  return { timeline, machine: new VirtualMachine({ timeline, random, authority, name: 'n1', ...options }) }
}

describe('A paused daemon', () => {
  it('sees what came due meanwhile only when it goes on, its timers first', async () => {
    const { timeline, machine } = createMachine()
    const { life, clock } = machine.powerOn()
    const seen: string[] = []
    const note = (what: string) => () => { seen.push(`${what} at ${clock.monotonicMs()}`) }
    clock.after(20, note('second'))
    clock.after(10, note('first'))
    clock.after(150, note('third'))
    const cancel = clock.after(30, note('cancelled'))
    timeline.after(5, () => life.perform(note('message')))
    machine.pause()
    await timeline.runUntil(100)
    expect(seen).to.deep.equal([])
    cancel()
    machine.resume()
    await timeline.runUntil(200)
    expect(seen).to.deep.equal(['first at 100', 'second at 100', 'message at 100', 'third at 150'])
  })

  it('can lose power, and sees nothing of it any more', async () => {
    const { timeline, machine } = createMachine()
    const seen: string[] = []
    machine.powerOn().clock.after(10, () => { seen.push('timer') })
    machine.pause()
    await timeline.runUntil(20)
    machine.powerOff()
    machine.resume()
    await timeline.runUntil(100)
    expect(seen).to.deep.equal([])
  })
})

describe('A virtual machine without power', () => {
  for (const death of ['powerOff', 'crash'] as const) {
    it(`drops timers and never settles what its ports had promised (${death})`, async () => {
      const { timeline, machine } = createMachine()
      const { clock, disk, driver, log } = machine.powerOn()
      const settled: string[] = []
      const watch = (name: string, promise: Promise<unknown>): void => {
        const note = (): void => { settled.push(name) }
        promise.then(note, note)
      }
      clock.after(5, () => settled.push('timer'))
      watch('write', disk.records.write([{ key: 'a', value: content }]))
      watch('run', driver.run(spec(['sleep', '1'])))
      machine[death]()
      watch('read', disk.records.get('a'))
      watch('late write', disk.records.write([{ key: 'a', value: content }]))
      watch('late run', driver.run(spec(['sleep', '1'])))
      clock.after(5, () => settled.push('late timer'))
      log.info('node.started')
      await timeline.runUntil(10_000)
      expect(settled).to.deep.equal([])
      expect(machine.isUp).to.equal(false)
    })
  }

  it('keeps what was durable, and of what was not each part or none of it', async () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const { timeline, machine } = createMachine({ seed })
      const { disk } = machine.powerOn()
      await timeline.until(disk.records.write([{ key: 'kept', value: content }]))
      const draft = await timeline.until(disk.files.create())
      await timeline.until(draft.append(content))
      void disk.records.write([{ key: 'x', value: content }, { key: 'y', value: content }])
      void draft.commit('file')
      timeline.after(0.1, () => machine.powerOff())
      await timeline.runUntil(100)
      const { records, files } = machine.powerOn().disk
      const keys = (await timeline.until(records.list(''))).map(({ key }) => key)
      const names = await timeline.until(files.list(''))
      if (names.length > 0) expect(await timeline.until(files.size('file'))).to.equal(content.byteLength)
      outcomes.add([...keys, ...names].join())
    }
    expect([...outcomes].toSorted()).to.deep.equal(['kept', 'kept,file', 'kept,x,y', 'kept,x,y,file'])
  })

  it('loses its tasks, and says so when it is back', async () => {
    const { timeline, machine } = createMachine()
    const { driver } = machine.powerOn()
    await timeline.until(driver.run(spec(['run', '--print', 'begun', '--seconds', '100'])))
    machine.powerOff()
    await timeline.runUntil(200_000)
    const next = machine.powerOn().driver
    const trace = await timeline.until(next.recover(ID))
    expect(trace).to.have.nested.property('exit.kind', 'lost')
    expect(await timeline.until(next.output(ID).size())).to.deep.equal({ stdout: 5, stderr: 0 })
  })

  it('is found by its next life with tasks that ended while no daemon lived', async () => {
    const { timeline, machine } = createMachine()
    const task = await timeline.until(machine.powerOn().driver.run(spec(['run', '--seconds', '5', '--exit', '3'])))
    machine.crash()
    await timeline.runUntil(60_000)
    const trace = await timeline.until(machine.powerOn().driver.recover(ID))
    expect(trace).to.deep.include({ exit: { kind: 'exited', code: 3 }, endedAtMs: task.startedAtMs + 5000 })
  })
})

describe('A virtual machine', () => {
  it('is the same for the same seed, and another for another', async () => {
    const draws = (seed: number): string[] => {
      const { machine } = createMachine({ seed })
      const first = machine.powerOn().random.fork('purpose').unit()
      machine.powerOff()
      return [first, machine.powerOn().random.fork('purpose').unit()].map(String)
    }
    expect(draws(1)).to.deep.equal(draws(1))
    expect(new Set([...draws(1), ...draws(2)]).size).to.equal(4)
  })

  it('draws in a fork what does not depend on draws elsewhere', () => {
    const one = createVirtualRandom('seed')
    const other = createVirtualRandom('seed')
    other.unit()
    other.fork('else').unit()
    expect(one.fork('purpose').bytes(8)).to.deep.equal(other.fork('purpose').bytes(8))
    expect(one.fork('purpose').unit()).to.not.equal(createVirtualRandom('seed').fork('purpose').unit())
  })

  it('has a quartz of its own, which drifts and can be set', async () => {
    const { timeline, machine } = createMachine({ epochMs: 1_000_000 })
    const { clock } = machine.powerOn()
    machine.quartz.drift(100)
    await timeline.runUntil(10_000_000)
    expect(clock.monotonicMs()).to.be.closeTo(10_001_000, 1e-3)
    machine.quartz.drift(0)
    machine.quartz.stepWall(-5000)
    expect(clock.wallMs()).to.be.closeTo(1_000_000 + 10_001_000 - 5000, 1e-3)
    await timeline.runUntil(10_000_010)
    expect(clock.monotonicMs()).to.be.closeTo(10_001_010, 1e-3)
    machine.powerOff()
    expect(machine.powerOn().clock.monotonicMs()).to.equal(0)
  })

  it('rejects ENOSPC with nothing changed when its disk is full', async () => {
    const { timeline, machine } = createMachine({ disk: { capacityBytes: 1000 } })
    const { disk } = machine.powerOn()
    await timeline.until(disk.records.write([{ key: 'a', value: new Uint8Array(500) }]))
    const large = disk.records.write([{ key: 'a', value: undefined }, { key: 'b', value: new Uint8Array(2000) }])
    await timeline.until(rejects(large, 'ENOSPC'))
    expect((await timeline.until(disk.records.get('a')))?.byteLength).to.equal(500)
    const draft = await timeline.until(disk.files.create())
    await timeline.until(draft.append(new Uint8Array(400)))
    await timeline.until(rejects(draft.append(new Uint8Array(400)), 'ENOSPC'))
    await timeline.until(draft.discard())
    await timeline.until(disk.records.write([{ key: 'b', value: new Uint8Array(400) }]))
    expect(machine.platter.freeBytes).to.equal(1000 - 501 - 401)
  })

  it('takes longer for more bytes, and lets writes queue', async () => {
    const { timeline, machine } = createMachine({ disk: { writeLatencyMs: 2, bytesPerSecond: 1000 } })
    const { records } = machine.powerOn().disk
    const writes = [1, 2].map(async i => {
      await records.write([{ key: `${i}`, value: new Uint8Array(99) }])
      return timeline.nowMs
    })
    expect(await timeline.until(Promise.all(writes))).to.deep.equal([102, 202])
  })

  it('takes longer while its disk is slow, as the slowest cause has it', async () => {
    const { timeline, machine } = createMachine({ disk: { writeLatencyMs: 2 } })
    const { records } = machine.powerOn().disk
    const write = async (): Promise<number> => {
      const startMs = timeline.nowMs
      await records.write([])
      return timeline.nowMs - startMs
    }
    const [mendOne, mendOther] = [machine.platter.slowDown(100), machine.platter.slowDown(10)]
    expect(await timeline.until(write())).to.equal(200)
    mendOne()
    expect(await timeline.until(write())).to.equal(20)
    mendOther()
    expect(await timeline.until(write())).to.equal(2)
  })

  it('gives back other bytes than were written when its disk is corrupted', async () => {
    const { timeline, machine } = createMachine()
    const { files } = machine.powerOn().disk
    const draft = await timeline.until(files.create())
    await timeline.until(draft.append(content))
    await timeline.until(draft.commit('a'))
    machine.platter.corruptFile('a')
    const reading = (async () => { for await (const piece of files.read('a')) return piece })()
    const piece = await timeline.until(reading)
    expect(piece).to.have.lengthOf(content.byteLength)
    expect(piece).to.not.deep.equal(content)
  })

  it('is busy and short of memory as far as its tasks make it', async () => {
    const { timeline, machine: virtual } = createMachine({ facts: { cpuCount: 4, memoryBytes: 1000 } })
    const { driver, machine, clock } = virtual.powerOn()
    expect(await timeline.until(machine.load())).to.not.have.property('cpuBusyRatio')
    const argv = ['run', '--cpu', '2', '--memory', '300', '--seconds', '10']
    await timeline.until(driver.run(spec(argv)))
    await timeline.until(sleep(clock, 1000))
    await timeline.until(machine.load())
    await timeline.until(sleep(clock, 5000))
    expect(await timeline.until(machine.load())).to.include({ cpuBusyRatio: 0.5, memoryFreeBytes: 700 })
    await timeline.until(sleep(clock, 8000))
    expect(await timeline.until(machine.load())).to.deep.include({ cpuBusyRatio: 0.25, memoryFreeBytes: 1000 })
  })

  it('averages its load over a minute and its pressure over ten seconds, as tasks come and go', async () => {
    const { timeline, machine: virtual } = createMachine({ facts: { cpuCount: 4 } })
    const { driver, machine } = virtual.powerOn()
    await timeline.until(driver.run(spec(['run', '--cpu', '6', '--seconds', '60'])))
    const { nowMs } = timeline
    const loadAfter = async (ms: number) => {
      await timeline.runUntil(nowMs + ms)
      return await timeline.until(machine.load())
    }
    const early = await loadAfter(10_000)
    expect(early.cpuBusyRatio).to.be.within(0.99, 1)
    expect(early.load1m).to.be.closeTo(6 * (1 - Math.exp(-1 / 6)), 1e-9)
    expect(early.pressure?.cpu).to.be.closeTo(0.5 * (1 - Math.exp(-1)), 1e-9)
    const late = await loadAfter(60_000)
    expect(late.load1m).to.be.closeTo(6 * (1 - Math.exp(-1)), 1e-9)
    const over = await loadAfter(120_000)
    expect(over.cpuBusyRatio).to.equal(0)
    expect(over.load1m).to.be.closeTo((late.load1m as number) * Math.exp(-1), 1e-9)
    expect(over.pressure?.cpu).to.be.below(0.01)
  })

  it('has means that a second reader does not take from the first', async () => {
    const { timeline, machine: virtual } = createMachine({ facts: { cpuCount: 1 } })
    const { driver, machine } = virtual.powerOn()
    await timeline.runUntil(10_000)
    expect(await timeline.until(machine.load())).to.include({ cpuBusyRatio: 0 })
    await timeline.until(driver.run(spec(['run', '--seconds', '100'])))
    await timeline.runUntil(20_003)
    for (let i = 0; i < 3; i++) expect((await timeline.until(machine.load())).cpuBusyRatio).to.be.closeTo(1, 1e-3)
  })

  it('bears whatever else a scenario lets run on it', async () => {
    const { timeline, machine: virtual } = createMachine({ facts: { cpuCount: 4, memoryBytes: 1000 } })
    const { machine } = virtual.powerOn()
    virtual.setBackgroundLoad({ cpuBusyRatio: 0.75, memoryBytes: 600 })
    await timeline.runUntil(600_000)
    const bearing = await timeline.until(machine.load())
    expect(bearing).to.deep.include({ cpuBusyRatio: 0.75, memoryFreeBytes: 400, pressure: { cpu: 0 } })
    expect(bearing.load1m).to.be.closeTo(3, 1e-3)
    virtual.setBackgroundLoad({ cpuBusyRatio: 2, memoryBytes: 2000 })
    await timeline.runUntil(1_200_000)
    const overrun = await timeline.until(machine.load())
    expect(overrun).to.include({ cpuBusyRatio: 1, memoryFreeBytes: 0 })
    expect(overrun.pressure?.cpu).to.be.closeTo(1, 1e-9)
  })

  it('has the facts that a scenario gives it, and the disk that it has', async () => {
    const facts = { cpuModel: 'Example', kernel: '6.1.0' }
    const { timeline, machine: virtual } = createMachine({ facts, disk: { capacityBytes: 5000 } })
    const { machine } = virtual.powerOn()
    expect(await timeline.until(machine.facts())).to.include({ ...facts, cpuCount: 4, diskBytes: 5000 })
  })

  it('makes a task that gets less CPU than it wants take longer', async () => {
    const { timeline, machine } = createMachine()
    const { driver } = machine.powerOn()
    const argv = ['run', '--cpu', '2', '--seconds', '10']
    const task = await timeline.until(driver.run({ ...spec(argv), limits: { cpu: 0.5 } }))
    const { endedAtMs, usage } = await timeline.until(task.ended)
    expect(endedAtMs).to.equal(task.startedAtMs + 40_000)
    expect(usage.cpuSeconds).to.equal(20)
  })

  it('keeps the last part of a long output, and says where it stands', async () => {
    const { timeline, machine } = createMachine()
    const { driver } = machine.powerOn()
    const task = await timeline.until(driver.run(spec(['run', '--output-bytes', '10000000'])))
    await timeline.until(task.ended)
    const output = driver.output(ID)
    expect((await timeline.until(output.size())).stdout).to.equal(10_000_000)
    const [chunk] = await timeline.until(output.read({ stdout: 0, stderr: 0 }, 10))
    expect(chunk?.offset).to.be.within(8_000_000, 9_999_990)
    expect(chunk?.bytes).to.have.lengthOf(10)
  })

  it('hands its log on with the time of the timeline, and keeps its figures', async () => {
    const entries: LogEntry[] = []
    const { timeline, machine } = createMachine({ log: entry => { entries.push(entry) } })
    const { log, metrics } = machine.powerOn()
    await timeline.runUntil(12)
    log.warn('disk.filled', { freeBytes: 5 })
    const fields = { freeBytes: 5 }
    expect(entries).to.deep.equal([{ atMs: 12, node: 'n1', level: 'warn', event: 'disk.filled', fields }])
    const calls = metrics.counter('welkin_calls_total', { help: 'Calls.', labels: ['a', 'b'] })
    calls.add(1, { a: '1', b: '2' })
    calls.add(2, { b: '2', a: '1' })
    expect(metrics.value('welkin_calls_total', { a: '1', b: '2' })).to.equal(3)
    metrics.histogram('welkin_wait_seconds', { help: 'Waits.', buckets: [1] }).observe(0.5)
    expect(metrics.value('welkin_wait_seconds_sum')).to.equal(0.5)
    expect(metrics.value('welkin_wait_seconds_count')).to.equal(1)
    expect(() => metrics.gauge('welkin_calls_total', { help: '' })).to.throw('twice')
  })
})
