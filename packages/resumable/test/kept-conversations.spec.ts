import { expect } from 'chai'
import { CloudError, isCloudError, type Channel } from '@welkin/interface'
import { Conversation, KeptConversations } from '../src/index.ts'

const GRACE_MS = 1000

/** The timers that wait, in the order in which they were set. */
class Timers {
  waiting: Array<() => void> = []

  after (ms: number, run: () => void): () => void {
    expect(ms).to.equal(GRACE_MS)
    this.waiting.push(run)
    return () => { this.waiting = this.waiting.filter(each => each !== run) }
  }
}

/** A connection over which nothing comes until it breaks. */
function silent (): Channel {
  let fail = (_error: CloudError): void => {}
  const broken = new Promise<never>((_resolve, reject) => { fail = reject })
  broken.catch(() => {})
  return {
    send: async () => {},
    end: async () => {},
    fail,
    [Symbol.asyncIterator]: () => ({ next: async () => await broken })
  }
}

async function codeOf (work: Promise<unknown>): Promise<string> {
  return await work.then(() => 'none', (error: unknown) => isCloudError(error) ? error.code : 'no fault')
}

describe('conversations that are kept', () => {
  it('wait for a connection, are not given up while they have one, and wait again when it breaks', async () => {
    const timers = new Timers()
    const kept = new KeptConversations<string>(timers, GRACE_MS)
    const conversation = new Conversation()
    kept.add('one', 'alice', conversation)
    expect(timers.waiting).to.have.length(1)
    const [first, second] = [silent(), silent()]
    const attached = kept.attach('one', first)
    expect(timers.waiting).to.have.length(0)
    const again = kept.attach('one', second)
    await attached // it was replaced
    expect(timers.waiting).to.have.length(0)
    second.fail(new CloudError('ECONNRESET', 'The connection broke.'))
    await again
    expect(timers.waiting).to.have.length(1)
    expect(kept.all()).to.deep.equal([kept.get('one')])
  })

  it('are given up when nobody has gone on with them, as both ends learn', async () => {
    const timers = new Timers()
    const kept = new KeptConversations<string>(timers, GRACE_MS)
    const conversation = new Conversation()
    kept.add('one', 'alice', conversation)
    timers.waiting[0]?.()
    expect(await codeOf(conversation.over)).to.equal('ECONNRESET')
    expect(kept.size).to.equal(0)
    expect(await codeOf(kept.attach('one', silent()))).to.equal('ENOENT')
  })

  it('that were dropped while they had a connection do not wait, nor end another of their id', async () => {
    const timers = new Timers()
    const kept = new KeptConversations<string>(timers, GRACE_MS)
    const [before, after] = [new Conversation(), new Conversation()]
    kept.add('one', 'alice', before)
    const attached = kept.attach('one', silent())
    kept.drop('one', new CloudError('ECONNRESET', 'It is elsewhere.'))
    kept.add('one', 'bob', after)
    await attached
    expect(await codeOf(before.over)).to.equal('ECONNRESET')
    expect(timers.waiting).to.have.length(1)
    expect(kept.get('one')).to.include({ about: 'bob', conversation: after })
  })
})
