import { expect } from 'chai'
import { isCloudError } from '@welkin/interface'
import { Upcalls } from '../../../src/kernel/processes/upcalls.ts'

const quiet = { send: () => {}, end: () => {} }

describe('a handler that is waited for', () => {
  it('is there when the object has registered for that very signal, once or already', async () => {
    const upcalls = new Upcalls()
    const { signal } = new AbortController()
    const heard: string[] = []
    const waiting = upcalls.whenHandled('a', 'checkpoint', signal).then(() => { heard.push('a') })
    const drop = upcalls.register('a', ['SIGHUP'], quiet)
    upcalls.register('b', ['checkpoint'], quiet)
    await upcalls.whenHandled('b', 'checkpoint', signal)
    expect(heard).to.deep.equal([])
    drop()
    upcalls.register('a', ['checkpoint'], quiet)
    await waiting
    expect(heard).to.deep.equal(['a'])
  })

  it('is waited for no longer when that is given up', async () => {
    const controller = new AbortController()
    const waiting = new Upcalls().whenHandled('a', 'checkpoint', controller.signal)
    controller.abort()
    const error = await waiting.catch((reason: unknown) => reason)
    expect(isCloudError(error, 'ECANCELED')).to.equal(true)
  })
})
