import { CloudError } from '@welkin/interface'
import { expect } from 'chai'
import { pipePair, Wire } from '../src/index.ts'
import {
  deferred, ECHO, HandPipe, read, rejection, rejects, requests, TestClock, TestLog, TestLoop, text, world
} from './kit.ts'

describe('requests', () => {
  it('are answered both ways at once, with the same ids', async () => {
    const { left, right } = world({
      left: requests(async payload => text(`left ${read(payload)}`)),
      right: requests(async payload => text(`right ${read(payload)}`))
    })
    const answers = await Promise.all([1, 2, 3].flatMap(n => [left.request(text(`${n}`)), right.request(text(`${n}`))]))
    expect(answers.map(read)).to.deep.equal(['right 1', 'left 1', 'right 2', 'left 2', 'right 3', 'left 3'])
  })

  it('are answered in any order', async () => {
    const gates = new Map(['a', 'b'].map(name => [name, deferred()]))
    const { left } = world({
      right: requests(async payload => {
        await gates.get(read(payload))?.promise
        return payload
      })
    })
    const a = left.request(text('a'))
    const b = left.request(text('b'))
    gates.get('b')?.resolve()
    expect(read(await b)).to.equal('b')
    gates.get('a')?.resolve()
    expect(read(await a)).to.equal('a')
  })

  it('carry up to the longest payload and no byte more', async () => {
    const { left } = world({ right: ECHO, limits: { payloadBytesMax: 100_000 } })
    expect(await left.request(new Uint8Array(100_000).fill(7))).to.deep.equal(new Uint8Array(100_000).fill(7))
    await rejects(left.request(new Uint8Array(100_001)), 'E2BIG')
  })

  it('reject E2BIG when the answer is too long', async () => {
    const { left } = world({ right: requests(async () => new Uint8Array(1001)), limits: { payloadBytesMax: 1000 } })
    await rejects(left.request(text('x')), 'E2BIG')
  })

  it('keep to the shorter limit of the two ends', async () => {
    const pipe = new HandPipe()
    const loop = new TestLoop()
    const wire = new Wire({ pipe, clock: new TestClock(), log: new TestLog(), defer: loop.defer })
    pipe.events.received(Uint8Array.of(0, 0, 0, 11, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 50))
    await wire.ready
    await rejects(wire.request(new Uint8Array(51)), 'E2BIG')
  })

  it('reject with the error that the handler threw', async () => {
    const fault = new CloudError('ENOENT', 'No such thing.', { fields: { id: 7 } })
    const { left, log } = world({ right: requests(async () => { throw fault }) })
    const error = await rejection(left.request(text('x')))
    expect(error).to.be.instanceOf(CloudError)
    expect(error).to.deep.include({ code: 'ENOENT', message: 'No such thing.', fields: { id: 7 } })
    expect(log.events).to.deep.equal([])
  })

  it('reject EFAULT without the story when the handler has a bug, and the log has it', async () => {
    const { left, log } = world({ right: requests(() => { throw new TypeError('secret') }) })
    const error = await rejection(left.request(text('x')))
    expect(error).to.include({ code: 'EFAULT' })
    expect(error.message).not.to.include('secret')
    expect(log.events).to.have.length(1)
    expect(log.events[0]).to.include({ level: 'error', event: 'wire.handler_failed' })
  })

  it('reject ENOSYS at an end that serves nothing', async () => {
    const { left } = world()
    await rejects(left.request(text('x')), 'ENOSYS')
  })
})

describe('deadlines', () => {
  it('reject ETIMEDOUT here and abort the signal there', async () => {
    const aborted = deferred<string>()
    const { clock, left, loop } = world({
      right: requests(async (_payload, call) => {
        call.signal.addEventListener('abort', () => aborted.resolve((call.signal.reason as CloudError).code))
        await aborted.promise
        return text('late')
      })
    })
    const answer = rejection(left.request(text('x'), { timeoutMs: 500 }))
    await loop.idle()
    clock.advance(500)
    expect(await answer).to.include({ code: 'ETIMEDOUT' })
    expect(await aborted.promise).to.be.oneOf(['ETIMEDOUT', 'ECANCELED'])
    await loop.idle()
    expect(clock.timers).to.equal(0)
  })

  it('tell the other end what is left of them', async () => {
    const times: Array<number | undefined> = []
    const { left } = world({ right: requests(async (payload, call) => { times.push(call.timeoutMs); return payload }) })
    await left.request(text('x'), { timeoutMs: 250 })
    await left.request(text('x'))
    expect(times).to.deep.equal([250, undefined])
  })

  it('leave no timer behind when the answer comes in time', async () => {
    const { clock, left } = world({ right: requests(async (_payload, call) => text(`${call.signal.aborted}`)) })
    expect(read(await left.request(text('x'), { timeoutMs: 250 }))).to.equal('false')
    expect(clock.timers).to.equal(0)
  })
})

describe('cancellation', () => {
  it('rejects ECANCELED at once and aborts the handler', async () => {
    const started = deferred<AbortSignal>()
    const { left, loop } = world({
      right: requests(async (payload, call) => {
        started.resolve(call.signal)
        await new Promise(resolve => call.signal.addEventListener('abort', resolve))
        return payload
      })
    })
    const controller = new AbortController()
    const answer = rejection(left.request(text('x'), { signal: controller.signal }))
    const signal = await started.promise
    controller.abort()
    expect(await answer).to.include({ code: 'ECANCELED' })
    await loop.idle()
    expect(signal.reason).to.include({ code: 'ECANCELED' })
  })

  it('before the request is made sends nothing', async () => {
    let asked = 0
    const { left, loop } = world({ right: requests(async payload => { asked++; return payload }) })
    await rejects(left.request(text('x'), { signal: AbortSignal.abort() }), 'ECANCELED')
    await loop.idle()
    expect(asked).to.equal(0)
  })

  it('shows in a signal that is first looked at afterwards', async () => {
    const looked = deferred<boolean>()
    const go = deferred()
    const { left, loop } = world({
      right: requests(async (payload, call) => {
        await go.promise
        looked.resolve(call.signal.aborted)
        return payload
      })
    })
    const controller = new AbortController()
    const answer = rejection(left.request(text('x'), { signal: controller.signal }))
    await loop.idle()
    controller.abort()
    await answer
    await loop.idle()
    go.resolve()
    expect(await looked.promise).to.equal(true)
  })
})

describe('limits on requests', () => {
  it('queue here what is past the limit, and answer all', async () => {
    let running = 0
    let runningMax = 0
    const { left, loop } = world({
      right: requests(async payload => {
        runningMax = Math.max(runningMax, ++running)
        await new Promise(resolve => loop.defer(() => resolve(undefined)))
        running--
        return payload
      }),
      limits: { requestsMax: 4 }
    })
    const answers = await Promise.all(Array.from({ length: 25 }, (_, n) => left.request(text(`${n}`))))
    expect(answers.map(read)).to.deep.equal(Array.from({ length: 25 }, (_, n) => `${n}`))
    expect(runningMax).to.equal(4)
  })

  it('answer EAGAIN past the limit of the other end, and go on', async () => {
    const clock = new TestClock()
    const loop = new TestLoop()
    const log = new TestLog()
    const [leftPipe, rightPipe] = pipePair(loop.defer)
    const gate = deferred()
    const left = new Wire({ pipe: leftPipe, clock, log, defer: loop.defer })
    const handler = requests(async payload => { await gate.promise; return payload })
    const right = new Wire({ pipe: rightPipe, clock, log, defer: loop.defer, limits: { requestsMax: 2 }, handler })
    const answers = [1, 2, 3].map(n => left.request(text(`${n}`)))
    expect(await rejection(answers[2] as Promise<Uint8Array>)).to.deep.include({ code: 'EAGAIN', fields: { limit: 2 } })
    gate.resolve()
    expect((await Promise.all(answers.slice(0, 2))).map(read)).to.deep.equal(['1', '2'])
    expect(read(await left.request(text('4')))).to.equal('4')
    expect(right.ended).to.equal(false)
  })

  it('answer EAGAIN past the bytes that the other end holds', async () => {
    const gate = deferred()
    const { left } = world({
      right: requests(async payload => { await gate.promise; return payload }), limits: { requestBytesMax: 1500 }
    })
    const first = left.request(new Uint8Array(1000))
    await rejects(left.request(new Uint8Array(1000)), 'EAGAIN')
    gate.resolve()
    expect(await first).to.have.length(1000)
  })

  it('stop requests while the pipe is full, and let them give up meanwhile', async () => {
    const pipe = new HandPipe()
    const loop = new TestLoop()
    const clock = new TestClock()
    const wire = new Wire({ pipe, clock, log: new TestLog(), defer: loop.defer })
    pipe.full = true
    await loop.idle()
    const before = pipe.written.length
    const answer = rejection(wire.request(new Uint8Array(100), { timeoutMs: 100 }))
    await loop.idle()
    expect(pipe.written).to.have.length(before)
    clock.advance(100)
    expect(await answer).to.include({ code: 'ETIMEDOUT' })
    pipe.full = false
    pipe.events.drained()
    await loop.idle()
    expect(pipe.written).to.have.length(before)
  })
})

describe('the end of a connection', () => {
  it('rejects all that waits with ECONNRESET and aborts what is being answered', async () => {
    const signal = deferred<AbortSignal>()
    const { left, right, loop } = world({
      right: requests(async (_payload, call) => {
        signal.resolve(call.signal)
        return await new Promise(() => {})
      })
    })
    const answer = rejection(left.request(text('x')))
    const seen = await signal.promise
    right.close()
    expect(await answer).to.include({ code: 'ECONNRESET' })
    expect(seen.reason).to.include({ code: 'ECONNRESET' })
    await loop.idle()
    expect(await left.closed).to.include({ code: 'ECONNRESET' })
    await rejects(left.request(text('y')), 'ECONNRESET')
    expect(left.ended && right.ended).to.equal(true)
  })

  it('rejects with the error that the pipe gives', async () => {
    const pipe = new HandPipe()
    const wire = new Wire({ pipe, clock: new TestClock(), log: new TestLog(), defer: setImmediate })
    const answer = rejection(wire.request(text('x')))
    pipe.events.ended(new CloudError('EHOSTDOWN', 'Nobody there.'))
    expect(await answer).to.include({ code: 'EHOSTDOWN' })
    await rejects(wire.ready, 'EHOSTDOWN')
  })
})
