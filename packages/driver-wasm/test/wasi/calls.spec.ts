import { expect } from 'chai'
import { ERRNO } from '../../src/wasi/errno.ts'
import { ProgramEnd } from '../../src/wasi/outside.ts'
import { restoreProgram } from '../../src/wasi/restore-program.ts'
import { saveProgram } from '../../src/wasi/save-program.ts'
import { AGAIN, OBJECT, World } from './world.ts'

const ALL_RIGHTS = 0x1fff_ffffn
const CREATE = 1
const SECOND_NS = 1_000_000_000n

/** A subscription to a clock, or to a descriptor. */
function subscribe ({ guest }: World, at: number, { clock = 1, timeNs = 0n, flags = 0, fd = -1 }): void {
  guest.bytes(at, 48).fill(0)
  guest.putU64(at, 42n)
  guest.putU8(at + 8, fd < 0 ? 0 : 1)
  guest.putU32(at + 16, fd < 0 ? clock : fd)
  guest.putU64(at + 24, timeNs)
  guest.putU16(at + 40, flags)
}

describe('WASI calls', () => {
  let world: World

  beforeEach(() => { world = new World() })

  it('give arguments and environment', () => {
    expect(world.wasiCall('args_sizes_get', 0, 4)).to.equal(0)
    expect([world.guest.u32(0), world.guest.u32(4)]).to.deep.equal([2, 10])
    expect(world.wasiCall('args_get', 8, 100)).to.equal(0)
    expect(world.guest.u32(12)).to.equal(105)
    expect(Buffer.from(world.guest.bytes(100, 10)).toString()).to.equal('prog\0ä b\0')
    expect(world.wasiCall('environ_get', 8, 100)).to.equal(0)
    expect(Buffer.from(world.guest.bytes(100, 4)).toString()).to.equal('A=1\0')
  })

  it('end the program by throwing, whatever it catches', () => {
    expect(() => world.wasiCall('proc_exit', 256 + 3)).to.throw(ProgramEnd).that.deep.includes({ end: { code: 3 } })
    expect(() => world.wasiCall('proc_raise', 6)).to.throw(ProgramEnd)
      .that.deep.includes({ end: { signal: 'SIGABRT' } })
    expect(world.wasiCall('proc_raise', 99)).to.equal(ERRNO.inval)
  })

  it('wait for as long as is asked, and for what is left when made again', () => {
    subscribe(world, 0, { timeNs: SECOND_NS })
    world.onWait = () => {
      world.nowNs += SECOND_NS / 4n
      return 'suspend'
    }
    expect(world.wasiCall('poll_oneoff', 0, 200, 1, 400)).to.equal(AGAIN)
    expect(world.wasiCall('poll_oneoff', 0, 200, 1, 400)).to.equal(AGAIN)
    expect(world.waits).to.deep.equal([2n * SECOND_NS, 2n * SECOND_NS])
    world.onWait = () => {
      world.nowNs = 2n * SECOND_NS
      return 'time'
    }
    expect(world.wasiCall('poll_oneoff', 0, 200, 1, 400)).to.equal(0)
    expect([world.guest.u32(400), world.guest.u64(200)]).to.deep.equal([1, 42n])
    expect(world.state.waitingSinceNs).to.equal(undefined)
  })

  it('wait for input, and read it when it has come', () => {
    subscribe(world, 0, { fd: 0 })
    world.onWait = () => {
      world.state.input.add(Buffer.from('line'))
      return 'news'
    }
    expect(world.wasiCall('poll_oneoff', 0, 200, 1, 400)).to.equal(0)
    world.guest.putU32(0, 100)
    world.guest.putU32(4, 3)
    expect(world.wasiCall('fd_read', 0, 0, 1, 8)).to.equal(0)
    expect(world.guest.u32(8)).to.equal(3)
    world.state.input.end()
    expect(world.wasiCall('fd_read', 0, 0, 1, 8)).to.equal(0)
    expect(world.guest.u32(8)).to.equal(1)
    expect(world.wasiCall('fd_read', 0, 0, 1, 8)).to.equal(0)
    expect(world.guest.u32(8)).to.equal(0)
  })

  it('write nothing where the program is to be suspended, and so nothing twice', () => {
    world.put(100, 'once')
    world.guest.putU32(0, 100)
    world.guest.putU32(4, 4)
    world.suspends = true
    expect(world.wasiCall('fd_write', 1, 0, 1, 8)).to.equal(AGAIN)
    world.suspends = false
    expect(world.wasiCall('fd_write', 1, 0, 1, 8)).to.equal(0)
    expect(world.written.stdout).to.equal('once')
  })

  it('go on from saved state: clocks, files without a name, and the place in a list of names', () => {
    for (const name of ['a', 'b', 'c']) {
      expect(world.wasiCall('path_open', 3, 0, ...world.put(0, name), CREATE, ALL_RIGHTS, 0n, 0, 100)).to.equal(0)
    }
    world.state.descriptors.file(5).node.content.write(0, Buffer.from('kept'))
    world.state.descriptors.file(5).offset = 2
    expect(world.wasiCall('path_unlink_file', 3, ...world.put(0, 'a'))).to.equal(0)
    expect(world.wasiCall('fd_readdir', 3, 0, 24 * 3 + 4, 0n, 200)).to.equal(0)
    const cookie = world.guest.u64(24 + 1 + 24 + 2)
    const { saved, files } = saveProgram(world.state, world)
    const later = new World()
    later.nowNs = 9n * SECOND_NS
    const plain = JSON.parse(JSON.stringify(saved)) as typeof saved
    const nothing = new Uint8Array(0)
    const beside = { object: OBJECT, limits: {}, input: nothing, reply: nothing, said: nothing, outside: later }
    const { state, files: restored } = restoreProgram(plain, beside)
    for (const [nth, { content }] of files.entries()) {
      const bytes = new Uint8Array(content.sizeBytes)
      content.read(0, bytes)
      restored[nth]?.content.write(0, bytes)
    }
    const next = new World(state)
    next.nowNs = later.nowNs
    expect(next.wasiCall('clock_time_get', 1, 0n, 0)).to.equal(0)
    expect(next.guest.u64(0)).to.equal(SECOND_NS)
    next.guest.putU32(0, 100)
    next.guest.putU32(4, 9)
    expect(next.wasiCall('fd_read', 5, 0, 1, 8)).to.equal(0)
    expect(Buffer.from(next.guest.bytes(100, 2)).toString()).to.equal('pt')
    expect(next.wasiCall('fd_readdir', 3, 0, 1000, cookie, 2000)).to.equal(0)
    expect(Buffer.from(next.guest.bytes(24, 1)).toString()).to.equal('c')
  })

  it('make a system call once, and again under the same id where its reply did not come', () => {
    const { sys, reply } = world.calls['welkin'] as Record<string, (...args: unknown[]) => unknown>
    world.onWait = () => 'suspend'
    const args = [...world.put(0, 'whoami'), ...world.put(100, '{}')]
    expect(sys?.(...args)).to.equal(AGAIN)
    world.onWait = () => {
      world.state.reply = Buffer.from('\u0001{"a":1}')
      return 'news'
    }
    expect(sys?.(...args)).to.equal(7)
    expect(world.called).to.have.lengthOf(2)
    expect(world.called[1]).to.deep.equal(world.called[0])
    expect(reply?.(200, 100)).to.equal(7)
    expect(Buffer.from(world.guest.bytes(200, 7)).toString()).to.equal('{"a":1}')
    world.onWait = () => {
      world.state.reply = Buffer.from('\u0000{}')
      return 'news'
    }
    expect(sys?.(...args)).to.equal(-2)
  })

  it('send letters with any bytes, and receive them with what is left of the patience', () => {
    const { send, receive, reply } = world.calls['welkin'] as Record<string, (...args: unknown[]) => unknown>
    const told = (text: string) => (): 'news' => {
      world.state.reply = Buffer.from(`\u0001${text}`)
      return 'news'
    }
    const asked = (): unknown => JSON.parse(world.called.at(-1)?.args as string)
    world.onWait = told('{}')
    world.guest.bytes(100, 3).set([0, 255, 10])
    expect(send?.(...world.put(0, '{"mailbox":"x","body":"no"}'), 100, 3)).to.equal(2)
    expect(world.called.at(-1)).to.have.property('name', 'send')
    expect(asked()).to.deep.equal({ mailbox: 'x', body: 'AP8K' })
    expect(send?.(...world.put(0, '{'), 100, 3)).to.equal(2)
    expect(world.called.at(-1)).to.have.property('args', '{')

    world.onWait = () => 'suspend'
    expect(receive?.(0, 0, ...world.put(0, 'one'), 1000)).to.equal(AGAIN)
    expect(world.called.at(-1)).to.have.property('name', 'mail.next')
    expect(asked()).to.deep.equal({ ack: 'one', patienceMs: 1000 })
    world.nowNs += 300n * SECOND_NS / 1000n
    world.onWait = told('{"letter":{"id":"two","from":"object:x","body":"AP8K","sentAtMs":1}}')
    expect(receive?.(0, 0, 0, 3, 1000)).to.equal(16)
    expect(asked()).to.deep.equal({ ack: 'one', patienceMs: 700 })
    expect(world.called.at(-1)?.requestId).to.equal(world.called.at(-2)?.requestId)
    expect(reply?.(200, 100)).to.equal(16)
    expect(Buffer.from(world.guest.bytes(200, 16)).toString('latin1')).to.equal('two\0object:x\0\0\u00ff\n')

    world.onWait = told('{}')
    expect(receive?.(...world.put(0, 'box'), 0, 0, -1)).to.equal(0)
    expect(asked()).to.deep.equal({ mailbox: 'box' })
    expect(world.state.waitingSinceNs).to.equal(undefined)
    world.onWait = () => {
      world.state.reply = Buffer.from('\u0000{"code":"EPERM"}')
      return 'news'
    }
    expect(receive?.(0, 0, 0, 0, 0)).to.equal(-16)
    world.state.signals = []
    world.onWait = () => {
      world.state.signals?.push(15)
      return 'news'
    }
    expect(receive?.(0, 0, 0, 0, -1)).to.equal(0)
    expect([world.state.calling, world.state.reply]).to.deep.equal([undefined, undefined])
    expect(receive?.(0, 0, 70_000, 1, 0)).to.be.below(-0x4000_0000)
  })

  it('keep files within their room, and within what can be carried', () => {
    expect(world.wasiCall('path_open', 3, 0, ...world.put(0, 'f'), CREATE, ALL_RIGHTS, 0n, 0, 100)).to.equal(0)
    world.guest.putU32(0, 100)
    world.guest.putU32(4, 1000)
    world.room = 999
    expect(world.wasiCall('fd_write', 5, 0, 1, 8)).to.equal(ERRNO.nospc)
    world.room = 1000
    expect(world.wasiCall('fd_pwrite', 5, 0, 1, 2n ** 40n, 8)).to.equal(ERRNO.fbig)
    expect(world.wasiCall('fd_pwrite', 5, 0, 1, -1n, 8)).to.equal(ERRNO.inval)
    expect(world.wasiCall('fd_filestat_set_size', 5, 2n ** 50n)).to.equal(ERRNO.fbig)
    expect(world.wasiCall('fd_pwrite', 5, 0, 1, 2n ** 33n, 8)).to.equal(0)
    expect(world.state.descriptors.file(5).node.content.keptBytes).to.be.at.most(65_536)
  })
})
