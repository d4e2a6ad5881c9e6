import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import type { ObjectInfo, Syscalls } from '@welkin/syscalls'
import { Looker } from '../../src/top/look.ts'
import { FIRST_VIEW, type View } from '../../src/top/view.ts'
import { nodeRow, objectInfo } from '../kit.ts'

const OBJECTS: View = { ...FIRST_VIEW, subject: 'objects', orders: { nodes: 'name', objects: 'name' } }

/** A cloud of so many objects, of which each says that it has used as many seconds as its number. */
class FakeCloud {
  readonly objects: ObjectInfo[]
  /** Calls made, as name, argument and node. */
  calls: string[] = []
  failure: CloudError | undefined

  constructor (count: number) {
    this.objects = Array.from({ length: count }, (_, at) => objectInfo(String(at), { name: `o${at}` }))
  }

  get syscalls (): Syscalls {
    return {
      find: async () => {
        this.calls.push('find')
        return { rows: [nodeRow('n1')], matched: 1, silent: ['acme/nice'] }
      },
      list: async () => {
        this.calls.push('list')
        return { objects: this.objects, silent: ['id-n1', 'id-n2'], next: 'x' }
      },
      stat: async ({ id }: { id: string }, { node }: { node: string }) => {
        this.calls.push(`stat ${id} ${node}`)
        if (this.failure !== undefined) throw this.failure
        return { ...this.objects[Number(id)], usage: { cpuSeconds: Number(id) } }
      }
    } as unknown as Syscalls
  }

  /** Which objects were asked since this was last read. */
  asked (): number[] {
    return this.calls.splice(0).flatMap(call => call.startsWith('stat') ? Number(call.split(' ')[1]) : [])
  }
}

describe('a look at a cloud', () => {
  it('takes one call where only nodes are looked at', async () => {
    const cloud = new FakeCloud(5)
    const picture = await new Looker(cloud.syscalls).look(FIRST_VIEW, 10)
    expect(cloud.calls).to.deep.equal(['find'])
    expect(picture).to.deep.include({ nodes: [nodeRow('n1')], objects: [], moreObjects: false, silent: ['acme/nice'] })
  })

  it('asks the objects\' own nodes what they use, and names those that are silent', async () => {
    const cloud = new FakeCloud(2)
    const picture = await new Looker(cloud.syscalls).look(OBJECTS, 10)
    expect(cloud.calls).to.have.members(['find', 'list', 'stat 0 id-n1', 'stat 1 id-n1'])
    expect(picture.objects.map(({ usage }) => usage?.cpuSeconds)).to.deep.equal([0, 1])
    expect(picture).to.deep.include({ moreObjects: true, silent: ['acme/nice', 'n1', 'id-n2'] })
  })

  it('asks no more objects than a bound, those that are shown always, the others in turn', async () => {
    const cloud = new FakeCloud(200)
    const looker = new Looker(cloud.syscalls)
    const seen = new Set<number>()
    const shown = Array.from({ length: 20 }, (_, at) => 100 + at)
    for (let round = 0; round < 5; round++) {
      await looker.look({ ...OBJECTS, first: 100 }, 20)
      const asked = cloud.asked()
      expect(asked).to.have.lengthOf(64).and.include.members(shown)
      for (const id of asked) seen.add(id)
    }
    expect(seen.size).to.equal(200)
  })

  it('asks first what is shown when objects are ordered by what they use', async () => {
    const cloud = new FakeCloud(200)
    const looker = new Looker(cloud.syscalls)
    const view: View = { ...OBJECTS, orders: { nodes: 'name', objects: 'cpu' } }
    for (let round = 0; round < 5; round++) await looker.look(view, 10)
    cloud.calls = []
    await looker.look(view, 10)
    expect(cloud.asked().slice(0, 10)).to.deep.equal([199, 198, 197, 196, 195, 194, 193, 192, 191, 190])
  })

  it('goes on where an object does not say what it uses, and no further where it was taken back', async () => {
    const cloud = new FakeCloud(1)
    cloud.failure = new CloudError('ENOENT', 'It is gone.')
    const { objects } = await new Looker(cloud.syscalls).look(OBJECTS, 10)
    expect(objects[0]).to.have.property('usage', undefined)
    cloud.failure = new CloudError('ECANCELED', 'Nobody looks any more.')
    const failed = await new Looker(cloud.syscalls).look(OBJECTS, 10).catch((error: unknown) => error)
    expect(failed).to.equal(cloud.failure)
  })
})
