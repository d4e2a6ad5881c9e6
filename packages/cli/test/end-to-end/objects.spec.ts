import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { ObjectInfo, ReplyOf } from '@welkin/syscalls'
import { Terminal, WELKIN } from './command.ts'

describe('welkin over a local cloud', function () {
  this.timeout(60_000)
  const terminal = new Terminal()

  before(async () => {
    const { status, stderr } = await terminal.type('local', 'up', '--nodes', '2', '--detach')
    expect(status, stderr).to.equal(0)
  })
  after(async () => {
    await terminal.type('local', 'down')
    terminal.close()
  })

  describe('run', () => {
    it('passes on both streams, byte by byte', async () => {
      const script = 'printf "a\\000\\n\\377b"; printf err >&2'
      const { status, stdout, stderr } = await terminal.shell(`welkin run -- sh -c '${script}' | od -An -tx1`)
      expect(stdout.trim()).to.equal('61 00 0a ff 62')
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: 'err' })
    })

    for (const [what, argv, status] of [
      ['the program\'s own', ['sh', '-c', 'exit 3'], 3],
      ['128 + n by signal n', ['sh', '-c', 'kill -TERM $$'], 143],
      ['127 for a program that is not there', ['welkin-has-no-such-program'], 127],
      ['126 for a program that may not be run', ['/etc/passwd'], 126]
    ] as const) {
      it(`exits with ${what}`, async () => {
        expect((await terminal.type('run', '--', ...argv)).status).to.equal(status)
      })
    }

    it('begins each line with the name where there are several', async () => {
      const { stdout } = await terminal.type('run', '--count', '2', '--name', 'pair', '--', 'printf', 'one\\ntwo')
      expect(stdout.split('\n').toSorted())
        .to.deep.equal(['', 'pair.0 | one', 'pair.0 | two', 'pair.1 | one', 'pair.1 | two'])
    })

    it('takes files and variables there, and brings files back', async () => {
      writeFileSync(terminal.path('tool.sh'), '#!/bin/sh\ncat data > out; echo "$GREETING" >> out\n', { mode: 0o755 })
      writeFileSync(terminal.path('data.txt'), 'from here\n')
      const { status, stderr } = await terminal.type('run', '--on', 'n2', '--env', 'GREETING=hello',
        '--file', 'tool.sh', '--file', 'data.txt:data', '--output', 'out', '--', './tool.sh')
      expect(status, stderr).to.equal(0)
      expect(readFileSync(terminal.path('out'), 'utf8')).to.equal('from here\nhello\n')
    })

    it('fails where an output is missing that was asked for', async () => {
      const { status, stderr } = await terminal.type('run', '--output', 'nothing', '--', 'true')
      expect(status).to.equal(1)
      expect(stderr).to.include('there is no output nothing')
    })

    it('passes our standard input on', async () => {
      const { status, stdout } = await terminal.feed('one\ntwo\n', 'run', '--input', '--', 'tr', 'a-z', 'A-Z')
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'ONE\nTWO\n' })
    })

    it('ends the program at Ctrl-C', async () => {
      const command = terminal.start('run', '--name', 'sleeper', '--', 'sh', '-c', 'echo up; exec sleep 1000')
      await command.printed('stdout', 'up')
      command.process.kill('SIGINT')
      expect((await command.ended).status).to.equal(143)
      const { exit } = await terminal.ask<ObjectInfo>('stat', 'sleeper')
      expect(exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    })

    it('ends the program when nobody reads its output any more, and says nothing', async () => {
      const { status, stdout, stderr } = await terminal.shell('welkin run --name chatter -- yes | head -n 1')
      expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'y\n', stderr: '' })
      expect((await terminal.ask<ObjectInfo>('stat', 'chatter')).state).to.equal('ended')
    })

    it('prints the calls\' own replies for programs', async () => {
      const { stdout } = await terminal.type('run', '--json', '--on', 'n1', '--', 'echo', 'hello')
      const [spawned, output, exit] = stdout.trim().split('\n').map(line => JSON.parse(line))
      const object = spawned.objects[0].id
      expect(output).to.deep.equal({ object, kind: 'output', stream: 'stdout', offset: 0, bytes: btoa('hello\n') })
      expect(exit).to.deep.equal({ object, kind: 'exit', exit: { kind: 'exited', code: 0 } })
    })
  })

  describe('an object that was left alone', () => {
    let id: string

    before(async () => {
      const script = 'echo one; echo two >&2; read word; echo "$word"; sleep 1000'
      const { stdout } = await terminal.type('run', '--detach', '--name', 'greet', '--input', '--', 'sh', '-c', script)
      id = stdout.trim()
      expect(id).to.match(/^[0-9a-f]{32}$/)
      const logs = terminal.start('logs', '-f', 'greet')
      await logs.printed('stderr', 'two')
      logs.process.kill()
      await logs.ended
    })

    it('is listed, by ps', async () => {
      const { objects } = await terminal.ask<ReplyOf<'list'>>('ps')
      expect(objects.map(object => object.id)).to.include(id)
      const { stdout } = await terminal.type('ps')
      expect(stdout).to.match(/^ID +NAME +NODE +STATE +AGE +PROGRAM\n/)
      expect(stdout).to.match(/ greet +n\d +running +\d+s +sh -c 'echo one/)
    })

    it('is found by its name and by the beginning of its id', async () => {
      const objects = await Promise.all(['greet', id.slice(0, 8)].map(ref => terminal.ask<ObjectInfo>('stat', ref)))
      expect(objects.map(object => object.id)).to.deep.equal([id, id])
    })

    it('is suggested to who types its name wrongly', async () => {
      const { status, stderr } = await terminal.type('stat', 'gret')
      expect(status).to.equal(1)
      expect(stderr).to.match(/Did you mean greet\? \(ENOENT\)\n$/)
    })

    it('has logs, whole or the end of them', async () => {
      expect(await terminal.type('logs', 'greet')).to.deep.equal({ status: 0, stdout: 'one\n', stderr: 'two\n' })
      expect(await terminal.type('logs', '--tail', '2', 'greet'))
        .to.deep.equal({ status: 0, stdout: 'e\n', stderr: 'o\n' })
    })

    it('can be joined, fed, signalled and killed', async () => {
      const command = terminal.start('attach', 'greet')
      command.process.stdin?.write('three\n')
      await command.printed('stdout', 'three')
      expect((await terminal.type('kill', 'greet')).status).to.equal(0)
      expect((await command.ended).status).to.equal(143)
    })

    it('can be waited for, and then forgotten', async () => {
      expect((await terminal.type('wait', 'greet')).status).to.equal(143)
      expect((await terminal.ask<{ id: string }>('rm', 'greet')).id).to.equal(id)
      expect((await terminal.type('stat', id)).status).to.equal(1)
    })
  })

  it('keeps blobs', async () => {
    const blob = (await terminal.feed('some bytes', 'blob', 'put', '-')).stdout.trim()
    expect(await terminal.type('blob', 'get', blob)).to.deep.equal({ status: 0, stdout: 'some bytes', stderr: '' })
    expect((await terminal.type('blob', 'get', blob, 'copy')).status).to.equal(0)
    expect(readFileSync(terminal.path('copy'), 'utf8')).to.equal('some bytes')
  })

  it('takes --cloud and --json before the command, too; what stands after it counts', async () => {
    const before = await terminal.type('--json', '--cloud', 'default', 'nodes')
    expect(JSON.parse(before.stdout)).to.have.property('nodes').with.lengthOf(2)
    expect((await terminal.type('--cloud', 'missing', 'nodes')).stderr).to.include('no local cloud missing')
    expect((await terminal.type('--cloud', 'missing', 'nodes', '--cloud', 'default')).status).to.equal(0)
  })

  it('makes any system call by its name', async () => {
    const { nodes } = await terminal.ask<ReplyOf<'nodes'>>('call', 'nodes')
    expect(nodes.map(({ name, zone }) => `${name} ${zone}`))
      .to.have.members(['n1 local/site1/rack1', 'n2 local/site2/rack1'])
    const { blob } = JSON.parse((await terminal.feed('x', 'call', 'blob.put')).stdout) as ReplyOf<'blob.put'>
    const { stdout } = await terminal.type('call', 'blob.get', JSON.stringify({ blob }))
    expect(stdout).to.equal(`${JSON.stringify(btoa('x'))}\n`)
    const send = async (body: string): Promise<string> =>
      (await terminal.type('call', 'send', JSON.stringify({ to: { object: 'nobody' }, body }))).stderr
    expect(await send(btoa('x'))).to.include('(ENOENT)')
    expect(await send('*')).to.include('body: must be bytes; in JSON, base64')
  })

  it('asks as the object inside a task; as the owner where another daemon is named, and nothing isolates', async () => {
    const script = 'node=$1; shift; "$@" call whoami; "$@" --cloud "$node" call whoami'
    const n1 = terminal.path('.welkin/local/default/n1')
    const { status, stdout, stderr } = await terminal.type('run', '--isolation', 'none', '--on', 'n2',
      '--name', 'asker', '--', 'sh', '-c', script, 'sh', n1, process.execPath, WELKIN)
    expect(status, stderr).to.equal(0)
    const { id, spec } = await terminal.ask<ObjectInfo>('stat', 'asker')
    expect(spec.isolation).to.equal('none')
    const replies = stdout.trim().split('\n').map(line => JSON.parse(line) as ReplyOf<'whoami'>)
    expect(replies.map(({ nodeName, principal }) => [nodeName, principal]))
      .to.deep.equal([['n2', `object:${id}`], ['n1', 'owner']])
  })

  it('tells of events', async () => {
    const { stdout } = await terminal.type('events', '--json')
    const [first] = stdout.trim().split('\n').map(line => JSON.parse(line))
    expect(first).to.include.keys('type', 'node', 'atMs')
  })

  it('ends quietly when the reader of a list has gone', async () => {
    const { stdout, stderr } = await terminal.shell('welkin ps -a | head -n 1')
    expect(stdout).to.match(/^ID/)
    expect(stderr).to.equal('')
  })
})
