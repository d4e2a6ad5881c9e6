import { expect } from 'chai'
import { dial } from '@welkin/syscalls'
import { hear } from '../kernel/following.ts'
import { all } from '../kernel/in-cloud.ts'
import { bytesOf } from '../kernel/talk.ts'
import { Daemons } from './daemons.ts'

describe('an object on real daemons that somebody talks to', function () {
  this.timeout(60_000)
  const daemons = new Daemons()
  afterEach(async () => { await daemons.end() })

  it('moves with its mail and the conversation, of which nothing is lost or doubled', async () => {
    const one = await daemons.start()
    await daemons.start({ name: 'n2', join: one.info.addresses })
    const cloud = await daemons.connect(one)
    const { syscalls } = cloud
    const { objects: [object] } = await syscalls.spawn({
      program: { driver: 'builtin', argv: ['topic'] }, name: 'news', on: 'n1'
    })
    const id = object?.id as string
    const stream = await dial(cloud, 'news:topic', { resumable: true, patienceMs: 30_000 })
    const heard = hear(stream, 40)
    const wanted: string[] = []
    for (const [nth, to] of ['n2', 'n1', 'n2', 'n1'].entries()) {
      const lines = Array.from({ length: 9 }, (_none, line) => `line ${9 * nth + line + 1}`)
      const moving = all(syscalls.migrate({ ids: [id], to }))
      for (const line of lines) await stream.send(bytesOf(`${line}\n`))
      const letter = { to: { object: id }, id: `letter-${nth}`, body: bytesOf(`letter ${nth}`) }
      expect((await syscalls.send(letter)).delivered).to.deep.equal([id])
      expect((await syscalls.send(letter)).delivered).to.deep.equal([id])
      expect((await moving).at(-1)).to.have.property('kind', 'moved')
      wanted.push(...lines, `letter ${nth}`)
    }
    const entries = await heard
    expect(entries.map(({ number }) => number)).to.deep.equal(entries.map((_entry, at) => at + 1))
    expect(entries.map(({ text }) => text)).to.have.members(wanted)
    const lines = entries.filter(({ text }) => text.startsWith('line')).map(({ text }) => text)
    expect(lines).to.deep.equal(wanted.filter(text => text.startsWith('line')))
  })
})
