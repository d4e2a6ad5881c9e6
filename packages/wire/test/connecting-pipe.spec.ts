import { CloudError } from '@welkin/interface'
import { expect } from 'chai'
import { ConnectingPipe, pipePair, Wire, type Pipe } from '../src/index.ts'
import { deferred, ECHO, HandPipe, read, rejects, TestClock, TestLog, TestLoop, text } from './kit.ts'

describe('a pipe that is being connected', () => {
  const loop = new TestLoop()
  const common = { clock: new TestClock(), log: new TestLog(), defer: loop.defer }

  it('lets calls wait till it is, and then go', async () => {
    const connected = deferred<Pipe>()
    const wire = new Wire({ ...common, pipe: new ConnectingPipe(() => connected.promise) })
    const answers = Promise.all([1, 2, 3].map(n => wire.request(text(`${n}`))))
    await loop.idle()
    const [near, far] = pipePair(loop.defer)
    const server = new Wire({ ...common, pipe: far, handler: ECHO })
    connected.resolve(near)
    expect((await answers).map(read)).to.deep.equal(['1', '2', '3'])
    server.close()
  })

  it('rejects calls with why it could not be', async () => {
    const pipe = new ConnectingPipe(async () => { throw new CloudError('EHOSTDOWN', 'Nobody there.') })
    await rejects(new Wire({ ...common, pipe }).request(text('x')), 'EHOSTDOWN')
  })

  it('counts the time to connect as time of the call', async () => {
    const wire = new Wire({ ...common, pipe: new ConnectingPipe(() => new Promise(() => {})) })
    const answer = rejects(wire.request(text('x'), { timeoutMs: 100 }), 'ETIMEDOUT')
    await loop.idle()
    common.clock.advance(100)
    await answer
  })

  it('closes what it connects to when it was closed before', async () => {
    const connected = deferred<Pipe>()
    const hand = new HandPipe()
    const wire = new Wire({ ...common, pipe: new ConnectingPipe(() => connected.promise) })
    wire.close()
    connected.resolve(hand)
    await loop.idle()
    expect(hand.closed).to.equal(true)
  })
})
