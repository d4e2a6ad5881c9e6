import { expect } from 'chai'
import { decodeFrame, encodeFrame, Session } from '@welkin/resumable'
import { ERRNO } from '../../src/wasi/errno.ts'
import { restoreProgram } from '../../src/wasi/restore-program.ts'
import { saveProgram } from '../../src/wasi/save-program.ts'
import type { SavedProgram } from '../../src/wasi/saved-state.ts'
import { WINDOW_BYTES } from '../../src/wasi/talk/conversation.ts'
import { restoreTalk, saveTalk, type SavedTalk } from '../../src/wasi/talk/saved-talk.ts'
import { AGAIN, OBJECT, World } from './world.ts'

const BOUNDS = { windowBytes: 1 << 20, pieceBytesMax: 1 << 16 }
const SESSION = 'a'.repeat(32)
const FIRST_FREE = 5

/** A world whose program listens on `chat`, and the other end of one who has dialled it. */
class Talk extends World {
  readonly other = new Session(BOUNDS)
  readonly listener: number
  wire = 0

  constructor () {
    super()
    this.listener = this.welkin('listen', ...this.put(0, 'chat')) as number
    this.onWait = () => 'suspend'
  }

  welkin (name: string, ...args: unknown[]): unknown {
    return this.calls['welkin']?.[name]?.(...args)
  }

  dialIn (session: string | undefined = SESSION, again = false): void {
    this.wire++
    this.other.attach()
    this.state.conversations.hear({ kind: 'called', port: 'chat', wire: this.wire, from: 'user:x', session, again })
    this.pass()
  }

  accept (): number {
    expect(this.wasiCall('sock_accept', this.listener, 0, 0)).to.equal(0)
    return this.guest.u32(0)
  }

  /** What is on its way comes, in both directions. */
  pass (): void {
    for (let isMoving = true; isMoving;) {
      isMoving = false
      for (const order of this.said.splice(0)) {
        if (order.do !== 'frame') continue
        this.other.receive(decodeFrame(order.bytes))
        this.state.conversations.hear({ kind: 'credit', wire: order.wire, bytes: order.bytes.length })
        isMoving = true
      }
      for (let frame = this.other.next(); frame !== undefined; frame = this.other.next()) {
        this.state.conversations.hear({ kind: 'frame', wire: this.wire, bytes: encodeFrame(frame) })
        isMoving = true
      }
    }
  }

  say (text: string): void {
    this.other.write(Buffer.from(text))
    this.pass()
  }

  /** Reads or receives so much into 200; gives the error number, or what came. */
  read (name: string, fd: number, size: number, ...flags: unknown[]): unknown {
    this.guest.putU32(0, 200)
    this.guest.putU32(4, size)
    const errno = this.wasiCall(name, fd, 0, 1, ...flags, 8, 16)
    return errno === 0 ? Buffer.from(this.guest.bytes(200, this.guest.u32(8))).toString() : errno
  }

  send (fd: number, size: number): unknown {
    this.guest.putU32(0, 200)
    this.guest.putU32(4, size)
    const errno = this.wasiCall('fd_write', fd, 0, 1, 8)
    return errno === 0 ? this.guest.u32(8) : errno
  }
}

describe('sockets of a program', () => {
  let world: Talk

  beforeEach(() => { world = new Talk() })

  it('are accepted when somebody has dialled, and made again where they wait', () => {
    expect(world.listener).to.equal(FIRST_FREE)
    expect(world.said).to.deep.equal([{ do: 'listen', port: 'chat' }])
    expect(world.wasiCall('sock_accept', world.listener, 0, 0)).to.equal(AGAIN)
    world.dialIn()
    const fd = world.accept()
    expect(fd).to.equal(FIRST_FREE + 1)
    expect(world.welkin('from', fd, 300, 4)).to.equal(6)
    expect(Buffer.from(world.guest.bytes(300, 5)).toString()).to.equal('user\0')
    expect(world.wasiCall('fd_fdstat_get', fd, 0)).to.equal(0)
    expect([world.guest.u8(0), world.guest.u16(2)]).to.deep.equal([6, 0])
    world.state.signals = [15]
    world.onWait = () => 'news'
    expect(world.wasiCall('sock_accept', world.listener, 0, 0)).to.equal(ERRNO.intr)
    expect(world.wasiCall('sock_accept', world.listener, 1, 0)).to.equal(ERRNO.inval)
    expect(world.wasiCall('sock_accept', world.listener, 0, 1 << 20)).to.equal(ERRNO.fault)
  })

  it('give what has come in parts, look ahead, and wait for the whole', () => {
    world.dialIn()
    const fd = world.accept()
    expect(world.read('fd_read', fd, 9)).to.equal(AGAIN)
    world.say('hello')
    expect(world.read('sock_recv', fd, 3, 1)).to.equal('hel')
    expect(world.read('fd_read', fd, 3)).to.equal('hel')
    expect(world.read('sock_recv', fd, 3, 2)).to.equal(AGAIN)
    world.say('!')
    expect(world.read('sock_recv', fd, 3, 2)).to.equal('lo!')
    world.other.end()
    world.pass()
    expect(world.read('fd_read', fd, 3)).to.equal('')
    expect(world.read('sock_recv', fd, 3, 4)).to.equal(ERRNO.inval)
    expect(world.read('sock_recv', world.listener, 3, 0)).to.equal(ERRNO.notconn)
    expect(world.read('sock_recv', 1, 3, 0)).to.equal(ERRNO.notsock)
  })

  it('do not wait where they are told not to', () => {
    world.dialIn()
    expect(world.wasiCall('sock_accept', world.listener, 4, 0)).to.equal(0)
    const fd = world.guest.u32(0)
    expect(world.read('fd_read', fd, 9)).to.equal(ERRNO.again)
    expect(world.wasiCall('fd_fdstat_set_flags', fd, 0)).to.equal(0)
    expect(world.read('fd_read', fd, 9)).to.equal(AGAIN)
    expect(world.wasiCall('fd_fdstat_set_flags', world.listener, 4)).to.equal(0)
    expect(world.wasiCall('sock_accept', world.listener, 0, 0)).to.equal(ERRNO.again)
  })

  it('take no more than a window while nobody reads, and all that fits at once', () => {
    world.dialIn()
    const fd = world.accept()
    world.said.length = 0
    for (let total = 0; total < WINDOW_BYTES; total += 65_000) expect(world.send(fd, 65_000)).to.equal(65_000)
    expect(world.send(fd, 1)).to.equal(AGAIN)
    world.pass()
    expect(world.send(fd, 1)).to.equal(1)
    expect(world.wasiCall('sock_shutdown', fd, 2)).to.equal(0)
    expect(world.send(fd, 1)).to.equal(ERRNO.pipe)
    world.pass()
    expect(world.other.isOtherEnded).to.equal(true)
    expect(world.wasiCall('sock_shutdown', fd, 0)).to.equal(ERRNO.inval)
  })

  it('are closed when another takes their number, and go on to be heard', () => {
    world.dialIn()
    const fd = world.accept()
    expect(world.send(fd, 9)).to.equal(9)
    expect(world.wasiCall('fd_renumber', 3, fd)).to.equal(0)
    expect(world.state.conversations.all.map(({ facts }) => facts.isClosed)).to.deep.equal([true])
    world.pass()
    expect([world.other.untakenBytes, world.other.isOtherEnded]).to.deep.equal([9, true])
    expect(world.state.conversations.areHeldBack).to.equal(false)
    world.other.end()
    world.pass()
    world.state.conversations.hear({ kind: 'ended', wire: world.wire })
    expect(world.state.conversations.all).to.deep.equal([])
  })

  it('are kept listened for by who may come back, when the port is closed', () => {
    world.dialIn()
    const fd = world.accept()
    world.said.length = 0
    expect(world.wasiCall('fd_close', world.listener)).to.equal(0)
    expect(world.said).to.deep.equal([])
    world.state.conversations.hear({
      kind: 'called', port: 'chat', wire: 9, from: 'user:y', session: undefined, again: false
    })
    expect(world.said.map(order => 'error' in order && order.error.code)).to.deep.equal(['ECONNREFUSED'])
    world.state.conversations.hear({ kind: 'broken', wire: world.wire, error: { code: 'ECONNRESET', message: '' } })
    world.dialIn(SESSION, true)
    world.say('back')
    expect(world.read('fd_read', fd, 9)).to.equal('back')
    world.said.length = 0
    world.state.conversations.hear({ kind: 'broken', wire: world.wire, error: { code: 'EPROTO', message: '' } })
    expect(world.read('fd_read', fd, 9)).to.equal(ERRNO.connreset)
    expect(world.wasiCall('fd_close', fd)).to.equal(0)
    expect(world.said).to.deep.equal([{ do: 'unlisten', port: 'chat' }])
  })

  it('are not there for who has dialled and given up before they had said anything', () => {
    world.state.conversations.hear({
      kind: 'called', port: 'chat', wire: 1, from: 'user:x', session: SESSION, again: false
    })
    world.state.conversations.hear({ kind: 'broken', wire: 1, error: { code: 'ETIMEDOUT', message: '' } })
    expect(world.wasiCall('sock_accept', world.listener, 0, 0)).to.equal(AGAIN)
    expect(world.state.conversations.all).to.deep.equal([])
  })

  it('are given up when nobody comes back in time', () => {
    world.dialIn()
    const fd = world.accept()
    world.said.length = 0
    world.state.conversations.hear({ kind: 'broken', wire: world.wire, error: { code: 'ECONNRESET', message: '' } })
    expect(world.read('fd_read', fd, 9)).to.equal(AGAIN)
    const [reminder] = world.said
    expect(reminder).to.have.property('do', 'remind')
    if (reminder?.do === 'remind') world.state.conversations.hear({ kind: 'reminded', reminder: reminder.reminder })
    expect(world.read('fd_read', fd, 9)).to.equal(ERRNO.connreset)
    world.state.conversations.hear({
      kind: 'called', port: 'chat', wire: 9, from: 'user:x', session: SESSION, again: true
    })
    expect(world.said.at(-1)).to.have.nested.property('error.code', 'ENOENT')
  })

  it('are dialled once, also where the call is made again', () => {
    const dial = (): unknown => world.welkin('dial', ...world.put(0, 'x:y'), 0)
    expect(dial()).to.equal(AGAIN)
    expect(dial()).to.equal(AGAIN)
    const dials = world.said.filter(order => order.do === 'dial')
    expect(dials).to.have.lengthOf(1)
    const [{ conversation }] = dials as [(typeof dials)[number]]
    const reached = { object: OBJECT, port: 'y' }
    world.state.conversations.hear({ kind: 'reached', conversation, wire: 7, reached })
    expect(dial()).to.equal(FIRST_FREE + 1)
    expect(dial()).to.equal(AGAIN)
    world.state.signals = [2]
    world.onWait = () => 'news'
    expect(dial()).to.equal(-0x4000_0000 - ERRNO.intr)
    expect(world.said.at(-1)).to.have.property('do', 'hang-up')
  })

  it('are saved with what was said and not heard, and what came and was not read', () => {
    world.dialIn()
    const fd = world.accept()
    world.say('come')
    world.send(fd, 300)
    const { saved, bytes } = saveTalk(world.state.conversations, OBJECT)
    expect(bytes.length).to.equal(304)
    const plain = JSON.parse(JSON.stringify(saved)) as SavedTalk
    const talk = restoreTalk(plain, bytes, OBJECT, order => world.said.push(order))
    expect(saveTalk(talk, OBJECT)).to.deep.equal({ saved, bytes })
    world.said.length = 0
    talk.goOn()
    expect(world.said).to.deep.equal([{ do: 'listen', port: 'chat' }, { do: 'remind', reminder: 1 }])
    const elsewhere = restoreTalk(plain, bytes, 'f'.repeat(32), () => {})
    expect(elsewhere.all.map(({ facts: { failure } }) => failure?.code)).to.deep.equal(['ECONNRESET'])
  })

  it('stand behind one descriptor each, or the state is refused', () => {
    world.dialIn()
    const fd = world.accept()
    const { saved, said } = saveProgram(world.state, world)
    const nothing = new Uint8Array(0)
    const restored = (descriptors: SavedProgram['descriptors']) => () => {
      const beside = { object: OBJECT, limits: {}, input: nothing, reply: nothing, said, outside: world }
      return restoreProgram({ ...saved, descriptors: [...saved.descriptors, ...descriptors] }, beside)
    }
    const { state } = restored([])()
    expect(state.descriptors.get(fd)).to.have.property('kind', 'conversation')
    expect(restored([[20, 'conversation', 1, false]])).to.throw(RangeError)
    expect(restored([[20, 'conversation', 7, false]])).to.throw(RangeError)
    expect(restored([[20, 'listener', 'chat', false]])).to.throw(RangeError)
    expect(restored([[20, 'listener', 'else', false]])).to.throw(RangeError)
  })

  it('are refused where they are forged', () => {
    world.dialIn()
    world.accept()
    world.say('come')
    const { saved, bytes } = saveTalk(world.state.conversations, OBJECT)
    const [talk] = saved.conversations as [SavedTalk['conversations'][number]]
    const forgeries: Array<Partial<typeof talk>> = [
      { session: { ...talk.session, untakenBytes: 3 } }, { session: { ...talk.session, untakenBytes: 5 } },
      { session: { ...talk.session, keptBytes: 1e9 } }, { session: { ...talk.session, endAcknowledged: true } },
      { called: null }, { dialled: { to: 'x', reached: null } }
    ]
    const restored = (conversations: SavedTalk['conversations'], listeners = saved.listeners) => () => {
      restoreTalk({ ...saved, conversations, listeners }, bytes, OBJECT, () => {})
    }
    for (const forged of forgeries) expect(restored([{ ...talk, ...forged }])).to.throw(RangeError)
    const empty = { ...talk, session: { ...talk.session, untakenBytes: 0 } }
    expect(restored([talk, empty])).to.throw(RangeError)
    expect(restored([talk], [['chat', false], ['chat', false]])).to.throw(RangeError)
    expect(restored(Array.from({ length: 2000 }, (_none, number) => ({ ...empty, number })))).to.throw(RangeError)
    expect(restored([talk])).not.to.throw()
  })
})
