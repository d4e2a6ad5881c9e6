import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { Replies } from '../../src/dispatch/replies.ts'

/** Executions that a test counts and settles by hand. */
function counted () {
  const state = { executions: 0, settle: (_reply: Uint8Array) => {}, fail: (_error: CloudError) => {} }
  const execute = async (): Promise<Uint8Array> => {
    state.executions++
    return await new Promise((resolve, reject) => { Object.assign(state, { settle: resolve, fail: reject }) })
  }
  return { state, execute }
}

describe('a call that is executed once', () => {
  it('is answered again, not executed again, also while it runs', async () => {
    const replies = new Replies(10)
    const { state, execute } = counted()
    const first = replies.once('a', 'spawn', execute)
    const second = replies.once('a', 'spawn', execute)
    const reply = Uint8Array.of(1)
    state.settle(reply)
    expect(await first).to.equal(reply)
    expect(await second).to.equal(reply)
    expect(await replies.once('a', 'spawn', execute)).to.equal(reply)
    expect(state.executions).to.equal(1)
  })

  it('may be tried again after a refusal that may pass, and not after one that stays', async () => {
    for (const [code, executions] of [['EAGAIN', 2], ['EEXIST', 1]] as const) {
      const replies = new Replies(10)
      const { state, execute } = counted()
      for (let tries = 0; tries < 2; tries++) {
        const call = replies.once('a', 'spawn', execute)
        state.fail(new CloudError(code, 'No.'))
        const error = await call.catch((reason: unknown) => reason)
        expect(error).to.have.property('code', code)
      }
      expect(state.executions, code).to.equal(executions)
    }
  })

  it('refuses one request id for two different calls', async () => {
    const replies = new Replies(10)
    void replies.once('a', 'spawn', async () => Uint8Array.of(1))
    const error = await replies.once('a', 'signal', async () => Uint8Array.of(2)).catch((reason: unknown) => reason)
    expect(error).to.have.property('code', 'EINVAL')
  })

  it('forgets the oldest reply past its bound', async () => {
    const replies = new Replies(2)
    let executions = 0
    const execute = async (): Promise<Uint8Array> => Uint8Array.of(++executions)
    for (const key of ['a', 'b', 'c', 'a']) await replies.once(key, 'spawn', execute)
    expect(executions).to.equal(4)
  })
})
