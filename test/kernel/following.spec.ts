import { expect } from 'chai'
import { MODULES } from '@welkin/daemon'
import { CloudError } from '@welkin/interface'
import { Conversation } from '@welkin/resumable'
import { beginSession, continueSession, dial } from '@welkin/syscalls'
import { hear, moved, spawnTopic, tellFollowing } from './following.ts'
import { codeOf, inCloud, run } from './in-cloud.ts'
import { ask, bytesOf, greeter, owner, serve, textOf } from './talk.ts'

describe('what follows an object that moves', () => {
  for (const faults of [false, true]) {
    const when = faults ? 'while connections break' : 'twenty times'
    it(`is its mail and a resumable conversation, with nothing lost or doubled, ${when}`, async () => {
      const { broken, moves, heard } = await tellFollowing({ seed: `follow-${faults}`, moves: 20, lines: 300, faults })
      expect(broken).to.deep.equal([])
      expect({ moves, heard }).to.deep.equal({ moves: 20, heard: 600 })
    })
  }

  it('is no plain conversation: it is cut with what to do, and can be dialled again at once', async () => {
    await inCloud({ modules: MODULES }, async cloud => {
      const id = await spawnTopic(cloud, 'news', 'n2')
      const stream = await dial(owner(cloud, 'n1'), 'news:topic')
      await stream.send(bytesOf('before\n'))
      await cloud.pass(500)
      const broken = textOf(stream)
      const cut = codeOf(broken)
      expect(await moved(cloud, id, 'n3')).to.equal(true)
      expect(await cut).to.equal('ECONNRESET')
      const again = await dial(owner(cloud, 'n1'), 'news:topic', { patienceMs: 1000 })
      await again.send(bytesOf('after\n'))
      const heard = (await hear(again, 2)).map(({ number, text }) => `${number} ${text}`)
      expect(heard).to.deep.equal(['1 before', '2 after'])
    })
  })

  it('is a session that the end which dials keeps by itself, and goes on with from another node', async () => {
    await inCloud({ modules: MODULES, nodes: 4, guarded: true }, async cloud => {
      const id = await spawnTopic(cloud, 'news', 'n2')
      const session = 'a'.repeat(32)
      const conversation = new Conversation()
      const { channel, ...reached } = await beginSession(owner(cloud, 'n1'), 'news:topic', session)
      expect(reached).to.deep.equal({ object: id, port: 'topic' })
      void conversation.attach(channel)
      await conversation.send(bytesOf('before\n'))
      const heard = hear(conversation, 2)
      await cloud.pass(200)
      channel.fail(new CloudError('ECONNRESET', 'It broke.'))
      expect(await moved(cloud, id, 'n3')).to.equal(true)
      await conversation.send(bytesOf('after\n'))
      void conversation.attach(await continueSession(owner(cloud, 'n4'), reached, session))
      expect((await heard).map(({ text }) => text)).to.deep.equal(['before', 'after'])
      expect(await codeOf(continueSession(owner(cloud, 'n4'), reached, 'b'.repeat(32)))).to.equal('ENOENT')
    })
  })

  it('is the same session where it is begun again, since the word of that was lost', async () => {
    await inCloud({ nodes: 3 }, async cloud => {
      await serve(cloud, 'n2', greeter('web'))
      const conversation = new Conversation()
      for (const from of ['n1', 'n3']) {
        const { channel } = await beginSession(owner(cloud, from), 'web:http', 'c'.repeat(32))
        void conversation.attach(channel)
        await conversation.send(bytesOf(from))
        await cloud.pass(100)
      }
      await conversation.end()
      expect(await textOf(conversation)).to.equal('web: n1n3')
    })
  })

  it('is the way to its ports, as they were changed while it ran', async () => {
    await inCloud({}, async cloud => {
      for (const name of ['n2', 'n3']) cloud.machines.get(name)?.programs.listen(9000, greeter(name))
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { name: 'web', on: 'n2', ports: { http: 1 } })
      await cloud.pass(200)
      await cloud.syscalls('n1').expose({ id, ports: { chat: 9000 }, hide: ['http'] })
      expect(await ask(await dial(owner(cloud, 'n1'), 'web:chat'), 'x')).to.equal('n2: x')
      expect(await moved(cloud, id, 'n3')).to.equal(true)
      expect((await cloud.syscalls('n1').stat({ id })).ports).to.deep.equal({ chat: 9000 })
      expect(await ask(await dial(owner(cloud, 'n1'), 'web:chat', { patienceMs: 1000 }), 'x')).to.equal('n3: x')
    })
  })
})
