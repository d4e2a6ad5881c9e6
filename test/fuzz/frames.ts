import { decode } from '@welkin/abi'
import { SILENT } from '@welkin/interface'
import { Wire, type Pipe, type PipeEvents } from '@welkin/wire'
import { createNodeClock } from '@welkin/platform-node'
import { Accepted, type Target } from './fuzz.ts'
import { mutateBytes } from './mutator.ts'

const HELLO = Uint8Array.of(0, 0, 0, 11, 1, 0, 0, 0, 0, 0, 1, 0, 0x40, 0, 0)
const clock = createNodeClock()

function frame (kind: number, id: number, ...payload: number[]): Uint8Array {
  return Uint8Array.of(0, 0, 0, 5 + payload.length, kind, 0, 0, 0, id, ...payload)
}

/** A talk as one end may hear it: requests, channels, data, credit, ends and cancellations. */
const TALK = [
  HELLO, frame(2, 1, 0, 0, 0, 0, 0x91, 1), frame(6, 3, 0, 0, 0, 0, 0, 0, 1, 0, 0x90), frame(7, 3, 0xa1, 65),
  frame(10, 3, 0, 0, 1, 0), frame(8, 3), frame(2, 5, 0, 0, 0, 9, 0x90), frame(5, 5),
  frame(0x83, 1, 1), frame(0x84, 1, 1)
]

/** One end of a pipe whose other end is in the fuzzer's hands. */
class Hand implements Pipe {
  events: PipeEvents | undefined
  isClosed = false
  open (events: PipeEvents): void { this.events = events }
  write (): boolean { return true }
  close (): void { this.isClosed = true }
  abort (): void { this.isClosed = true }
}

export const FRAMES: Target = {
  name: 'frames',
  refuses: ['EPROTO', 'E2BIG'],
  async attack (chance) {
    const pipe = new Hand()
    const handler = {
      request: async (payload: Uint8Array) => { decode(payload); return payload },
      channel: async () => {}
    }
    const wire = new Wire({ pipe, clock, log: SILENT, defer: run => { run() }, handler })
    const pending = wire.request(Uint8Array.of(1)).catch((error: unknown) => error)
    wire.ready.catch(() => {})
    const bytes = Uint8Array.from(TALK.slice(0, 1 + chance.below(TALK.length)).flatMap(one => [...one]))
    const changed = mutateBytes(bytes, chance, TALK)
    const cut = chance.below(changed.length + 1)
    pipe.events?.received(changed.slice(0, cut))
    pipe.events?.received(changed.slice(cut))
    pipe.events?.ended()
    const why = await wire.closed
    await pending
    if (why.code !== 'ECONNRESET') throw why
    if (bytes.length === 0 && !pipe.isClosed) throw new Accepted()
  }
}

