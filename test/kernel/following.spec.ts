import { expect } from 'chai'
import { MODULES } from '@welkin/daemon'
import { dial } from '@welkin/syscalls'
import { hear, moved, spawnTopic, tellFollowing } from './following.ts'
import { codeOf, inCloud, run } from './in-cloud.ts'
import { ask, bytesOf, greeter, owner, textOf } from './talk.ts'

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
