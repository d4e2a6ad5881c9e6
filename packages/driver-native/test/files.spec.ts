import { lstat, readFile, stat } from 'node:fs/promises'
import { expect } from 'chai'
import { CloudError, type Driver, type TaskFile } from '@welkin/interface'
import { collectBytes } from '@welkin/async'
import { failureOf, ID, Room, shell, specOf, textOf } from './room.ts'

describe('The working directory of a native task', () => {
  let room: Room
  let driver: Driver
  beforeEach(async () => {
    room = await Room.open()
    driver = await room.driver()
  })
  afterEach(async () => await room.close())

  it('belongs to its owner alone', async () => {
    await (await driver.run(specOf(['true']))).ended
    expect((await stat(room.work(''))).mode & 0o777).to.equal(0o700)
  })

  it('holds files that cannot be used to change what they were put in from', async () => {
    const file = await room.file('data', 'original')
    const changes = shell('chmod u+w data 2>/dev/null; echo changed > data')
    await (await driver.run(specOf(changes, { files: [file] }))).ended
    expect(await readFile(file.localPath as string, 'utf8')).to.equal('original')
  })

  it('gets the content of a file that has vanished from where it was said to be', async () => {
    const file: TaskFile = { ...await room.file('data', 'content'), localPath: '/no/such/file' }
    await (await driver.run(specOf(['cat', 'data'], { files: [file] }))).ended
    expect(await textOf(driver)).to.equal('content')
  })

  it('has no part of a file whose content could not be had, and nothing is run', async () => {
    const file: TaskFile = {
      path: 'in/data',
      executable: false,
      localPath: undefined,
      async * open () {
        yield Buffer.from('begin')
        throw new CloudError('EIO', 'The blob is damaged.')
      }
    }
    expect((await failureOf(driver.run(specOf(['true'], { files: [file] })))).code).to.equal('EIO')
    expect((await failureOf(lstat(room.work('in/data')))).code).to.equal('ENOENT')
  })

  it('is found by the next attempt as the last one left it', async () => {
    const tool = await room.file('tool', '#!/bin/sh\nrm tool; echo 1 > state', { executable: true })
    const files = [await room.file('state', '0', { mode: 0o644 }), tool]
    await (await driver.run(specOf(['./tool'], { files }))).ended
    await (await driver.run(specOf(['./tool'], { files, attempt: 1 }))).ended
    expect(await readFile(room.work('state'), 'utf8')).to.equal('1\n')
  })

  it('is not left when an earlier attempt has put a link where a directory was', async () => {
    const outside = await room.file('outside', 'untouched', { mode: 0o644 })
    await (await driver.run(specOf(['ln', '-s', room.directory, 'in']))).ended
    const files = [{ ...await room.file('x', 'x'), path: 'in/blob-outside' }]
    expect((await failureOf(driver.run(specOf(['true'], { files, attempt: 1 })))).code).to.equal('EINVAL')
    expect(await readFile(outside.localPath as string, 'utf8')).to.equal('untouched')
  })

  it('gives out no file that a link leads to, and nothing that is not a regular file', async () => {
    const links = 'ln -s real link; ln -s /etc etc; ln -s /etc/passwd passwd; ln -s nothing dangling'
    await (await driver.run(specOf(shell(`echo x > real; mkfifo pipe; mkdir d; ${links}`)))).ended
    const codeOf = async (path: string): Promise<string> => {
      return (await failureOf(collectBytes(driver.collect(ID, path)))).code
    }
    for (const path of ['link', 'etc/passwd', 'passwd', 'pipe', 'd', '../work/real', '/etc/passwd', 'd/../real']) {
      expect(await codeOf(path), path).to.equal('EINVAL')
    }
    for (const path of ['none', 'd/none', 'dangling', 'real/none']) expect(await codeOf(path), path).to.equal('ENOENT')
    expect(Buffer.from(await collectBytes(driver.collect(ID, 'real'))).toString()).to.equal('x\n')
  })

  it('is removed with directories in it that nobody may change', async () => {
    await (await driver.run(specOf(shell('mkdir -p a/b; touch a/b/c; chmod 0 a/b; chmod 500 a')))).ended
    await driver.remove(ID)
    expect((await failureOf(stat(room.work('')))).code).to.equal('ENOENT')
  })

  it('of an id that is none is refused', async () => {
    expect(() => driver.output('../../etc')).to.throw(CloudError).with.property('code', 'EINVAL')
    expect((await failureOf(driver.remove('..'))).code).to.equal('EINVAL')
    expect((await failureOf(driver.run(specOf(['true'], { id: '../x' })))).code).to.equal('EINVAL')
  })
})
