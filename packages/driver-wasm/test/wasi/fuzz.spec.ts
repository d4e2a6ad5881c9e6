import { expect } from 'chai'
import fc from 'fast-check'
import { encodeFrame } from '@welkin/resumable'
import { ProgramEnd } from '../../src/wasi/outside.ts'
import { restoreProgram } from '../../src/wasi/restore-program.ts'
import { saveProgram } from '../../src/wasi/save-program.ts'
import { OBJECT, World } from './world.ts'

/** Numbers as programs get them wrong, and right. */
const pointer = fc.oneof(
  fc.constantFrom(0, 1, 3, 4, 5, 6, 8, -1, -8, 65_535, 65_536, 0x7fff_ffff, -0x8000_0000),
  fc.integer({ min: 0, max: 70_000 })
)
const long = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 0x7fff_ffff_ffff_ffffn, -0x8000_0000_0000_0000n, 65_536n),
  fc.bigInt({ min: 0n, max: 1n << 40n })
)

/** Which arguments of a call are of 64 bits. */
const LONG: Readonly<Record<string, readonly number[]>> = {
  clock_time_get: [1], fd_advise: [1, 2], fd_allocate: [1, 2], fd_fdstat_set_rights: [1], fd_filestat_set_size: [1],
  fd_filestat_set_times: [1, 2], fd_pread: [3], fd_pwrite: [3], fd_readdir: [3], fd_seek: [1],
  path_filestat_set_times: [4, 5], path_open: [5, 6]
}
const NAMES = Object.keys(new World().wasi)

const call = fc.record({
  name: fc.constantFrom(...NAMES), numbers: fc.array(pointer, { minLength: 9, maxLength: 9 }),
  longs: fc.array(long, { minLength: 9, maxLength: 9 })
})

/** Lets it have a port that it listens on, and three conversations: one to be accepted, with something to be read. */
function talk ({ state: { conversations, descriptors } }: World): void {
  const listener = conversations.listen('chat')
  descriptors.add({ kind: 'listener', listener, nonBlocking: true })
  for (const wire of [1, 2, 3]) {
    conversations.hear({ kind: 'called', port: 'chat', wire, from: 'x', session: undefined, again: false })
    conversations.hear({ kind: 'frame', wire, bytes: encodeFrame({ kind: 'hello', at: 0, ended: false }) })
    conversations.hear({ kind: 'frame', wire, bytes: encodeFrame({ kind: 'data', at: 0, bytes: Buffer.from('said') }) })
    const conversation = wire === 3 ? undefined : conversations.accept(listener)
    if (conversation !== undefined) descriptors.add({ kind: 'conversation', conversation, nonBlocking: wire === 1 })
  }
}

describe('WASI calls with whatever arguments', () => {
  it('give an error number or do what they are for, and leave a state that can be saved', () => {
    const memory = fc.uint8Array({ minLength: 512, maxLength: 512 })
    fc.assert(fc.property(fc.array(call, { maxLength: 60 }), memory, (calls, start) => {
      const world = new World()
      world.state.input.end()
      new Uint8Array(world.memory.buffer).set(start)
      world.put(40, 'a/b')
      talk(world)
      world.onWait = () => {
        world.nowNs += 1n << 62n
        world.state.reply ??= new Uint8Array(1)
        return 'time'
      }
      for (const { name, numbers, longs } of calls) {
        const args = numbers.map((number, at) => LONG[name]?.includes(at) === true ? longs[at] : number)
        try {
          expect(world.wasiCall(name, ...args)).to.be.a('number').that.is.within(0, 76)
        } catch (error) {
          if (!(error instanceof ProgramEnd)) throw error
        }
      }
      const { saved, said } = saveProgram(world.state, world)
      const nothing = new Uint8Array(0)
      const { state } = restoreProgram(saved, {
        object: OBJECT, limits: {}, input: nothing, reply: nothing, said, outside: world
      })
      expect(saveProgram(state, world).saved).to.deep.equal(saved)
    }), { numRuns: 1000 })
  })
})
