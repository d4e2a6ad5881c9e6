import { expect } from 'chai'
import { Terminal } from './command.ts'

interface Whoami { user?: string, key: string }

describe('welkin user, login, logout and passwd', function () {
  this.timeout(120_000)
  const terminal = new Terminal()
  before(async () => { await terminal.type('local', 'up', '--nodes', '1', '--detach') })
  after(async () => {
    await terminal.type('local', 'down')
    terminal.close()
  })

  it('make a user who logs in, and take its rights back', async () => {
    const added = await terminal.feed('secret\n', 'user', 'add', 'alice', '--ttl', '90d')
    expect(added.status, added.stderr).to.equal(0)
    expect(added.stdout).to.match(/^alice can log in until .*: welkin login alice\n$/)
    const list = (await terminal.type('user', 'ls')).stdout
    expect(list).to.match(/^NAME +UNTIL +KEPT AT +KEY\nalice +\d{4}-/)
    const wrong = await terminal.feed('guess\n', 'login', 'alice')
    expect(wrong).to.deep.include({ status: 1, stderr: 'welkin: The user or the password is wrong. (EACCES)\n' })
    const login = await terminal.feed('secret\n', 'login', 'alice', '--for', '1h')
    expect(login.stdout).to.match(/^logged in as alice until/)
    expect((await terminal.ask<Whoami>('call', 'whoami', '{}')).user).to.equal('alice')
    expect((await terminal.feed('secret\nother\n', 'passwd')).stdout).to.equal('alice has another password\n')
    expect((await terminal.type('logout')).stdout).to.equal('alice is logged out\n')
    expect((await terminal.type('user', 'rm', 'alice')).stdout).to.equal('alice is removed\n')
    expect((await terminal.feed('other\n', 'login', 'alice')).status).to.equal(1)
  })

  it('put the root away and bring it back', async () => {
    const locked = await terminal.feed('of the root\n', 'cloud', 'lock')
    expect(locked.stdout, locked.stderr).to.equal('the root\'s key is locked, and kept by 1 node\n')
    await terminal.feed('of the root\n', 'login', 'root', '--for', '10m')
    expect((await terminal.ask<Whoami>('call', 'whoami', '{}')).user).to.equal('root')
  })

  it('say what they need where no password is given', async () => {
    const { status, stderr } = await terminal.feed('', 'login', 'alice')
    expect(status).to.equal(1)
    expect(stderr).to.match(/^welkin: Password of alice is needed: .*\(EINVAL\)\n$/)
  })
})
