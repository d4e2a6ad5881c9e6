import { expect } from 'chai'
import { decodeCall, encode, encodeItem, rowOf, type Call } from '@welkin/abi'
import { CloudError, SILENT, type Channel, type Clock, type Handler, type Link } from '@welkin/interface'
import { pipePair, Wire } from '@welkin/wire'
import { createSyscalls, invoke, type Syscalls } from '../src/index.ts'

const REQUEST_ID = 'a'.repeat(32)
const clock: Clock = { monotonicMs: () => 0, wallMs: () => 0, after: () => () => {} }
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values)

interface Served { call: Call, input: Uint8Array[], channel: Channel | undefined }

/** A client of a daemon that a test plays: `reply` makes what it says to each call. */
function playing (reply: (served: Served) => Promise<Uint8Array>): { syscalls: Syscalls, link: Link, seen: Served[] } {
  const seen: Served[] = []
  const handler: Handler<unknown> = {
    request: async payload => {
      const served: Served = { call: decodeCall(payload), input: [], channel: undefined }
      seen.push(served)
      return await reply(served)
    },
    channel: async (payload, channel) => {
      const served: Served = { call: decodeCall(payload), input: [], channel }
      seen.push(served)
      await channel.send(await reply(served))
    }
  }
  const [near, far] = pipePair(setImmediate)
  void new Wire({ pipe: far, clock, log: SILENT, defer: setImmediate, handler })
  const link = new Wire({ pipe: near, clock, log: SILENT, defer: setImmediate })
  return { syscalls: createSyscalls(link, { drawRequestId: () => REQUEST_ID, chain: [bytes(7)] }), link, seen }
}

/** Lets the event loop turn until `predicate` holds; what waits for longer than a thousand turns waits for ever. */
async function until (predicate: () => boolean): Promise<void> {
  for (let turns = 0; !predicate() && turns < 1000; turns++) await new Promise(resolve => { setImmediate(resolve) })
}

describe('the client', () => {
  it('sends name, arguments, request id and chain, and gives the reply', async () => {
    const { syscalls, seen } = playing(async () => encode({ id: 'x', to: 'process' }))
    const args = { id: 'web', signal: 'SIGHUP' }
    expect(await syscalls.signal(args, { node: 'n3' })).to.deep.equal({ id: 'x', to: 'process' })
    expect(seen[0]?.call).to.deep.equal({
      name: 'signal', args, requestId: REQUEST_ID, node: 'n3', hops: 0, chain: [bytes(7)]
    })
  })

  it('rejects with the error that the node gave', async () => {
    const fields = { object: 'x' }
    const { syscalls } = playing(async () => { throw new CloudError('ENOENT', 'Not here.', { fields }) })
    const error = await syscalls.stat({ id: 'x' }).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CloudError).and.to.deep.include({ code: 'ENOENT', fields: { object: 'x' } })
  })

  it('says of all streams but those that come as fast as the way carries them that their pace is their own', () => {
    const paced: Array<boolean | undefined> = []
    const { link } = playing(async () => bytes())
    const watched: Link = {
      request: async payload => await link.request(payload),
      open: (payload, options) => {
        paced.push(options?.paced)
        return link.open(payload, options)
      }
    }
    const syscalls = createSyscalls(watched, { drawRequestId: () => REQUEST_ID })
    syscalls.logs({ id: 'web', follow: true })
    syscalls.blob.get({ blob: 'e3'.repeat(32) })
    expect(paced).to.deep.equal([true, false])
  })

  it('sends all input of an upload before it takes the reply', async () => {
    const { syscalls, seen } = playing(async ({ channel, input }) => {
      for await (const item of channel as Channel) input.push(item.slice())
      return encodeItem(rowOf('blob.put')?.reply, { blob: 'b', sizeBytes: 3 })
    })
    const content = async function * (): AsyncGenerator<Uint8Array> {
      yield bytes(1, 2)
      yield bytes(3)
    }
    expect(await syscalls.blob.put({}, { input: content() })).to.deep.equal({ blob: 'b', sizeBytes: 3 })
    expect(seen[0]?.input).to.deep.equal([bytes(1, 2), bytes(3)])
  })

  it('tells the node when what it was to send cannot be read, and rejects', async () => {
    let told = ''
    const { syscalls } = playing(async ({ channel }) => {
      try {
        for await (const _item of channel as Channel) { /* reads on */ }
      } catch (error) {
        told = (error as CloudError).code
        throw error
      }
      return bytes()
    })
    const content = async function * (): AsyncGenerator<Uint8Array> {
      yield bytes(1)
      throw new CloudError('EIO', 'The file vanished.')
    }
    const error = await syscalls.blob.put({}, { input: content() }).catch((reason: unknown) => reason)
    expect(error).to.have.property('code', 'EIO')
    await until(() => told !== '')
    expect(told).to.equal('EIO')
  })

  it('gives the items of a stream, and leaves when the reader does', async () => {
    let left = ''
    const { syscalls } = playing(async ({ channel }) => {
      try {
        for (;;) await channel?.send(encodeItem(rowOf('blob.get')?.reply, bytes(1)))
      } catch (error) {
        left = (error as CloudError).code
      }
      return bytes()
    })
    let items = 0
    for await (const item of syscalls.blob.get({ blob: 'f'.repeat(64) })) {
      expect(item).to.deep.equal(bytes(1))
      if (++items === 5) break
    }
    await until(() => left !== '')
    expect(left).to.be.oneOf(['EPIPE', 'ECANCELED'])
  })

  it('refuses a name that is not in the table', () => {
    const { link } = playing(async () => bytes())
    const call = () => invoke(link, { drawRequestId: () => REQUEST_ID }, 'frobnicate', {})
    expect(call).to.throw().with.property('code', 'ENOSYS')
  })
})
