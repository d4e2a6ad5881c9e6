import { expect } from 'chai'
import { sleep } from '@welkin/async'
import { CloudError, isCloudError, SILENT, type Clock, type Driver, type TaskSpec } from '@welkin/interface'
import { createNodeClock, createNodeKeys } from '@welkin/platform-node'
import { captureCompliance, inRealTime } from '@welkin/port-compliance'
import { createBuiltinDriver, type BuiltinModule } from '../src/index.ts'

const ID = '0'.repeat(32)
const clock: Clock = createNodeClock()

/** Counts in lines, from where it was; `loses` declares nothing. */
const counts: BuiltinModule = async ({ signal, state = new Uint8Array(4), stdout, keeps }) => {
  const count = Uint32Array.from(new Uint32Array(state.slice().buffer))
  keeps(() => new Uint8Array(count.slice().buffer))
  for (;;) {
    await sleep(clock, 20, { signal })
    count[0] = (count[0] as number) + 1
    stdout(`${count[0]}\n`)
  }
}

const loses: BuiltinModule = async ({ signal }) => { await sleep(clock, 60_000, { signal }) }

const asks: BuiltinModule = async ({ syscalls, signal, keeps }) => {
  keeps(() => new Uint8Array(1))
  for (;;) {
    await sleep(clock, 5, { signal })
    await syscalls.whoami({})
  }
}

let asked = 0

async function started (): Promise<Driver> {
  const driver = createBuiltinDriver({
    clock, log: SILENT, modules: { counts, loses, asks },
    keys: createNodeKeys(new Uint8Array(32)),
    linkFor: () => ({
      request: async (_payload, { signal } = {}) => {
        if (signal?.aborted === true) throw new CloudError('ECANCELED', 'It was cut.')
        asked++
        return new Uint8Array()
      },
      open: () => { throw new Error('Nobody talks here.') }
    }),
    syscallsOver: link => ({ whoami: async () => await link.request(new Uint8Array()) }) as never,
    drawRequestId: () => '0'.repeat(32)
  })
  await driver.start()
  return driver
}

const specOf = (...argv: string[]): TaskSpec =>
  ({ id: ID, attempt: 0, argv, env: {}, files: [], limits: {}, input: false })

describe('the driver of built-in modules', () => {
  captureCompliance(async () => {
    const drivers = [await started()]
    return {
      driver: drivers[0] as Driver,
      programs: { counts: ['counts'], sleeps: ['loses'] },
      elsewhere: async () => {
        drivers.push(await started())
        return drivers.at(-1) as Driver
      },
      until: inRealTime,
      close: async () => { for (const driver of drivers) await driver.stop() }
    }
  })

  it('says of a module that declares no state why it does not move', async () => {
    const driver = await started()
    const task = await driver.run(specOf('loses'))
    expect(task.immovable).to.equal('built-in module "loses" declares no state')
    const refusal = await task.capture?.({ stop: true }).catch((error: unknown) => error)
    expect(isCloudError(refusal, 'ENOSYS')).to.equal(true)
    await driver.stop()
  })

  it('lets nothing of a module that stands still reach anybody', async () => {
    const driver = await started()
    const task = await driver.run(specOf('asks'))
    await task.capture?.({ stop: true })
    const before = asked
    await sleep(clock, 50)
    expect(asked).to.equal(before)
    await task.resume?.()
    await sleep(clock, 50)
    expect(asked).to.be.greaterThan(before)
    await driver.stop()
  })
})
