import { expect } from 'chai'
import type { TaskExit } from '@welkin/interface'
import { exitStatus, explainExit } from '../src/object/exit-status.ts'

const failed = (code: 'ENOENT' | 'EACCES' | 'ENOSPC'): TaskExit => ({ kind: 'failed', error: { code, message: 'No.' } })

describe('the exit status of an object', () => {
  const table: Array<[what: string, exit: TaskExit, status: number]> = [
    ['of its program', { kind: 'exited', code: 3 }, 3],
    ['128 + 15 by SIGTERM', { kind: 'signaled', signal: 'SIGTERM' }, 143],
    ['128 + 9 by SIGKILL', { kind: 'signaled', signal: 'SIGKILL' }, 137],
    ['137 out of memory', { kind: 'out-of-memory', limitBytes: 1 << 26 }, 137],
    ['127 for a program that is not there', failed('ENOENT'), 127],
    ['126 for a program that may not be run', failed('EACCES'), 126],
    ['1 for any other failure', failed('ENOSPC'), 1],
    ['1 where nobody saw it', { kind: 'lost', reason: 'The machine lost power.' }, 1]
  ]
  for (const [what, exit, status] of table) {
    it(`is ${what}`, () => {
      expect(exitStatus(exit)).to.equal(status)
    })
  }

  it('comes with an explanation where the program cannot speak for itself', () => {
    const explained = table.map(([, exit]) => explainExit(exit) !== undefined)
    expect(explained).to.deep.equal([false, false, false, true, true, true, true, true])
  })
})
