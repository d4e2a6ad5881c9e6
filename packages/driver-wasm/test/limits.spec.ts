import { expect } from 'chai'
import type { Driver } from '@welkin/interface'
import { failureOf, fileOf, idOf, Room, specOf, textOf, toolbox, untilOutput } from './room.ts'

describe('what a WebAssembly task is kept to', () => {
  let room: Room
  let driver: Driver

  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  for (const snapshotPoints of ['anywhere', 'none'] as const) {
    it(`ends at once though it is busy, with points ${snapshotPoints}`, async () => {
      const task = await driver.run(specOf(toolbox('spin'), { wasm: { snapshotPoints } }))
      await task.stop(3_600_000) // nobody waits for that long
      expect((await task.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    })
  }

  for (const snapshotPoints of ['anywhere', 'calls', 'none'] as const) {
    it(`gets no more memory than it may have, with points ${snapshotPoints}`, async () => {
      const memoryBytes = 8 * 2 ** 20
      const spec = specOf(toolbox('hog'), { limits: { memoryBytes }, wasm: { snapshotPoints } })
      const { exit, usage } = await (await driver.run(spec)).ended
      expect(exit).to.deep.equal({ kind: 'out-of-memory', limitBytes: memoryBytes })
      expect(usage.memoryBytesMax).to.be.within(memoryBytes * 0.9, memoryBytes)
    })
  }

  it('is refused where it begins with more memory than it may have', async () => {
    const refused = driver.run(specOf(toolbox('exit', '0'), { limits: { memoryBytes: 65_536 } }))
    expect(await failureOf(refused)).to.have.property('code', 'ENOEXEC')
  })

  it('runs no longer than its fuel lasts', async () => {
    const { exit } = await (await driver.run(specOf(toolbox('spin'), { wasm: { fuel: 5_000_000 } }))).ended
    expect(exit).to.deep.equal({ kind: 'signaled', signal: 'SIGXCPU' })
    const wasm = { fuel: 5, snapshotPoints: 'calls' } as const
    expect(await failureOf(driver.run(specOf(toolbox('spin'), { wasm })))).to.have.property('code', 'EINVAL')
  })

  it('ends as by SIGABRT where it traps, and says why', async () => {
    for (const [what, why] of [['trap', 'unreachable'], ['abort', 'unreachable']] as const) {
      const { exit } = await (await driver.run(specOf(toolbox(what)))).ended
      expect(exit).to.deep.equal({ kind: 'signaled', signal: 'SIGABRT' })
      expect(await textOf(driver, 'stderr')).to.contain(`wasm trap: ${why}`)
    }
  })

  it('may call itself deeply, and ends where that has no end', async () => {
    const deep = await driver.run(specOf(toolbox('deep', '500')))
    expect((await deep.ended).exit).to.have.property('kind', 'exited')
    const endless = await driver.run(specOf(toolbox('deep', '100000000'), { id: idOf(1) }))
    expect((await endless.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGABRT' })
  })

  it('is told of signals that it asks for, and ended by the others', async () => {
    const task = await driver.run(specOf(toolbox('signals')))
    await untilOutput(driver, /ready/)
    await task.signal('SIGUSR1')
    expect(await untilOutput(driver, /signal/)).to.contain('signal 10')
    await task.stop(10_000)
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(driver)).to.contain('bye')
    const other = await driver.run(specOf(toolbox('sleep'), { id: idOf(1) }))
    await other.signal('SIGCHLD')
    await other.signal('SIGHUP')
    expect((await other.ended).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGHUP' })
  })

  it('is refused where it is no module, or wants what there is not', async () => {
    const empty = Buffer.from('0061736d01000000', 'hex')
    const run = async (content: Uint8Array): Promise<{ code: string, message: string }> =>
      await failureOf(driver.run(specOf(['p.wasm'], { files: [fileOf('p.wasm', content)] })))
    expect(await run(Buffer.from('#!/bin/sh\n'))).to.have.property('code', 'ENOEXEC')
    expect((await run(empty)).message).to.contain('_start')
    const imports = Buffer.from('0061736d010000000104016000000209010365 6e76017800 00'.replaceAll(' ', ''), 'hex')
    expect((await run(imports)).message).to.contain('env.x')
  })

  it('is one of two hundred, and none of the others knows of it', async function () {
    this.timeout(120_000)
    const count = 200
    const tasks = await Promise.all(Array.from({ length: count }, async (_none, n) => {
      return await driver.run(specOf(toolbox('cat'), { id: idOf(n), input: true }))
    }))
    await Promise.all(tasks.map(async (task, n) => {
      await task.write(Buffer.from(`I am ${n}`))
      await task.endInput()
      expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    }))
    for (let n = 0; n < count; n++) expect(await textOf(driver, 'stdout', idOf(n))).to.equal(`I am ${n}`)
  })

  it('is made to wait where it writes faster than anybody reads', async () => {
    const files = [fileOf('large', Buffer.alloc(2e7, 'x'))]
    const task = await driver.run(specOf(toolbox('show', 'large'), { files }))
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await driver.output(task.id).size()).to.deep.equal({ stdout: 2e7, stderr: 0 })
  })
})
