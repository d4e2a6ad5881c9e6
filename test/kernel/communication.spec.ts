import { expect } from 'chai'
import { CloudError, type ByteStream } from '@welkin/interface'
import { dial, listen } from '@welkin/syscalls'
import { codeOf, inCloud, knowsAll, run } from './in-cloud.ts'
import { ask, bytesOf, greeter, object, owner, serve, textOf } from './talk.ts'

describe('a dial', () => {
  it('reaches a port of an object by its name, wherever either is', async () => {
    await inCloud({}, async cloud => {
      await serve(cloud, 'n2', greeter('web'))
      for (const from of ['n1', 'n2', 'n3']) {
        for (const to of ['web:http', 'web:8080', 'web:80', 'web']) {
          expect(await ask(await dial(owner(cloud, from), to), from), `${to} from ${from}`).to.equal(`web: ${from}`)
        }
      }
    })
  })

  it('says what is wrong', async () => {
    await inCloud({}, async cloud => {
      const { id, kill } = await serve(cloud, 'n2', greeter('web'))
      const at = owner(cloud, 'n1')
      expect(await codeOf(dial(at, 'nobody:http'))).to.equal('ENOENT')
      expect(await codeOf(dial(at, 'no name at all'))).to.equal('EINVAL')
      expect(await codeOf(dial(at, 'web:https'))).to.equal('ECONNREFUSED')
      kill()
      expect(await codeOf(dial(at, 'web:http'))).to.equal('ECONNREFUSED')
      await cloud.syscalls('n1').kill({ id })
      expect(await codeOf(dial(at, 'web:http'))).to.equal('ENOENT')
    })
  })

  it('tries the next where one has just died, and what has come back meanwhile', async () => {
    await inCloud({}, async cloud => {
      await run(cloud.syscalls('n1'), ['sleep', '100000'], { name: 'web', count: 3, ports: { http: 8080 } })
      await cloud.pass(200)
      const [one, two] = ['n1', 'n2', 'n3'].map(name => {
        return cloud.machines.get(name)?.programs.listen(8080, greeter(name)) as () => void
      }) as [() => void, () => void]
      expect(await ask(await dial(owner(cloud, 'n2'), 'web'), 'x')).to.equal('n2: x')
      two()
      expect(await ask(await dial(owner(cloud, 'n2'), 'web'), 'x')).to.be.oneOf(['n1: x', 'n3: x'])
      cloud.powerOff('n3')
      one()
      const waiting = dial(owner(cloud, 'n1'), 'web', { patienceMs: 20_000 })
      cloud.machines.get('n2')?.programs.listen(8080, greeter('back'))
      expect(await ask(await waiting, 'x')).to.equal('back: x')
    })
  })

  it('passes on what comes after one side has said all, either way', async () => {
    await inCloud({}, async cloud => {
      let heard = ''
      await serve(cloud, 'n2', async connection => {
        await connection.send(bytesOf('you may'))
        await connection.end()
        heard = await textOf(connection)
      })
      const stream = await dial(owner(cloud, 'n1'), 'web')
      expect(await textOf(stream)).to.equal('you may')
      await stream.send(bytesOf('one '))
      await cloud.pass(1000)
      await stream.send(bytesOf('two'))
      await stream.end()
      await cloud.pass(1000)
      expect(heard).to.equal('one two')
    })
  })

  it('holds the sender back as long as nobody reads, and ends both ends when one breaks off', async () => {
    await inCloud({}, async cloud => {
      let outcome = 'nothing'
      await serve(cloud, 'n2', async connection => {
        await cloud.pass(60_000)
        await textOf(connection).then(() => { outcome = 'ended' }, () => { outcome = 'broken off' })
      })
      const stream = await dial(owner(cloud, 'n1'), 'web')
      const piece = new Uint8Array(256 * 1024)
      let sent = 0
      const sending = (async () => {
        for (;;) {
          await stream.send(piece)
          sent++
        }
      })()
      const failed = codeOf(sending)
      await cloud.pass(30_000)
      expect(sent).to.be.within(1, 64)
      stream.fail(new CloudError('ECANCELED', 'No more of this.'))
      expect(await failed).to.equal('ECANCELED')
      await cloud.pass(60_000)
      expect(outcome).to.equal('broken off')
    })
  })

  it('goes a thousand times at once', async () => {
    await inCloud({}, async cloud => {
      await serve(cloud, 'n2', greeter('web'))
      const answers = await Promise.all(Array.from({ length: 1000 }, async (_, nth) => {
        return await ask(await dial(owner(cloud, nth % 2 === 0 ? 'n1' : 'n3'), 'web'), `${nth}`)
      }))
      expect(answers.every((answer, nth) => answer === `web: ${nth}`)).to.equal(true)
    })
  })
})

describe('an object', () => {
  it('says while it runs where it can be talked to, and remembers that over a restart of its node', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { name: 'late', on: 'n2' })
      await cloud.pass(200)
      cloud.machines.get('n2')?.programs.listen(9000, greeter('late'))
      const published = (): unknown[] => [...cloud.node('n2')?.processes.published() ?? []]
      expect(published()).to.deep.equal([])
      const { ports } = await cloud.syscalls('n1').expose({ id: 'late', ports: { chat: 9000, other: 1 } })
      expect(ports).to.deep.equal({ chat: 9000, other: 1 })
      await cloud.syscalls('n3').expose({ id: 'late', hide: ['other'] })
      expect(published()).to.deep.equal([{ id, cp: (await cloud.syscalls('n1').stat({ id })).cp, name: 'late',
        ports: { chat: 9000 }, chain: [] }])
      expect(await ask(await dial(owner(cloud, 'n1'), 'late'), 'x')).to.equal('late: x')
      cloud.crash('n2')
      await cloud.start('n2', ['n1'])
      await knowsAll(cloud)
      expect((await cloud.syscalls('n1').stat({ id })).ports).to.deep.equal({ chat: 9000 })
      await cloud.syscalls('n1').kill({ id })
      expect(published()).to.deep.equal([])
      expect(await codeOf(cloud.syscalls('n1').expose({ id, ports: { http: 1 } }))).to.equal('ESRCH')
    })
  })

  it('listens by system calls, and talks to those whom it accepts', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { name: 'chat', on: 'n2' })
      await cloud.pass(200)
      const stop = new AbortController()
      const listening = (async () => {
        for await (const { stream } of listen(object(cloud, 'n2', id), 'talk', { signal: stop.signal })) {
          void greeter('chat')(stream as ByteStream)
        }
      })()
      listening.catch(() => {})
      await cloud.pass(100)
      expect((await cloud.syscalls('n1').stat({ id })).ports).to.deep.equal({ talk: 0 })
      expect([...cloud.node('n2')?.processes.published() ?? []].map(({ ports }) => ports)).to.deep.equal([{ talk: 0 }])
      const answers = await Promise.all(['n1', 'n2', 'n3'].map(async from => {
        return await ask(await dial(owner(cloud, from), 'chat:talk'), from)
      }))
      expect(answers).to.deep.equal(['chat: n1', 'chat: n2', 'chat: n3'])
      stop.abort(new CloudError('ECANCELED', 'Enough.'))
      await cloud.pass(100)
      expect(await codeOf(dial(owner(cloud, 'n1'), 'chat:talk'))).to.equal('ENOENT') // it has no name any more
      const others = listen(owner(cloud, 'n1'), 'talk')
      expect(await codeOf(others.next())).to.equal('EPERM')
    })
  })

  it('whose network leads nowhere has no TCP ports that anybody could reach', async () => {
    await inCloud({}, async cloud => {
      const spawned = run(cloud.syscalls('n1'), ['sleep', '1'], { network: 'none', ports: { http: 80 } })
      expect(await codeOf(spawned)).to.equal('EINVAL')
    })
  })
})

describe('in a guarded cloud', () => {
  it('who may not dial does not, and an object listens and is dialled by its owner', async () => {
    await inCloud({ guarded: true }, async cloud => {
      await serve(cloud, 'n2', greeter('web'))
      expect(await ask(await dial(owner(cloud, 'n1'), 'web'), 'x')).to.equal('web: x')
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { name: 'lone', on: 'n3' })
      await cloud.pass(200)
      expect(await codeOf(dial(object(cloud, 'n3', id), 'web'))).to.equal('EACCES')
      const allowed = await run(cloud.syscalls('n1'), ['sleep', '1000'], {
        name: 'friend', on: 'n3', can: ['communication.dial']
      })
      await cloud.pass(200)
      expect(await ask(await dial(object(cloud, 'n3', allowed.id), 'web'), 'y')).to.equal('web: y')
    })
  })
})
