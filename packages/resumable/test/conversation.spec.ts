import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { CloudError, type Channel } from '@welkin/interface'
import { Conversation } from '../src/index.ts'

const BROKEN = new CloudError('ECONNRESET', 'The connection broke.')

/** One end of a connection: what it sends is read at the other, until either fails. */
class End implements Channel {
  other!: End
  readonly #come: Uint8Array[] = []
  #hasEnded = false
  #failure: CloudError | undefined
  #wake = (): void => {}

  async send (message: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.other.#come.push(message)
    this.other.#wake()
  }

  async end (): Promise<void> {
    this.other.#hasEnded = true
    this.other.#wake()
  }

  fail (error: CloudError): void {
    for (const end of [this, this.other]) {
      end.#failure ??= error
      end.#wake()
    }
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const message = this.#come.shift()
      if (message !== undefined) yield message
      else if (this.#hasEnded) return
      else await new Promise<void>(resolve => { this.#wake = resolve })
    }
  }
}

/** Joins the two by a connection, which is given to be broken. */
function connect (one: Conversation, other: Conversation): End {
  const [near, far] = [new End(), new End()]
  near.other = far
  far.other = near
  void one.attach(near)
  void other.attach(far)
  return near
}

async function read (conversation: Conversation, count = Infinity): Promise<number[]> {
  const numbers: number[] = []
  while (numbers.length < count) {
    const { done, value } = await conversation[Symbol.asyncIterator]().next()
    if (done === true) break
    numbers.push(...value)
  }
  return numbers
}

describe('a conversation', () => {
  it('goes on over one connection after the other, and is over when both ends know that all is said', async () => {
    const [one, other] = [new Conversation(), new Conversation()]
    const heard = read(other)
    for (let number = 0; number < 50; number++) {
      const connection = number % 5 === 0 ? connect(one, other) : undefined
      await one.send(Uint8Array.of(number))
      if (number % 10 === 5) connection?.fail(BROKEN)
    }
    connect(one, other)
    await Promise.all([one.end(), other.end()])
    expect(await heard).to.deep.equal(Array.from({ length: 50 }, (_none, at) => at))
    await Promise.all([one.over, other.over])
  })

  it('goes on from its state where it was at that moment, whatever its former self did after', async () => {
    const [one, before] = [new Conversation(), new Conversation()]
    const connection = connect(one, before)
    await one.send(Uint8Array.of(1, 2))
    expect(await read(before, 2)).to.deep.equal([1, 2])
    await before.send(Uint8Array.of(7))
    const state = structuredClone(before.state)
    connection.fail(BROKEN)
    await before.send(Uint8Array.of(8))
    const after = new Conversation(state)
    connect(one, after)
    await one.send(Uint8Array.of(3))
    expect(await read(after, 1)).to.deep.equal([3])
    await after.send(Uint8Array.of(9))
    expect(await read(one, 2)).to.deep.equal([7, 9])
  })

  it('fails at both ends from a state that is older than what the other end was told', async () => {
    const [one, before] = [new Conversation(), new Conversation()]
    const state = structuredClone(before.state)
    const connection = connect(one, before)
    await before.send(Uint8Array.of(1))
    expect(await read(one, 1)).to.deep.equal([1])
    connection.fail(BROKEN)
    const after = new Conversation(state)
    connect(one, after)
    const codes = await Promise.all([one, after].map(async end =>
      await end.over.then(() => 'none', (error: CloudError) => error.code)))
    expect(codes).to.deep.equal(['ECONNRESET', 'ECONNRESET'])
  })

  it('gives all to who reads slowly, though the other end has had enough', async () => {
    const [one, other] = [new Conversation(), new Conversation()]
    connect(one, other)
    await one.send(Uint8Array.of(1, 2, 3))
    await Promise.all([one.end(), other.end()])
    expect(await read(one)).to.deep.equal([])
    await one.over // and it has ended its connection
    await setImmediate()
    expect(other.isConnected).to.equal(true)
    expect(await read(other)).to.deep.equal([1, 2, 3])
    await other.over
  })

  it('tells an end that does not know it yet that it is over', async () => {
    const [one, other] = [new Conversation(), new Conversation()]
    connect(one, other)
    await Promise.all([one.end(), other.end()])
    await Promise.all([one.over, other.over])
    const late = new Conversation({ ...one.state, endAcknowledged: false })
    connect(late, other)
    await late.over
  })
})
