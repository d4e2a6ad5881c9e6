import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { Uses } from '../../../src/kernel/authentication/uses.ts'
import { createPorts } from './kit.ts'

const outcomes = async (takes: Array<Promise<void>>): Promise<string[]> =>
  (await Promise.allSettled(takes)).map(({ status }) => status)

describe('uses', () => {
  it('are given out as often as there are, to however many come at once, in this life and the next', async () => {
    const ports = createPorts()
    const uses = new Uses(ports)
    const takes = Array.from({ length: 5 }, () => uses.take([[{ key: 'a/0', uses: 3 }]], 1e15))
    expect(await outcomes(takes)).to.deep.equal([...Array(3).fill('fulfilled'), ...Array(2).fill('rejected')])
    expect(await outcomes([new Uses(ports).take([[{ key: 'a/0', uses: 4 }], [{ key: 'b/0', uses: 1 }]], 1e15)]))
      .to.deep.equal(['fulfilled'])
  })

  it('of several grants are taken one after the other, and of several links together or not at all', async () => {
    const uses = new Uses(createPorts())
    const [one, two, once] = [{ key: 'a/0', uses: 1 }, { key: 'a/1', uses: 1 }, { key: 'b/0', uses: 1 }]
    await uses.take([[one, two]], 1e15)
    await uses.take([[one, two], [once]], 1e15)
    expect(await outcomes([uses.take([[one, two]], 1e15)])).to.deep.equal(['rejected'])
    const fresh = { key: 'c/0', uses: 1 }
    expect(await outcomes([uses.take([[fresh], [once]], 1e15), uses.take([[fresh]], 1e15)]))
      .to.deep.equal(['rejected', 'fulfilled'])
  })

  it('that cannot be written down are not given out', async () => {
    const ports = createPorts()
    const uses = new Uses(ports)
    ports.fail(new CloudError('EIO', 'The disk fails.'))
    expect(await outcomes([uses.take([[{ key: 'a/0', uses: 1 }]], 1e15)])).to.deep.equal(['rejected'])
    ports.fail()
    expect(await outcomes([uses.take([[{ key: 'a/0', uses: 1 }]], 1e15)])).to.deep.equal(['fulfilled'])
  })

  it('are remembered for a week after what they are of has ended', async () => {
    const ports = createPorts()
    const uses = new Uses(ports)
    const week = 7 * 24 * 3_600_000
    await uses.take([[{ key: 'old/0', uses: 1 }]], ports.clock.wallMs() - week - 1)
    await uses.take([[{ key: 'late/0', uses: 1 }]], ports.clock.wallMs() - week + 1)
    await uses.sweep()
    expect((await ports.disk.records.list('')).map(({ key }) => key)).to.deep.equal(['authentication/uses/late/0'])
  })
})
