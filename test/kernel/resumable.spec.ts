import { expect } from 'chai'
import { createHash } from 'node:crypto'
import type { ByteStream } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import { dial } from '@welkin/syscalls'
import { codeOf, inCloud } from './in-cloud.ts'
import { ask, bytesOf, greeter, owner, serve, textOf } from './talk.ts'

const PIECE_BYTES = 10_000
const PIECES = 200

const digest = (): ReturnType<typeof createHash> => createHash('sha256')
const piece = (nth: number): Uint8Array => new Uint8Array(PIECE_BYTES).fill(nth % 251)

/** Says all pieces, slowly; and whether all came that the other end says. */
async function exchange (stream: ByteStream, pass: (ms: number) => Promise<void>): Promise<string> {
  const saying = (async () => {
    for (let nth = 0; nth < PIECES; nth++) {
      await stream.send(piece(nth))
      await pass(50)
    }
    await stream.end()
  })()
  const heard = digest()
  for await (const bytes of stream) heard.update(bytes)
  await saying
  return heard.digest('hex')
}

function whole (): string {
  const all = digest()
  for (let nth = 0; nth < PIECES; nth++) all.update(piece(nth))
  return all.digest('hex')
}

function cutFor (cloud: VirtualCloud, ms: number): void {
  cloud.network.partition([['n1'], ['n2', 'n3']])
  cloud.after(ms, () => cloud.network.heal())
}

describe('a resumable conversation', () => {
  it('goes on over connections that break, with nothing lost or doubled either way', async () => {
    await inCloud({}, async cloud => {
      let there = ''
      await serve(cloud, 'n2', async connection => { there = await exchange(connection, async ms => cloud.pass(ms)) })
      const stream = await dial(owner(cloud, 'n1'), 'web', { resumable: true })
      for (let atMs = 100; atMs < 8000; atMs += 330) cloud.after(atMs, () => cloud.network.disconnect('n1', 'n2'))
      cloud.after(4000, () => cutFor(cloud, 3000))
      expect(await exchange(stream, async ms => cloud.pass(ms))).to.equal(whole())
      await cloud.pass(2000)
      expect(there).to.equal(whole())
    })
  })

  it('is given up with a clear error after its grace time, at both ends', async () => {
    const nodeOptions = { communication: { graceMs: 3000 } } as object
    await inCloud({ nodeOptions }, async cloud => {
      let outcome = ''
      await serve(cloud, 'n2', async connection => {
        await textOf(connection).then(() => { outcome = 'ended' }, () => { outcome = 'broken off' })
      })
      const stream = await dial(owner(cloud, 'n1'), 'web', { resumable: true })
      await stream.send(bytesOf('hello'))
      await cloud.pass(500)
      cutFor(cloud, 60_000)
      expect(await codeOf(textOf(stream))).to.equal('ECONNRESET')
      await cloud.pass(30_000)
      expect(outcome).to.equal('broken off')
    })
  })

  it('ends at once when the object has ended, or its daemon has lost what it knew', async () => {
    await inCloud({}, async cloud => {
      await serve(cloud, 'n2', async connection => { await textOf(connection) })
      const stream = await dial(owner(cloud, 'n1'), 'web', { resumable: true })
      cloud.crash('n2')
      await cloud.start('n2', ['n1'])
      expect(await codeOf(textOf(stream))).to.equal('ECONNRESET')
    })
  })

  it('is as any other where nothing breaks', async () => {
    await inCloud({}, async cloud => {
      await serve(cloud, 'n2', greeter('web'))
      for (const from of ['n1', 'n2']) {
        expect(await ask(await dial(owner(cloud, from), 'web', { resumable: true }), from)).to.equal(`web: ${from}`)
      }
    })
  })
})
