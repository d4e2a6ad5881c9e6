import { concatBytes } from '@welkin/async'
import { CloudError, type Channel } from '@welkin/interface'
import { expect } from 'chai'
import { channels, deferred, ECHO, read, readAll, rejection, rejects, text, world } from './kit.ts'

describe('channels', () => {
  it('carry messages both ways in order, also empty and long ones', async () => {
    const { left } = world({ right: ECHO, limits: { windowBytes: 10_000 } })
    const channel = left.open(text('first'))
    const sent = ['', 'a', 'x'.repeat(50_000), '', 'b']
    const sending = (async () => {
      for (const message of sent) await channel.send(text(message))
      await channel.end()
    })()
    expect(await readAll(channel)).to.deep.equal(['first', ...sent])
    await sending
  })

  it('open from both ends at once with the same ids', async () => {
    const { left, right } = world({
      left: channels(async (payload, channel) => { await channel.send(text(`left ${read(payload)}`)) }),
      right: channels(async (payload, channel) => { await channel.send(text(`right ${read(payload)}`)) })
    })
    const all = await Promise.all([left, right, left, right].map(async (wire, n) => readAll(wire.open(text(`${n}`)))))
    expect(all).to.deep.equal([['right 0'], ['left 1'], ['right 2'], ['left 3']])
  })

  it('stay open one way when the other has ended', async () => {
    const { left } = world({
      right: channels(async (_payload, channel) => {
        const got = await readAll(channel)
        for (const message of got) await channel.send(text(`late ${message}`))
      })
    })
    const channel = left.open(text(''))
    await channel.send(text('1'))
    await channel.end()
    expect(await readAll(channel)).to.deep.equal(['late 1'])
  })

  it('end when the handler is done, for reading and for sending', async () => {
    const { left, loop } = world({ right: channels(async (_payload, channel) => { await channel.send(text('bye')) }) })
    const channel = left.open(text(''))
    await loop.idle()
    await rejects(channel.send(text('x')), 'EPIPE')
    expect(await readAll(channel)).to.deep.equal(['bye'])
    await channel.end()
  })

  it('reject sends with EPIPE when the other reader leaves its loop', async () => {
    const left1 = deferred()
    const { left } = world({
      right: channels(async (_payload, channel) => {
        for await (const message of channel) { expect(read(message)).to.equal('1'); break }
        left1.resolve()
        await channel.send(text('still sending'))
      }),
      limits: { windowBytes: 200 }
    })
    const channel = left.open(text(''))
    await channel.send(text('1'))
    await left1.promise
    const sending = (async () => { for (;;) await channel.send(text('2')) })()
    await rejects(sending, 'EPIPE')
    expect(await readAll(channel)).to.deep.equal(['still sending'])
  })

  it('reject EPIPE after an end of their own', async () => {
    const { left } = world({ right: ECHO })
    const channel = left.open(text(''))
    await channel.end()
    await rejects(channel.send(text('x')), 'EPIPE')
    await channel.end()
  })

  it('fail at both ends with the error of whoever gives up', async () => {
    const there = deferred<unknown>()
    const { left } = world({
      right: channels(async (_payload, channel, call) => {
        const error = await rejection(readAll(channel))
        expect(call.signal.reason).to.equal(error)
        there.resolve(error)
        expect(await rejection(channel.send(text('x')))).to.equal(error)
      })
    })
    const channel = left.open(text(''))
    await channel.send(text('1'))
    channel.fail(new CloudError('EIO', 'The disk is gone.'))
    expect(await there.promise).to.include({ code: 'EIO', message: 'The disk is gone.' })
    await rejects(readAll(channel), 'EIO')
    await rejects(channel.send(text('x')), 'EIO')
  })

  it('fail with what the handler throws', async () => {
    const { left } = world({ right: channels(async () => { throw new CloudError('ENOENT', 'No such stream.') }) })
    await rejects(readAll(left.open(text(''))), 'ENOENT')
  })

  it('fail when their time is over or their opener gives up', async () => {
    const { clock, left, loop } = world({ right: ECHO })
    const controller = new AbortController()
    const timed = left.open(text(''), { timeoutMs: 100 })
    const cancelled = left.open(text(''), { signal: controller.signal })
    await loop.idle()
    clock.advance(100)
    controller.abort()
    const failures = await Promise.all([timed, cancelled].map(channel => rejection(readAll(channel))))
    expect(failures.map(error => error.code)).to.deep.equal(['ETIMEDOUT', 'ECANCELED'])
    await rejects(readAll(left.open(text(''), { signal: controller.signal })), 'ECANCELED')
  })

  it('reject ECONNRESET when the connection ends', async () => {
    const { left, right } = world({ right: ECHO })
    const channel = left.open(text(''))
    await channel.send(text('1'))
    const failures = rejection(readAll(channel))
    right.close()
    expect(await failures).to.include({ code: 'ECONNRESET' })
    await rejects(readAll(left.open(text(''))), 'ECONNRESET')
  })

  it('are refused with EAGAIN past the limit', async () => {
    const { left, loop } = world({ right: ECHO, limits: { channelsMax: 2 } })
    const open = [left.open(text('')), left.open(text(''))]
    await rejects(readAll(left.open(text(''))), 'EAGAIN')
    await Promise.all(open.map(async channel => { await channel.end(); await readAll(channel) }))
    await loop.idle()
    const another = left.open(text('again'))
    await another.end()
    expect(await readAll(another)).to.deep.equal(['again'])
  })

  it('refuse messages that are too long', async () => {
    const { left } = world({ right: ECHO, limits: { payloadBytesMax: 1000 } })
    const channel = left.open(text(''))
    await rejects(channel.send(new Uint8Array(1001)), 'E2BIG')
    await rejects(readAll(left.open(new Uint8Array(1001))), 'E2BIG')
  })
})

describe('flow control', () => {
  it('stops the sender of a slow reader, and lets it go on as the reader takes', async () => {
    const opened = deferred<Channel>()
    const over = deferred()
    const { left, loop } = world({
      right: channels(async (_payload, channel) => { opened.resolve(channel); await over.promise }),
      limits: { windowBytes: 10_000 }
    })
    const channel = left.open(text(''))
    let sent = 0
    const sending = (async () => {
      for (let n = 0; n < 100; n++) { await channel.send(new Uint8Array(1000)); sent++ }
      await channel.end()
    })()
    await loop.idle()
    expect(sent).to.be.within(9, 11)
    const reader = (await opened.promise)[Symbol.asyncIterator]()
    for (let n = 0; n < 5; n++) await reader.next()
    await loop.idle()
    expect(sent).to.be.within(12, 17)
    let taken = 5
    while ((await reader.next()).done !== true) taken++
    await sending
    expect(taken).to.equal(100)
    over.resolve()
  })

  it('holds for what is read in pieces, and grants them as they are taken', async () => {
    const opened = deferred<Channel>()
    const over = deferred()
    const { left, loop } = world({
      right: channels(async (_payload, channel) => {
        channel.inPieces?.()
        opened.resolve(channel)
        await over.promise
      }),
      limits: { windowBytes: 30_000 },
      chunkBytes: 5000
    })
    const channel = left.open(text(''))
    let sent = 0
    const sending = (async () => {
      for (; sent < 50; sent++) await channel.send(new Uint8Array(12_000).fill(sent))
      await channel.end()
    })()
    await loop.idle()
    expect(sent).to.equal(3)
    const pieces: Uint8Array[] = []
    for await (const piece of await opened.promise) pieces.push(piece)
    await sending
    expect(pieces.length).to.be.above(100)
    expect(pieces.every(piece => piece.byteLength > 0 && piece.byteLength <= 5000)).to.equal(true)
    const all = concatBytes(pieces)
    expect(all.byteLength).to.equal(50 * 12_000)
    expect(all.every((byte, at) => byte === Math.floor(at / 12_000))).to.equal(true)
    over.resolve()
  })

  it('of one channel does not hold up another, nor requests', async () => {
    const over = deferred()
    const { left, loop } = world({
      right: {
        ...ECHO,
        channel: async (payload, channel, call) => {
          if (read(payload) === 'stuck') await over.promise
          else await ECHO.channel(payload, channel, call)
        }
      },
      limits: { windowBytes: 1000 }
    })
    const stuck = left.open(text('stuck'))
    const sending = (async () => { for (let n = 0; n < 50; n++) await stuck.send(new Uint8Array(500)) })()
    await loop.idle()
    const lively = left.open(text('lively'))
    await lively.end()
    expect(await readAll(lively)).to.deep.equal(['lively'])
    expect(read(await left.request(text('x')))).to.equal('x')
    over.resolve()
    await rejects(sending, 'EPIPE')
  })

  it('counts empty messages too', async () => {
    const over = deferred()
    const { left, loop } = world({ right: channels(async () => { await over.promise }), limits: { windowBytes: 640 } })
    const channel = left.open(text(''))
    let sent = 0
    const sending = (async () => { for (;;) { await channel.send(new Uint8Array(0)); sent++ } })()
    await loop.idle()
    expect(sent).to.equal(10)
    over.resolve()
    await rejects(sending, 'EPIPE')
  })
})
