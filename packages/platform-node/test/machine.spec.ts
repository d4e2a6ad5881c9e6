import { expect } from 'chai'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudError } from '@welkin/interface'
import { createNodeMachine } from '../src/index.ts'

describe('the load of a machine', () => {
  it('is refused with EIO when the directory that counts is gone', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'welkin-machine-'))
    const machine = createNodeMachine(directory)
    expect((await machine.load()).diskFreeBytes).to.be.above(0)
    await rm(directory, { recursive: true })
    const error = await machine.load().then(() => undefined, (thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(CloudError).with.property('code', 'EIO')
  })
})
