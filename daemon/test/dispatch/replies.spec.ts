import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { Replies } from '../../src/dispatch/replies.ts'

const BOUNDS = { entriesMax: 10, bytesMax: 1000 }
const forever = new AbortController().signal

/** Executions that a test counts and settles by hand. */
function counted () {
  const state = {
    executions: 0, settle: (_reply: Uint8Array) => {}, fail: (_error: CloudError) => {}, signal: forever
  }
  const execute = async (signal: AbortSignal): Promise<Uint8Array> => {
    state.executions++
    state.signal = signal
    return await new Promise((resolve, reject) => { Object.assign(state, { settle: resolve, fail: reject }) })
  }
  return { state, execute }
}

async function codeOf (call: Promise<unknown>): Promise<string> {
  return await call.then(() => 'none', error => (error as CloudError).code)
}

describe('a call that is executed once', () => {
  it('is answered again, not executed again, also while it runs', async () => {
    const replies = new Replies(BOUNDS)
    const { state, execute } = counted()
    const first = replies.once('a', 'spawn', forever, execute)
    const second = replies.once('a', 'spawn', forever, execute)
    const reply = Uint8Array.of(1)
    state.settle(reply)
    expect(await first).to.equal(reply)
    expect(await second).to.equal(reply)
    expect(await replies.once('a', 'spawn', forever, execute)).to.equal(reply)
    expect(state.executions).to.equal(1)
  })

  it('goes on when one caller leaves while another waits, and is given up when nobody does', async () => {
    const replies = new Replies(BOUNDS)
    const { state, execute } = counted()
    const [leaver, stayer] = [new AbortController(), new AbortController()]
    const left = codeOf(replies.once('a', 'spawn', leaver.signal, execute))
    const stayed = codeOf(replies.once('a', 'spawn', stayer.signal, execute))
    leaver.abort()
    expect(await left).to.equal('ECANCELED')
    expect(state.signal.aborted).to.equal(false)
    stayer.abort()
    expect(await stayed).to.equal('ECANCELED')
    expect(state.signal.aborted).to.equal(true)
  })

  it('may be tried again after a refusal that may pass, and not after one that stays', async () => {
    for (const [code, executions] of [['EAGAIN', 2], ['EEXIST', 1]] as const) {
      const replies = new Replies(BOUNDS)
      const { state, execute } = counted()
      for (let tries = 0; tries < 2; tries++) {
        const call = codeOf(replies.once('a', 'spawn', forever, execute))
        state.fail(new CloudError(code, 'No.'))
        expect(await call).to.equal(code)
      }
      expect(state.executions, code).to.equal(executions)
    }
  })

  it('refuses one request id for two different calls', async () => {
    const replies = new Replies(BOUNDS)
    await replies.once('a', 'spawn', forever, async () => Uint8Array.of(1))
    expect(await codeOf(replies.once('a', 'signal', forever, async () => Uint8Array.of(2)))).to.equal('EINVAL')
  })

  it('forgets the oldest replies past its bounds, and none that is still being made', async () => {
    for (const bounds of [{ entriesMax: 2, bytesMax: 1000 }, { entriesMax: 10, bytesMax: 25 }]) {
      const replies = new Replies(bounds)
      const running = counted()
      void replies.once('running', 'spawn', forever, running.execute)
      let executions = 0
      const execute = async (): Promise<Uint8Array> => {
        executions++
        return new Uint8Array(10)
      }
      for (const key of ['a', 'b', 'c', 'a', 'running']) {
        if (key === 'running') void replies.once(key, 'spawn', forever, running.execute)
        else await replies.once(key, 'spawn', forever, execute)
      }
      expect(executions).to.equal(4)
      expect(running.state.executions).to.equal(1)
    }
  })
})
