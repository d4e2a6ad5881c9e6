import { expect } from 'chai'
import { collectBytes } from '@welkin/async'
import { CloudError, type ByteStream, type Cancel, type Dialer } from '@welkin/interface'
import { rejects } from './rejects.ts'
import { factsIn, type Setup } from './world.ts'

export interface DialerPorts {
  dialer: Dialer
  /** Has a program of this machine listen; says on which port, and what ends the program as a kill does. */
  serve: (program: (connection: ByteStream) => Promise<void>) => Promise<{ port: number, kill: Cancel }>
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = async (stream: ByteStream): Promise<string> => new TextDecoder().decode(await collectBytes(stream))

export function dialerCompliance (setup: Setup<DialerPorts>): void {
  describe('as a Dialer', () => {
    const fact = factsIn(setup)

    fact('pass bytes both ways, and the end of each direction by itself', async ({ dialer, serve }) => {
      const { port } = await serve(async connection => {
        const asked = await textOf(connection) // to the end of what comes, and answers only then
        await connection.send(bytesOf(`you said ${asked}`))
        await connection.end()
      })
      const stream = await dialer.connect(port)
      await stream.send(bytesOf('one '))
      await stream.send(bytesOf('two'))
      await stream.end()
      expect(await textOf(stream)).to.equal('you said one two')
    })

    fact('go on sending to a program that has said all', async ({ dialer, serve }) => {
      let heard: (text: string) => void
      const said = new Promise<string>(resolve => { heard = resolve })
      const { port } = await serve(async connection => {
        await connection.send(bytesOf('go on'))
        await connection.end()
        heard(await textOf(connection))
      })
      const stream = await dialer.connect(port)
      expect(await textOf(stream)).to.equal('go on')
      await stream.send(bytesOf('so I do'))
      await stream.end()
      expect(await said).to.equal('so I do')
    })

    fact('hold a sender back that is faster than its reader', async ({ dialer, serve }) => {
      let read = (): void => {}
      const mayRead = new Promise<void>(resolve => { read = resolve })
      const { port } = await serve(async connection => {
        await mayRead
        const all = await collectBytes(connection)
        await connection.send(bytesOf(`${all.byteLength}`))
        await connection.end()
      })
      const stream = await dialer.connect(port)
      const piece = new Uint8Array(1 << 20)
      let sent = 0
      const sending = (async () => {
        for (; sent < 64; sent++) await stream.send(piece)
        await stream.end()
      })()
      await dialer.connect(port).then(async other => other.fail(new CloudError('ECANCELED', 'Time passes.')))
      expect(sent).to.be.below(64)
      read()
      await sending
      expect(await textOf(stream)).to.equal(`${64 << 20}`)
    })

    fact('reject ECONNREFUSED where nobody listens', async ({ dialer, serve }) => {
      const { port, kill } = await serve(async () => {})
      kill()
      await rejects(dialer.connect(port), 'ECONNREFUSED')
    })

    fact('fail with ECONNRESET when the program is killed', async ({ dialer, serve }) => {
      const { port, kill } = await serve(async connection => {
        await connection.send(bytesOf('hello'))
        await collectBytes(connection)
      })
      const stream = await dialer.connect(port)
      const reader = stream[Symbol.asyncIterator]()
      expect((await reader.next()).done).to.equal(false)
      kill()
      await rejects(reader.next(), 'ECONNRESET')
    })

    fact('give up at once when they are told to', async ({ dialer, serve }) => {
      const { port } = await serve(async () => {})
      const abort = new AbortController()
      abort.abort(new CloudError('ECANCELED', 'Nobody wants it any more.'))
      await rejects(dialer.connect(port, { signal: abort.signal }), 'ECANCELED')
    })

    fact('let the program see that a stream was broken off', async ({ dialer, serve }) => {
      let seen: (outcome: string) => void
      const outcome = new Promise<string>(resolve => { seen = resolve })
      const { port } = await serve(async connection => {
        await connection.send(bytesOf('ready'))
        await textOf(connection).then(() => seen('ended'), () => seen('broken off'))
      })
      const stream = await dialer.connect(port)
      await stream[Symbol.asyncIterator]().next()
      stream.fail(new CloudError('ECANCELED', 'It is broken off.'))
      expect(await outcome).to.equal('broken off')
    })
  })
}
