import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { Turns } from '../../../src/kernel/placement/turns.ts'

describe('turns', () => {
  it('come one after the other for a key, at once for different ones, and leave nothing behind', async () => {
    const turns = new Turns()
    const order: string[] = []
    const ends: Record<string, () => void> = {}
    const work = (name: string) => async (): Promise<void> => {
      order.push(name)
      await new Promise<void>(resolve => { ends[name] = resolve })
    }
    const all = [turns.take('a', work('a1')), turns.take('a', work('a2')), turns.take('b', work('b1'))]
    expect(order).to.deep.equal(['a1', 'b1'])
    ends['a1']?.()
    await all[0]
    expect(order).to.deep.equal(['a1', 'b1', 'a2'])
    ends['a2']?.()
    ends['b1']?.()
    await Promise.all(all)
    expect(turns.size).to.equal(0)
  })

  it('come to the next when work fails, and not to who has left', async () => {
    const turns = new Turns()
    const leaving = new AbortController()
    const failing = turns.take('a', async () => { throw new CloudError('EAGAIN', 'No.') })
    const left = turns.take('a', async () => 'left', { signal: leaving.signal })
    const next = turns.take('a', async () => 'next')
    leaving.abort()
    const codeOf = async (turn: Promise<string>): Promise<string> => await turn.catch((error: CloudError) => error.code)
    const codes = await Promise.all([failing, left].map(codeOf))
    expect(codes).to.deep.equal(['EAGAIN', 'ECANCELED'])
    expect(await next).to.equal('next')
  })
})
