import { expect } from 'chai'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { lives, Terminal } from './command.ts'

interface NodeFile { id: string, addresses: string[], pid: number }

describe('welkin login --at, on a machine that is no node', function () {
  this.timeout(120_000)
  const cloud = new Terminal()
  const laptop = new Terminal()
  let at: string[] = []
  before(async () => {
    await cloud.type('local', 'up', '--nodes', '2', '--detach')
    await cloud.feed('secret\n', 'user', 'add', 'alice')
    at = ['n1', 'n2'].flatMap(name => ['--at', nodeFile(cloud, `local/default/${name}`).addresses[0] as string])
  })
  after(async () => {
    await laptop.type('logout')
    await cloud.type('local', 'down')
    laptop.close()
    cloud.close()
  })

  it('says what is wrong with a password or an address, and leaves nothing running', async () => {
    const wrong = await laptop.feed('guess\n', 'login', 'alice', ...at)
    expect(wrong).to.deep.include({ status: 1, stderr: 'welkin: The user or the password is wrong. (EACCES)\n' })
    const id = at[1]?.split('/').at(-1) as string
    const silent = await laptop.feed('secret\n', 'login', 'alice', '--at', `/ip4/127.0.0.1/tcp/9/p2p/${id}`)
    expect(silent.stderr).to.match(/^welkin: No member answers at .*: start one there.*\(EHOSTUNREACH\)\n$/)
    const nobody = await laptop.feed('secret\n', 'login', 'alice', '--at', '/ip4/127.0.0.1/tcp/9')
    expect(nobody.stderr).to.match(/does not say who is to answer there.*\(EINVAL\)\n$/)
    expect((await laptop.type('ps')).stderr).to.include('(ENOENT)')
    expect(readdirSync(laptop.path('.welkin/outside'))).to.deep.equal([])
  })

  it('lets programs reach the cloud in the user\'s name until the logout, and keeps nothing', async () => {
    await cloud.type('run', '--name', 'theirs', '--detach', 'sleep', '1000')
    const login = await laptop.feed('secret\n', 'login', 'alice', '--for', '1h', ...at)
    expect(login.stdout, login.stderr).to.match(/^logged in as alice until/)
    const { pid } = nodeFile(laptop, 'outside')
    expect((await laptop.ask<{ user: string }>('whoami')).user).to.equal('alice')
    writeFileSync(laptop.path('input'), 'from the laptop\n')
    const ran = await laptop.type('run', '--file', 'input', 'cat', 'input')
    expect(ran, ran.stderr).to.deep.include({ status: 0, stdout: 'from the laptop\n' })
    await laptop.type('run', '--name', 'mine', '--detach', 'sleep', '1000')
    expect((await laptop.type('ps')).stdout).to.include('mine').and.not.include('theirs')
    expect((await laptop.type('kill', 'theirs')).stderr).to.include('(EACCES)')
    expect((await laptop.type('kill', 'mine')).status).to.equal(0)
    expect((await laptop.feed('secret\n', 'login', 'alice', ...at)).stderr).to.include('(EBUSY)')
    await cloud.type('local', 'kill', 'n1')
    expect((await laptop.ask<{ nodeName: string }>('whoami')).nodeName).to.equal('n2')
    expect((await laptop.type('logout')).stdout).to.equal('alice is logged out\n')
    while (lives(pid)) await new Promise(resolve => { setTimeout(resolve, 50) })
    expect(readdirSync(laptop.path('.welkin/outside'))).to.deep.equal([])
    expect((await laptop.type('ps')).stderr).to.include('(ENOENT)')
  })
})

function nodeFile (terminal: Terminal, folder: string): NodeFile {
  return JSON.parse(readFileSync(terminal.path(`.welkin/${folder}/node.json`), 'utf8')) as NodeFile
}
