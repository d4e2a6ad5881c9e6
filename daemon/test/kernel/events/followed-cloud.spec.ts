import { expect } from 'chai'
import { FollowedCloud, type FollowedCloudPorts } from '../../../src/kernel/events/followed-cloud.ts'

/** Nothing comes of waiting here. */
const clock = { monotonicMs: () => 0, wallMs: () => 0, after: () => () => {} }

describe('a followed cloud', () => {
  it('lets the reader find a bug', async () => {
    const bug = new TypeError('a bug')
    const ports = {
      clock,
      calls: { at: () => { throw bug } },
      events: { subscribe: () => () => {} },
      membership: { nodes: () => [{ id: 'n1' }, { id: 'n2' }], node: () => ({ state: 'up' }) }
    } as unknown as FollowedCloudPorts
    const telling = new FollowedCloud(ports, undefined).tell(new AbortController().signal)
    const found = await telling.next().then(() => undefined, (error: unknown) => error)
    expect(found).to.equal(bug)
  })

  it('ends at once for one who has left already', async () => {
    const ports = {
      clock, events: { subscribe: () => () => {} }, membership: { nodes: () => [], node: () => undefined }
    } as unknown as FollowedCloudPorts
    expect(await new FollowedCloud(ports, undefined).tell(AbortSignal.abort()).next()).to.have.property('done', true)
  })
})
