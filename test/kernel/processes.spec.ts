import { expect } from 'chai'
import { all, bytesOf, codeOf, exitOf, inCloud, knowsAll, run, textOf } from './in-cloud.ts'

describe('an object', () => {
  it('tells what it has used, while it runs and when it has ended, over a restart of its node too', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['run', '--seconds', '4', '--cpu', '1'])
      await cloud.pass(2000)
      expect((await cloud.syscalls('n1').stat({ id })).usage?.cpuSeconds).to.be.within(1, 3)
      await exitOf(cloud.syscalls('n1'), id)
      expect((await cloud.syscalls('n1').stat({ id })).usage?.cpuSeconds).to.be.closeTo(4, 0.1)
      cloud.crash('n1')
      await cloud.start('n1')
      expect((await cloud.syscalls('n1').stat({ id })).usage?.cpuSeconds).to.be.closeTo(4, 0.1)
    })
  })

  it('is answered for by every node, by its id, a prefix of it, and its name', async () => {
    await inCloud({}, async cloud => {
      const argv = ['run', '--seconds', '5', '--exit', '3']
      const { id } = await run(cloud.syscalls('n1'), argv, { name: 'crunch', on: 'n2' })
      await cloud.pass(100)
      for (const asked of ['n1', 'n2', 'n3']) {
        for (const ref of [id, id.slice(0, 8), 'crunch']) {
          expect((await cloud.syscalls(asked).stat({ id: ref })), `${ref} asked of ${asked}`)
            .to.deep.include({ id, node: 'n2', name: 'crunch', state: 'running' })
        }
      }
      expect(await exitOf(cloud.syscalls('n3'), 'crunch')).to.deep.equal({ kind: 'exited', code: 3 })
    })
  })

  it('that is not found is missing for certain only when every node has answered', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { name: 'far', on: 'n3' })
      expect(await codeOf(cloud.syscalls('n1').stat({ id: 'nobody' }))).to.equal('ENOENT')
      cloud.powerOff('n3')
      await cloud.until(() => cloud.node('n1')?.membership.node('n3')?.state === 'down', { timeoutMs: 10_000 })
      for (const ref of [id, 'far', 'nobody']) {
        expect(await codeOf(cloud.syscalls('n1').stat({ id: ref })), ref).to.equal('EHOSTDOWN')
      }
    })
  })

  it('keeps what it wrote, for whoever asks and from wherever', async () => {
    await inCloud({}, async cloud => {
      const argv = ['run', '--seconds', '2', '--print', 'hello', '--output-bytes', '1000']
      const { id } = await run(cloud.syscalls('n1'), argv, { on: 'n2' })
      const followed = await all(cloud.syscalls('n3').logs({ id, follow: true }))
      expect(followed.reduce((size, { bytes }) => size + bytes.byteLength, 0)).to.equal(1005)
      expect(await textOf(cloud.syscalls('n1').logs({ id }))).to.have.lengthOf(1005).and.match(/^hello/)
      expect(await textOf(cloud.syscalls('n1').logs({ id, tailBytes: 5 }))).to.have.lengthOf(5)
      expect(await textOf(cloud.syscalls('n1').logs({ id, from: { stdout: 1003 } }))).to.have.lengthOf(2)
    })
  })

  it('takes standard input from afar, to the last byte, and says how it ended', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['cat'], { on: 'n2', input: true })
      async function * input () {
        for await (const bytes of bytesOf('one ', 'two')) yield { bytes }
      }
      const items = await all(cloud.syscalls('n3').attach({ id, from: {}, input: true }, { input: input() }))
      expect(items.at(-1)).to.deep.equal({ kind: 'exit', exit: { kind: 'exited', code: 0 } })
      const written = items.flatMap(item => item.kind === 'output' ? [Buffer.from(item.bytes).toString()] : [])
      expect(written.join('')).to.equal('one two')
      const second = await run(cloud.syscalls('n1'), ['sleep', '1'])
      const attached = cloud.syscalls('n1').attach({ id: second.id, input: true }, { input: input() })
      expect(await codeOf(all(attached))).to.equal('EPIPE')
    })
  })

  it('that cannot start says why, and is not tried again when that would not help', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['no-such-program'], { restart: { policy: 'always' } })
      const exit = await exitOf(cloud.syscalls('n2'), id)
      expect(exit).to.have.nested.property('error.code', 'ENOENT')
      expect((await cloud.syscalls('n1').stat({ id })).attempt).to.equal(0)
    })
  })

  it('gets the files of its spec, from whichever node has them, and leaves its outputs as blobs', async () => {
    await inCloud({}, async cloud => {
      const { blob } = await cloud.syscalls('n3').blob.put({}, { input: bytesOf('from n3') })
      const read = await run(cloud.syscalls('n1'), ['cat', 'in/data'], { on: 'n2', files: [{ path: 'in/data', blob }] })
      await exitOf(cloud.syscalls('n1'), read.id)
      expect(await textOf(cloud.syscalls('n1').logs({ id: read.id }))).to.equal('from n3')

      const write = await run(cloud.syscalls('n1'), ['write', 'out', 'result'], {
        on: 'n2', outputs: ['out', 'missing']
      })
      const { outputs: [out, missing] } = await cloud.syscalls('n1').wait({ id: write.id })
      expect(missing).to.have.nested.property('error.code', 'ENOENT')
      const content = await all(cloud.syscalls('n3').blob.get({ blob: out?.blob as string }))
      expect(Buffer.concat(content).toString()).to.equal('result')
    })
  })

  it('fails when nobody has a file of its spec', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['exit', '0'], { files: [{ path: 'x', blob: 'a'.repeat(64) }] })
      expect(await exitOf(cloud.syscalls('n1'), id)).to.have.nested.property('error.code', 'ENOENT')
    })
  })
})

describe('ending an object', () => {
  it('asks it first, and forces it after the grace time', async () => {
    await inCloud({}, async cloud => {
      const polite = await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n2' })
      const stubborn = await run(cloud.syscalls('n1'), ['run', '--seconds', '1000', '--ignore-term'], { on: 'n2' })
      await cloud.until(() => cloud.node('n2')?.processes.promises().objects === 2, { timeoutMs: 5000 })
      await cloud.pass(100)
      expect((await cloud.syscalls('n3').kill({ id: polite.id })).exit)
        .to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
      const startMs = cloud.timeline.nowMs
      expect((await cloud.syscalls('n3').kill({ id: stubborn.id, graceMs: 3000 })).exit)
        .to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
      expect(cloud.timeline.nowMs - startMs).to.be.within(3000, 3500)
    })
  })

  it('works before it runs and between two tries, and can be repeated', async () => {
    await inCloud({ nodeOptions: { processes: { startsMax: 1 } } }, async cloud => {
      const failing = await run(cloud.syscalls('n1'), ['exit', '1'], {
        on: 'n1', restart: { policy: 'always', firstMs: 60_000 }
      })
      await cloud.pass(1000)
      expect((await cloud.syscalls('n1').stat({ id: failing.id })).state).to.equal('backing-off')
      expect((await cloud.syscalls('n1').kill({ id: failing.id })).exit).to.deep.equal({ kind: 'exited', code: 1 })
      expect((await cloud.syscalls('n1').kill({ id: failing.id })).exit).to.deep.equal({ kind: 'exited', code: 1 })
    })
  })

  it('is finished by the next life of a daemon that died in the middle of it', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['run', '--seconds', '1000', '--ignore-term'], {
        on: 'n2', restart: { policy: 'always' }
      })
      await cloud.pass(100)
      const killing = codeOf(cloud.syscalls('n1').kill({ id, graceMs: 5000 }))
      await cloud.pass(1000)
      cloud.crash('n2')
      expect(await killing).to.equal('ECONNRESET')
      await cloud.start('n2')
      await knowsAll(cloud)
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'signaled', signal: 'SIGKILL' })
    })
  })

  it('lets it be forgotten, and not before', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '10'], { on: 'n2' })
      expect(await codeOf(cloud.syscalls('n1').remove({ id }))).to.equal('EBUSY')
      await cloud.syscalls('n1').kill({ id })
      await cloud.syscalls('n1').remove({ id })
      expect(await codeOf(cloud.syscalls('n1').stat({ id }))).to.equal('ENOENT')
    })
  })
})

describe('an object that fails', () => {
  it('is tried again, each time later, as often as its spec says', async () => {
    await inCloud({}, async cloud => {
      const restart = { policy: 'on-failure', triesMax: 3, firstMs: 1000, maxMs: 60_000 } as const
      const startMs = cloud.timeline.nowMs
      const { id } = await run(cloud.syscalls('n1'), ['exit', '9'], { restart })
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'exited', code: 9 })
      expect((await cloud.syscalls('n1').stat({ id })).attempt).to.equal(3)
      // Waits of 1, 2 and 4 s, half of each drawn by chance.
      expect(cloud.timeline.nowMs - startMs).to.be.within(3500, 7500)
    })
  })
})

describe('the death of a daemon', () => {
  it('does not end what it runs: the next life finds it again, with its output and its end', async () => {
    await inCloud({}, async cloud => {
      const argv = ['run', '--seconds', '20', '--print', 'before', '--exit', '7']
      const { id } = await run(cloud.syscalls('n1'), argv, { on: 'n2' })
      await cloud.pass(5000)
      cloud.crash('n2')
      await cloud.pass(3000)
      await cloud.start('n2')
      await knowsAll(cloud)
      expect(await cloud.syscalls('n1').stat({ id })).to.deep.include({ state: 'running', attempt: 0 })
      expect(await exitOf(cloud.syscalls('n3'), id)).to.deep.equal({ kind: 'exited', code: 7 })
      expect(await textOf(cloud.syscalls('n1').logs({ id }))).to.equal('before')
    })
  })

  it('does not hide how a task ended meanwhile', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['run', '--seconds', '2', '--exit', '7'], { on: 'n2' })
      await cloud.pass(500)
      cloud.crash('n2')
      await cloud.pass(10_000)
      await cloud.start('n2')
      await knowsAll(cloud)
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'exited', code: 7 })
    })
  })

  it('by a power cut takes its tasks with it: they are lost, or begin anew where the spec says so', async () => {
    await inCloud({}, async cloud => {
      const once = await run(cloud.syscalls('n1'), ['sleep', '60'], { on: 'n2' })
      const again = await run(cloud.syscalls('n1'), ['sleep', '60'], { on: 'n2', restart: { policy: 'on-failure' } })
      await cloud.pass(1000)
      cloud.powerOff('n2')
      await cloud.pass(5000)
      await cloud.start('n2')
      await knowsAll(cloud)
      expect(await exitOf(cloud.syscalls('n1'), once.id)).to.have.property('kind', 'lost')
      expect(await exitOf(cloud.syscalls('n1'), again.id)).to.deep.equal({ kind: 'exited', code: 0 })
      expect((await cloud.syscalls('n1').stat({ id: again.id })).attempt).to.equal(1)
    })
  })
})

describe('the list of objects', () => {
  it('comes a page at a time, whole and in order, from any node', async () => {
    await inCloud({}, async cloud => {
      const program = { driver: 'modelled', argv: ['sleep', '1000'] }
      const { objects } = await cloud.syscalls('n1').spawn({ program, count: 25 })
      const listed: string[] = []
      let after: string | undefined
      do {
        const page = await cloud.syscalls('n3').list({ limit: 10, after })
        expect(page.objects.length).to.be.at.most(10)
        listed.push(...page.objects.map(({ id }) => id))
        after = page.next
      } while (after !== undefined)
      expect(listed).to.deep.equal(objects.map(({ id }) => id).toSorted())
    })
  })

  it('names the nodes that did not answer, and can be narrowed', async () => {
    await inCloud({}, async cloud => {
      await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n2' })
      await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n3' })
      await cloud.pass(1000)
      expect((await cloud.syscalls('n1').list({})).objects).to.have.lengthOf(1)
      expect((await cloud.syscalls('n1').list({ ended: true })).objects).to.have.lengthOf(2)
      expect((await cloud.syscalls('n1').list({ on: 'n3', ended: true })).objects).to.have.lengthOf(1)
      expect((await cloud.syscalls('n1').list({ state: 'ended' })).objects.map(({ node }) => node))
        .to.deep.equal(['n3'])
      cloud.powerOff('n3')
      expect((await cloud.syscalls('n1').list({ ended: true })).silent).to.deep.equal(['n3'])
    })
  })
})

describe('a handler for signals', () => {
  it('gets what is sent to its object, and its answer reaches the sender', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n2' })
      await cloud.pass(100)
      const seen: string[] = []
      const answers = { resolve: (_value: { number: number } | undefined) => {} }
      async function * input () {
        for (;;) {
          const answer = await new Promise<{ number: number } | undefined>(resolve => { answers.resolve = resolve })
          if (answer === undefined) return
          yield answer
        }
      }
      const handling = (async () => {
        const arriving = cloud.objectSyscalls('n2', id).handle({ signals: ['checkpoint'] }, { input: input() })
        for await (const { number, signal } of arriving) {
          seen.push(signal)
          answers.resolve({ number })
        }
      })()
      await cloud.pass(100)
      expect(await cloud.syscalls('n1').signal({ id, signal: 'checkpoint' })).to.deep.equal({ id, to: 'handler' })
      expect(seen).to.deep.equal(['checkpoint'])
      expect(await codeOf(all(cloud.objectSyscalls('n2', id).handle({ signals: ['x'] })))).to.equal('EBUSY')
      expect(await codeOf(all(cloud.syscalls('n2').handle({ signals: ['x'] })))).to.equal('EPERM')
      answers.resolve(undefined)
      await handling
      expect(await cloud.syscalls('n1').signal({ id, signal: 'SIGHUP' })).to.deep.equal({ id, to: 'process' })
      await cloud.pass(100)
      expect(await codeOf(cloud.syscalls('n1').signal({ id, signal: 'SIGHUP' }))).to.equal('ESRCH')
    })
  })
})
