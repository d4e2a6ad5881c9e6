import { decode, encode } from '@welkin/abi'
import { concatBytes, Condition, Mailbox } from '@welkin/async'
import type { BuiltinContext, BuiltinModule } from '@welkin/driver-builtin'
import { CloudError, isCloudError, type ByteStream } from '@welkin/interface'
import { Conversations, type ConversationsState, type Dialled } from '@welkin/syscalls'

const KEPT_DEFAULT = 100
/** Letters that may come again, since the word that they were taken was lost. */
const LETTERS_KNOWN_MAX = 1024
const LINE_BYTES_MAX = 64 * 1024
const NEWLINE = 0x0a

interface Entry { number: number, from: string, text: string }
/** Who has dialled: what he is told next, and what he has said of a line that has not come to its end. */
interface Reader { stream: ByteStream, from: string, next: number, line: Uint8Array, isOver: boolean }

interface Saved {
  next: number
  kept: Entry[]
  lettersKnown: string[]
  conversations: ConversationsState
  readers: Array<{ id: string, next: number, line: Uint8Array }>
}

/**
 * A topic: the letters to its mailbox `in`, and the lines that are said by who dials its port `topic`, are numbered and
 * told to all who have dialled, as lines of JSON (`number`, `from`, `text`), after those that it has kept: the last
 * hundred, or as many as its argument says. It moves with all of that, and with its conversations that are resumable.
 */
export const topic: BuiltinModule = async context => {
  const { args: [kept = `${KEPT_DEFAULT}`] } = context
  if (!/^\d{1,5}$/.test(kept)) throw new CloudError('EINVAL', `"${kept}" is no number of entries; say "topic 100".`)
  const saved = context.state === undefined ? undefined : decode(context.state) as Saved
  return await new Topic(context, Number(kept), saved).run()
}

class Topic {
  readonly #context: BuiltinContext
  readonly #keptMax: number
  readonly #conversations: Conversations
  readonly #lettersKnown: Set<string>
  readonly #readers = new Map<string, Reader>()
  readonly #change = new Condition()
  #kept: Entry[]
  #next: number

  constructor (context: BuiltinContext, keptMax: number, saved: Saved | undefined) {
    this.#context = context
    this.#keptMax = keptMax
    this.#next = saved?.next ?? 1
    this.#kept = saved?.kept ?? []
    this.#lettersKnown = new Set(saved?.lettersKnown)
    this.#conversations = new Conversations(context, saved?.conversations)
    for (const dialled of this.#conversations.all) {
      const known = saved?.readers.find(({ id }) => id === dialled.id)
      if (known !== undefined) this.#serve(dialled, known)
    }
    context.keeps(() => encode(this.#state()))
  }

  async run (): Promise<number> {
    await Promise.all([this.#readMail(), this.#listen()])
    return 0
  }

  #state (): Saved {
    const conversations = this.#conversations.state
    const readers = conversations.flatMap(({ id }) => {
      const reader = this.#readers.get(id)
      return reader === undefined ? [] : { id, next: reader.next, line: reader.line }
    })
    return { next: this.#next, kept: this.#kept, lettersKnown: [...this.#lettersKnown], conversations, readers }
  }

  async #readMail (): Promise<void> {
    const { signal, syscalls } = this.#context
    const acks = new Mailbox<{ ack: string }>()
    for await (const { id, from, body } of syscalls.receive({}, { input: acks, signal })) {
      if (!this.#lettersKnown.has(id)) this.#publish(from, textOf(body))
      this.#lettersKnown.add(id)
      for (const old of this.#lettersKnown) {
        if (this.#lettersKnown.size <= LETTERS_KNOWN_MAX) break
        this.#lettersKnown.delete(old)
      }
      acks.put({ ack: id })
    }
  }

  async #listen (): Promise<void> {
    const { cloud, signal } = this.#context
    for await (const dialled of this.#conversations.listen(cloud, 'topic', { signal })) {
      this.#serve(dialled, { next: this.#kept[0]?.number ?? this.#next, line: new Uint8Array() })
    }
  }

  /** Both ways, until either is over. */
  #serve ({ id, from, stream }: Dialled, known: Pick<Reader, 'next' | 'line'>): void {
    const reader: Reader = { stream, from, next: known.next, line: known.line, isOver: false }
    if (id !== undefined) this.#readers.set(id, reader)
    const tell = async (): Promise<void> => {
      while (!reader.isOver) {
        const entry = this.#kept.find(({ number }) => number >= reader.next)
        if (entry === undefined) await this.#change.wait()
        else {
          await stream.send(new TextEncoder().encode(`${JSON.stringify(entry)}\n`))
          reader.next = entry.number + 1
        }
      }
      await stream.end()
    }
    const hear = async (): Promise<void> => {
      for await (const bytes of stream) this.#hear(reader, bytes)
      if (reader.line.byteLength > 0) this.#publish(from, textOf(reader.line))
      reader.isOver = true
      this.#change.notifyAll()
    }
    void Promise.all([tell(), hear()]).catch((error: unknown) => {
      if (!isCloudError(error)) throw error
      reader.isOver = true
      this.#change.notifyAll()
    }).finally(() => {
      if (id !== undefined) this.#readers.delete(id)
    })
  }

  #hear (reader: Reader, bytes: Uint8Array): void {
    reader.line = concatBytes([reader.line, bytes])
    for (let end = reader.line.indexOf(NEWLINE); end >= 0; end = reader.line.indexOf(NEWLINE)) {
      this.#publish(reader.from, textOf(reader.line.subarray(0, end)))
      reader.line = reader.line.subarray(end + 1)
    }
    if (reader.line.byteLength <= LINE_BYTES_MAX) return
    reader.stream.fail(new CloudError('E2BIG', `A line has ${LINE_BYTES_MAX} bytes at the most; say it in several.`))
  }

  #publish (from: string, text: string): void {
    this.#kept.push({ number: this.#next++, from, text })
    if (this.#kept.length > this.#keptMax) this.#kept.splice(0, this.#kept.length - this.#keptMax)
    this.#change.notifyAll()
  }
}

function textOf (bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
