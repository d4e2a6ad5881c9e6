import { expect } from 'chai'
import type { Driver } from '@welkin/interface'
import { collectBytes } from '@welkin/async'
import { failureOf, fileOf, ID, Room, specOf, textOf, toolbox, toolboxBytes, TOOLBOX } from './room.ts'

describe('the files of a WebAssembly task', () => {
  let room: Room
  let driver: Driver

  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  const collect = async (path: string): Promise<string> =>
    Buffer.from(await collectBytes(driver.collect(ID, path))).toString()

  it('behave as POSIX has it', async () => {
    const argv = [TOOLBOX.replace('toolbox', 'files')]
    const { exit } = await (await driver.run(specOf(argv, { limits: { files: 64 } }))).ended
    const lines = (await textOf(driver)).trim().split('\n')
    expect(lines.filter(line => !line.startsWith('yes: '))).to.deep.equal([])
    expect(lines).to.have.lengthOf(45)
    expect(exit).to.deep.equal({ kind: 'exited', code: 0 })
  })

  it('are kept by the next attempt as the last one left them', async () => {
    const files = [fileOf('in.txt', 'given')]
    await (await driver.run(specOf(toolbox('write', 'in.txt', 'changed'), { files }))).ended
    await (await driver.run(specOf(toolbox('show', 'in.txt'), { files, attempt: 1 }))).ended
    expect(await textOf(driver)).to.equal('changed')
  })

  it('are kept, too, of a task that is ended', async () => {
    const task = await driver.run(specOf(toolbox('sleep'), { files: [fileOf('in/deep.txt', 'given')] }))
    await task.stop(0)
    await task.ended
    expect(await collect('in/deep.txt')).to.equal('given')
  })

  it('do not contain the program, which is found by its name among the files of the spec', async () => {
    const files = [fileOf('bin/prog.wasm', await toolboxBytes()), fileOf('x', 'y')]
    await (await driver.run(specOf(['bin/prog.wasm', 'show', 'x'], { files }))).ended
    expect(await textOf(driver)).to.equal('y')
    expect(await failureOf(collect('bin/prog.wasm'))).to.have.property('code', 'ENOENT')
  })

  it('have a limit each, and one together', async () => {
    const limits = { fileBytes: 4, memoryBytes: 2 ** 20 }
    await (await driver.run(specOf(toolbox('write', 'f', 'more than four'), { limits }))).ended
    expect(await collect('f')).to.equal('')
    const files = [fileOf('large', Buffer.alloc(2 ** 20))]
    await (await driver.run(specOf(toolbox('write', 'g', 'x'), { files, attempt: 1, limits }))).ended
    expect(await textOf(driver, 'stderr')).to.contain('No space left on device')
  })
})
