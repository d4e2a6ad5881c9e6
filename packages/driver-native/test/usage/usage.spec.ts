import { expect } from 'chai'
import type { Driver, TaskUsage } from '@welkin/interface'
import { idOf, ID, Room, shell, specOf, untilOutput } from '../room.ts'

/** Uses about a second of CPU, as the kernel counts it for limits, and is ended for it. */
const SECOND = 'sh -c "ulimit -t 1; while :; do :; done"'

describe('The usage of a native task', () => {
  let room: Room
  let driver: Driver
  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  const inTheEnd = async (script: string, id = ID): Promise<TaskUsage> =>
    (await (await driver.run(specOf(shell(script), { id }))).ended).usage

  it('counts children that the task has waited for, to their end', async () => {
    expect((await inTheEnd(`${SECOND}; true`)).cpuSeconds).to.be.closeTo(1, 0.4)
  })

  it('is in sum right for tasks that end in one moment, or nearly', async () => {
    const scripts = [`exec ${SECOND}`, 'exit 0', 'exit 0', `${SECOND}; exit 1`]
    const usages = await Promise.all(scripts.map(async (script, i) => await inTheEnd(script, idOf(i))))
    expect(usages.reduce((sum, { cpuSeconds = 0 }) => sum + cpuSeconds, 0)).to.be.closeTo(2, 0.8)
  })

  it('is that of CPU alone for a task that was over before it was looked at', async () => {
    expect(await inTheEnd('exit 0')).to.have.all.keys('cpuSeconds')
  })

  it('counts all its processes, also what has left its session or lost its parent', async () => {
    const forks = 'sleep 1000 & setsid sleep 1000 & (sleep 1000 &); sleep 0; echo ready; wait'
    const task = await driver.run(specOf(shell(forks)))
    await untilOutput(driver, /ready/)
    const usage = await task.usage()
    expect(usage.processes).to.equal(4)
    expect(usage.memoryBytes).to.be.above(0)
    await task.stop(0)
    const { usage: inAll } = await task.ended
    expect(inAll.memoryBytesMax).to.be.at.least(usage.memoryBytes as number)
  })

  it('knows the most memory that a task has had, though it has given it back', async () => {
    const grows = 'x=$(head -c 20000000 /dev/zero | tr "\\\\0" a); x=; echo ready; sleep 1000'
    const task = await driver.run(specOf(shell(grows)))
    await untilOutput(driver, /ready/)
    expect((await task.usage()).memoryBytesMax).to.be.above(20_000_000)
    await task.stop(0)
    expect((await task.ended).usage.memoryBytesMax).to.be.above(20_000_000)
  })

  it('is told for many tasks at once by one look', async () => {
    const ids = Array.from({ length: 20 }, (_none, i) => idOf(i))
    const tasks = await Promise.all(ids.map(async id => await driver.run(specOf(['sleep', '1000'], { id }))))
    const usages = await Promise.all(tasks.map(async task => await task.usage()))
    expect(usages.map(({ processes }) => processes)).to.deep.equal(ids.map(() => 1))
    await Promise.all(tasks.map(async task => await task.stop(0)))
    await Promise.all(tasks.map(async task => await task.ended))
  })

  it('leaves out what further programs beside it use', async () => {
    const task = await driver.run(specOf(['sleep', '1000']))
    await task.exec?.(shell(SECOND))
    await task.stop(0)
    expect((await task.ended).usage.cpuSeconds).to.be.within(0, 0.25)
  })
})
