import { expect } from 'chai'
import { MODULES } from '@welkin/daemon'
import { dial } from '@welkin/syscalls'
import { hear, moved, spawnTopic, tellFollowing } from './following.ts'
import { codeOf, inCloud } from './in-cloud.ts'
import { bytesOf, owner, textOf } from './talk.ts'

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
})
