import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Driver } from '@welkin/interface'
import { probeCgroups, type Probe } from '../src/cgroups/probe.ts'
import { findPlaces } from '../src/cgroups/places.ts'
import { ID, longTime, Room, shell, specOf, textOf, untilNoneWith, untilOutput } from './room.ts'

/** A shell that would hold 200 MB in a variable. */
const HOG = shell('x=$(head -c 200000000 /dev/zero | tr "\\\\0" a)')

describe('The limits of a native task', () => {
  let room: Room
  let driver: Driver
  let probe: Probe
  before(async function () {
    probe = await probeCgroups()
    if (probe.reason !== undefined) {
      console.log(`      skipped: ${probe.reason}`)
      this.skip()
    }
  })
  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  const memoryBytes = 32 * 1024 * 1024

  it('are told apart from other ends when memory is used up', async () => {
    const task = await driver.run(specOf(HOG, { limits: { memoryBytes } }))
    expect((await task.ended).exit).to.deep.equal({ kind: 'out-of-memory', limitBytes: memoryBytes })
    const killed = await driver.run(specOf(shell('kill -9 $$'), { attempt: 1, limits: { memoryBytes } }))
    expect((await killed.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
  })

  it('throttle a task that wants more of the CPU', async () => {
    const task = await driver.run(specOf(shell('while :; do :; done'), { limits: { cpu: 0.2 } }))
    while (await throttledCount() === 0) await task.usage()
    await task.stop(0)
    const { usage } = await task.ended
    expect(usage.cpuSeconds).to.be.above(0)
    expect(usage.memoryBytesMax).to.be.above(0)
  })

  it('hold for what left the process group, which is ended with the task', async () => {
    const seconds = longTime()
    const leaves = shell(`setsid -f sh -c "echo; exec sleep ${seconds}"; sleep 1000`)
    const task = await driver.run(specOf(leaves, { limits: { cpu: 1 } }))
    await untilOutput(driver, /\n/)
    await task.stop(0)
    await task.ended
    await untilNoneWith(seconds)
  })

  it('leave no cgroup and no trace in the environment', async () => {
    const task = await driver.run(specOf(['env'], { limits: { cpu: 1, memoryBytes } }))
    await task.ended
    const names = (await textOf(driver)).trim().split('\n').map(line => line.split('=')[0])
    expect(names).to.include.members(['HOME', 'LANG', 'PATH', 'PWD'])
    for (const { directory } of Object.values(probe.places)) {
      expect(await readdir(directory)).to.not.include(`welkin-${ID}`)
    }
  })

  it('hold for further programs beside the task', async () => {
    const task = await driver.run(specOf(['sleep', '1000'], { limits: { memoryBytes } }))
    const beside = await task.exec?.(['cat', '/proc/self/cgroup'])
    expect(Buffer.from(beside?.stdout ?? []).toString()).to.contain(`welkin-${ID}`)
    await task.stop(0)
    await task.ended
  })

  async function throttledCount (): Promise<number> {
    const directory = probe.places.cpu?.directory as string
    const text = await readFile(join(directory, `welkin-${ID}`, 'cpu.stat'), 'utf8')
    return Number(/nr_throttled (\d+)/.exec(text)?.[1])
  }
})

describe('The cgroups of a process', () => {
  const all = ['cpu', 'cpuacct', 'memory'] as const

  it('are found where version 1 has its controllers together or apart', () => {
    const mountinfo = [
      '33 32 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct',
      '34 32 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory'
    ].join('\n')
    expect(findPlaces(mountinfo, '5:cpu,cpuacct:/user\n4:memory:/a/b\n', all)).to.deep.equal({
      cpu: { version: 1, directory: '/sys/fs/cgroup/cpu,cpuacct/user' },
      cpuacct: { version: 1, directory: '/sys/fs/cgroup/cpu,cpuacct/user' },
      memory: { version: 1, directory: '/sys/fs/cgroup/memory/a/b' }
    })
  })

  it('are found in the one hierarchy of version 2', () => {
    const place = { version: 2, directory: '/sys/fs/cgroup/system.slice/welkin.service' }
    const mountinfo = '30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate'
    expect(findPlaces(mountinfo, '0::/system.slice/welkin.service\n', all))
      .to.deep.equal({ cpu: place, cpuacct: place, memory: place })
  })

  it('are found where some controllers are of version 1 and the rest of version 2', () => {
    const mountinfo = [
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw'
    ].join('\n')
    expect(findPlaces(mountinfo, '4:memory:/m\n0::/u\n', all)).to.deep.equal({
      cpu: { version: 2, directory: '/sys/fs/cgroup/unified/u' },
      cpuacct: { version: 2, directory: '/sys/fs/cgroup/unified/u' },
      memory: { version: 1, directory: '/sys/fs/cgroup/memory/m' }
    })
  })

  it('are those that a container sees, below the root that it was given', () => {
    const mountinfo = '900 800 0:32 /docker/abc /sys/fs/cgroup/mem\\040ory ro - cgroup cgroup rw,memory'
    expect(findPlaces(mountinfo, '4:memory:/docker/abc/sub\n', ['memory']))
      .to.deep.equal({ memory: { version: 1, directory: '/sys/fs/cgroup/mem ory/sub' } })
    expect(findPlaces(mountinfo, '4:memory:/elsewhere\n', ['memory'])).to.deep.equal({})
  })

  it('are none where none are mounted, which is said', async () => {
    expect(findPlaces('', '', all)).to.deep.equal({})
    const { places, reason } = await probeCgroups('/nowhere')
    expect(places).to.deep.equal({})
    expect(reason).to.equal('Limits on cpu and memory do not hold: no cgroups are mounted here.')
  })
})
