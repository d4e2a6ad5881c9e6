import { expect } from 'chai'
import fc from 'fast-check'
import { CloudError } from '@welkin/interface'
import { Shelf } from '../../../src/kernel/migration/shelf.ts'

/** Spare copies of a disk; what is discarded is gone a while later, or not at all while it `fails`. */
class Disk {
  readonly copies = new Set<string>()
  fails = false

  async spares (): Promise<string[]> {
    return [...this.copies]
  }

  async discard (blob: string): Promise<void> {
    await new Promise(resolve => { setImmediate(resolve) })
    if (this.fails) throw new CloudError('EIO', 'The disk does not.')
    this.copies.delete(blob)
  }
}

/** As a checkpoint is taken: held first, then what is not there is put. */
async function take (shelf: Shelf, disk: Disk, checkpoint: string, pages: readonly string[]): Promise<void> {
  await shelf.hold(checkpoint, pages)
  for (const blob of [checkpoint, ...pages]) if (blob !== '') disk.copies.add(blob)
}

describe('the shelf of checkpoints', () => {
  it('keeps a page as long as one of its checkpoints needs it, and no longer', async () => {
    const disk = new Disk()
    const shelf = new Shelf(disk)
    await take(shelf, disk, 'one', ['a', 'b', ''])
    await take(shelf, disk, 'two', ['b', 'c'])
    await shelf.drop('one')
    expect([...disk.copies].toSorted()).to.deep.equal(['b', 'c', 'two'])
    await shelf.drop('one')
    await shelf.drop('never held')
    await shelf.drop('two')
    expect([...disk.copies]).to.deep.equal([])
  })

  it('drops what was held twice when it is dropped twice', async () => {
    const disk = new Disk()
    const shelf = new Shelf(disk)
    await take(shelf, disk, 'one', ['a'])
    await take(shelf, disk, 'one', ['a'])
    await shelf.drop('one')
    expect(disk.copies.has('a')).to.equal(true)
    await shelf.drop('one')
    expect([...disk.copies]).to.deep.equal([])
  })

  it('sweeps away what an earlier life has left, but for what is held again', async () => {
    const disk = new Disk()
    const shelf = new Shelf(disk)
    for (const blob of ['old', 'kept', 'x', 'y']) disk.copies.add(blob)
    await shelf.hold('kept', ['y'])
    await shelf.sweep()
    expect([...disk.copies].toSorted()).to.deep.equal(['kept', 'y'])
  })

  it('leaves to the next sweep what the disk did not remove', async () => {
    const disk = new Disk()
    const shelf = new Shelf(disk)
    await take(shelf, disk, 'one', ['a'])
    disk.fails = true
    await shelf.drop('one')
    disk.fails = false
    await shelf.tidy('one')
    expect([...disk.copies]).to.deep.equal(['a'])
    await shelf.sweep()
    expect([...disk.copies]).to.deep.equal([])
  })

  it('never lacks a page of what is held, in whatever order checkpoints are taken and dropped at a time', async () => {
    const page = fc.constantFrom('a', 'b', 'c', 'd')
    const step = fc.record({ pages: fc.uniqueArray(page, { maxLength: 4 }), drops: fc.nat(3) })
    const story = fc.array(step, { maxLength: 12 })
    await fc.assert(fc.asyncProperty(story, async steps => {
      const disk = new Disk()
      const shelf = new Shelf(disk)
      const held: Array<{ name: string, pages: string[] }> = []
      const work: Array<Promise<void>> = []
      for (const [at, { pages, drops }] of steps.entries()) {
        for (const { name } of held.splice(0, drops)) work.push(shelf.drop(name))
        held.push({ name: `checkpoint ${at}`, pages })
        work.push(take(shelf, disk, `checkpoint ${at}`, pages))
      }
      await Promise.all(work)
      expect(disk.copies).to.deep.equal(new Set(held.flatMap(({ name, pages }) => [name, ...pages])))
    }))
  })
})
