import { expect } from 'chai'
import type { TaskExit } from '@welkin/interface'
import { restartsAfter } from '../../../src/kernel/processes/after-end.ts'

const ok: TaskExit = { kind: 'exited', code: 0 }
const bad: TaskExit = { kind: 'exited', code: 3 }
const shot: TaskExit = { kind: 'signaled', signal: 'SIGKILL' }
const lost: TaskExit = { kind: 'lost', reason: 'power' }
const missing: TaskExit = { kind: 'failed', error: { code: 'ENOENT', message: 'no such program' } }
const crowded: TaskExit = { kind: 'failed', error: { code: 'EAGAIN', message: 'no process left' } }

describe('an object whose task has ended', () => {
  const table: Array<[policy: 'never' | 'on-failure' | 'always', exit: TaskExit, restarts: boolean]> = [
    ['never', ok, false], ['never', bad, false], ['never', lost, false],
    ['on-failure', ok, false], ['on-failure', bad, true], ['on-failure', shot, true], ['on-failure', lost, true],
    ['on-failure', crowded, true], ['on-failure', missing, false],
    ['always', ok, true], ['always', bad, true], ['always', missing, false]
  ]
  for (const [policy, exit, restarts] of table) {
    const how = 'code' in exit ? `${exit.kind} ${exit.code}` : exit.kind
    it(`${restarts ? 'gets another' : 'stays ended'} by the policy ${policy} after ${how}`, () => {
      const restart = { policy, firstMs: 1, maxMs: 1 }
      expect(restartsAfter({ restart, exit, killed: false, attempt: 0 })).to.equal(restarts)
    })
  }

  it('stays ended once somebody has killed it', () => {
    const restart = { policy: 'always', firstMs: 1, maxMs: 1 } as const
    expect(restartsAfter({ restart, exit: bad, killed: true, attempt: 0 })).to.equal(false)
  })

  it('stays ended when its tries are used up', () => {
    const restart = { policy: 'always', firstMs: 1, maxMs: 1, triesMax: 2 } as const
    const decisions = [0, 1, 2].map(attempt => restartsAfter({ restart, exit: bad, killed: false, attempt }))
    expect(decisions).to.deep.equal([true, true, false])
  })
})
