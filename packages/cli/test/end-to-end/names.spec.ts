import { expect } from 'chai'
import type { ReplyOf } from '@welkin/syscalls'
import { Terminal } from './command.ts'

describe('names, from the command line', function () {
  this.timeout(60_000)
  const terminal = new Terminal()
  const lines = async (...args: string[]): Promise<string[][]> => {
    const { status, stdout, stderr } = await terminal.type(...args)
    expect(status, stderr).to.equal(0)
    return stdout.trim().split('\n').map(line => line.split(/ {2,}/))
  }

  before(async () => {
    const { status, stderr } = await terminal.type('local', 'up', '--nodes', '2', '--detach')
    expect(status, stderr).to.equal(0)
  })
  after(async () => {
    await terminal.type('local', 'down')
    terminal.close()
  })

  it('are bound, resolved with distances, listed and unbound', async () => {
    const bound = await terminal.type('name', 'bind', 'box', '--node', 'n2', '--port', 'ssh=22')
    expect(bound.stdout, bound.stderr).to.match(/^box\.local is bound, and kept by \d nodes?\n$/)
    await terminal.type('name', 'bind', 'www', '--alias', 'box.local')
    const [head, row] = await lines('name', 'resolve', 'www.local')
    expect(head).to.deep.equal(['OBJECT', 'NODE', 'RTT', 'PORTS', 'ADDRESSES'])
    expect([row?.[0], row?.[1], row?.[3], row?.[4]]).to.deep.equal(['-', 'n2', 'ssh=22', '127.0.0.1'])
    expect((await lines('name', 'ls', 'local')).map(([name, kind]) => `${name} ${kind}`))
      .to.deep.equal(['NAME KIND', 'box.local node', 'www.local alias'])
    const { removed } = await terminal.ask<ReplyOf<'name.unbind'>>('name', 'unbind', 'www')
    expect(removed).to.equal(1)
    const gone = await terminal.type('name', 'resolve', 'www')
    expect([gone.status, gone.stderr]).to.deep.equal([1, 'welkin: There is nothing by the name www.local; see ' +
      '"welkin name ls". (ENOENT)\n'])
  })

  it('need one thing to stand for, and a name', async () => {
    for (const args of [['web'], ['web', 'x', '--node', 'n1'], ['web', '--node', 'n1', '--port', 'http']]) {
      expect((await terminal.type('name', 'bind', ...args)).status, args.join(' ')).to.equal(2)
    }
    const odd = await terminal.type('name', 'resolve', 'we_b')
    expect([odd.status, odd.stderr.includes('use letters, digits and hyphens')]).to.deep.equal([1, true])
  })
})
