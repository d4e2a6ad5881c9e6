import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import type { ObjectInfo } from '@welkin/syscalls'
import { lives, Terminal } from './command.ts'

interface Listed {
  nodes: Array<{ node: string, state: string, pid: number }>
}

describe('local clouds', function () {
  this.timeout(60_000)
  const terminal = new Terminal()
  after(() => { terminal.close() })

  it('live through the death of a daemon: what it ran goes on, is found again, and is heard further', async () => {
    expect((await terminal.type('local', 'up', '--nodes', '2', '--detach')).status).to.equal(0)
    const script = 'trap "echo two; exit 7" USR1; echo one; while :; do sleep 0.1; done'
    const heard = terminal.start('run', '--on', 'n2', '--name', 'heard', '--', 'sh', '-c', script)
    await heard.printed('stdout', 'one')
    await terminal.type('run', '--detach', '--on', 'n2', '--name', 'survivor', '--', 'sleep', '1000')
    const before = await terminal.ask<ObjectInfo>('stat', 'survivor')
    expect((await terminal.type('local', 'kill', 'n2')).status).to.equal(0)
    expect((await terminal.ask<Listed>('local', 'ls')).nodes.map(({ state }) => state)).to.deep.equal(['up', 'down'])
    expect((await terminal.type('local', 'kill', 'n2')).status).to.equal(1)

    expect((await terminal.type('local', 'start', 'n2')).status).to.equal(0)
    const n2 = terminal.path('.welkin/local/default/n2')
    const after = await terminal.ask<ObjectInfo>('stat', 'survivor', '--cloud', n2)
    expect([after.state, after.pid]).to.deep.equal(['running', before.pid])
    expect((await terminal.type('local', 'start', 'n2')).stderr).to.include('EBUSY')
    expect((await terminal.type('signal', '--cloud', 'default', 'heard', 'USR1')).status).to.equal(0)
    expect(await heard.ended).to.deep.equal({ status: 7, stdout: 'one\ntwo\n', stderr: '' })
  })

  it('are one of a name', async () => {
    const { status, stderr } = await terminal.type('local', 'up', '--detach')
    expect(status).to.equal(1)
    expect(stderr).to.include('(EEXIST)')
  })

  it('go with all that they ran and kept', async () => {
    const { pid } = await terminal.ask<ObjectInfo>('stat', 'survivor')
    const { nodes } = await terminal.ask<Listed>('local', 'ls')
    expect((await terminal.type('local', 'down')).status).to.equal(0)
    expect([pid as number, ...nodes.map(node => node.pid)].filter(lives)).to.deep.equal([])
    expect(readdirSync(terminal.path('.welkin'))).to.deep.equal([])
    expect((await terminal.type('local', 'down')).stderr).to.include('(ENOENT)')
  })

  it('leave nothing behind at Ctrl-C, and another takes the name of one that died', async () => {
    const first = terminal.start('local', 'up', '--nodes', '1', '--json')
    await first.printed('stdout', '\n')
    const before = await terminal.ask<Listed>('local', 'ls')
    process.kill(before.nodes[0]?.pid as number, 'SIGKILL')
    first.process.kill('SIGKILL')
    await first.ended

    const second = terminal.start('local', 'up', '--nodes', '1', '--json')
    await second.printed('stdout', '\n')
    const { nodes } = await terminal.ask<Listed>('local', 'ls')
    second.process.kill('SIGINT')
    expect((await second.ended).status).to.equal(0)
    expect([...before.nodes, ...nodes].map(({ pid }) => pid).filter(lives)).to.deep.equal([])
    expect(readdirSync(terminal.path('.welkin'))).to.deep.equal([])
  })

  it('stand beside a node of this machine, which is asked first', async () => {
    const node = terminal.start('up', '--name', 'here', '--zone', 'acme/lyon/r1', '--http', 'off', '--json')
    await node.printed('stdout', '\n')
    expect((await terminal.type('run', '--', 'echo', 'hello')).stdout).to.equal('hello\n')
    expect((await terminal.type('nodes')).stdout).to.match(/\nhere +acme\/lyon\/r1 +up/)
    expect((await terminal.type('up')).stderr).to.include('(EBUSY)')
    node.process.kill('SIGINT')
    expect((await node.ended).status).to.equal(0)
  })
})
