import { expect } from 'chai'
import {
  CloudError, isCloudError, PAGE_BYTES, type BlobId, type Driver, type OutputPosition, type Task, type TaskCapture,
  type TaskState
} from '@welkin/interface'
import type { DriverPorts, Programs } from './driver.ts'
import { ID, outputHas, outputText, specOf } from './driver-specs.ts'
import { rejects } from './rejects.ts'
import { factsIn, type Fact, type Setup } from './world.ts'

/** What these facts need. */
export interface CapturePorts extends Pick<DriverPorts, 'driver' | 'elsewhere'> {
  programs: Pick<Programs, 'counts' | 'sleeps'>
}

/** A state and all its pages, as they lie at whoever is given them. */
interface Kept { state: TaskState & { output: OutputPosition }, pages: Map<BlobId, Uint8Array> }

function keep (capture: TaskCapture): Kept {
  const { header, pages, output } = capture
  const contents = pages.flatMap(page => page === '' ? [] : [[page, capture.read(page).slice()] as const])
  return { state: { header, pages, output }, pages: new Map(contents) }
}

async function read ({ pages }: Kept, page: BlobId): Promise<Uint8Array> {
  const content = pages.get(page)
  if (content === undefined) throw new CloudError('ENOENT', `There is no page ${page}.`)
  return content
}

type Capturing = Required<Pick<Task, 'capture' | 'resume' | 'leave'>> & Task

async function counting ({ driver, programs }: CapturePorts): Promise<{ task: Capturing, argv: readonly string[] }> {
  const argv = programs.counts as readonly string[]
  const task = await driver.run(specOf(argv)) as Capturing
  await outputHas(driver.output(ID), '3\n')
  return { task, argv }
}

async function goesOn (driver: Driver, argv: readonly string[], kept: Kept): Promise<Task> {
  const restored = await driver.restore?.(specOf(argv), kept.state, async page => await read(kept, page))
  return await restored?.start() as Task
}

/** Lines that count, with none missing and none twice. */
function expectCounted (text: string, from = 1): void {
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n')
  expect(lines).to.deep.equal(lines.map((_line, at) => `${from + at}`))
}

async function runs (driver: Driver): Promise<boolean> {
  const found = await driver.recover(ID)
  return found !== undefined && 'ended' in found
}

async function end (...tasks: Task[]): Promise<void> {
  for (const task of tasks) {
    await task.stop(0)
    await task.ended
  }
}

/** For a driver of whose tasks only that is promised. */
export function captureCompliance (setup: Setup<CapturePorts>): void {
  describe('that takes tasks up in one place and has them go on in another', () => captureFacts(factsIn(setup)))
}

export function captureFacts (fact: Fact<CapturePorts>): void {
  fact('refuses with ENOSYS where it cannot', async ({ driver, programs }) => {
    if (driver.abilities.checkpoint !== 'none') return
    const task = await driver.run(specOf(programs.sleeps))
    if (task.capture !== undefined) await rejects(task.capture({ stop: false }), 'ENOSYS')
    await end(task)
  })

  const can = ({ driver, programs }: CapturePorts): boolean =>
    driver.abilities.checkpoint !== 'none' && programs.counts !== undefined

  fact('takes a state while the task runs on, in pages by their hash', async ports => {
    if (!can(ports) || ports.driver.abilities.checkpoint !== 'live') return
    const { task } = await counting(ports)
    const capture = await task.capture({ stop: false })
    expect(capture.header.byteLength).to.be.lessThan(65_536)
    for (const page of capture.pages) if (page !== '') expect(capture.read(page).byteLength).to.equal(PAGE_BYTES)
    const { stdout } = await ports.driver.output(ID).size()
    await outputHas(ports.driver.output(ID), '6\n')
    expect((await ports.driver.output(ID).size()).stdout).to.be.greaterThan(stdout)
    await end(task)
  })

  fact('has a task that was stopped stand still until it goes on', async ports => {
    if (!can(ports)) return
    const { task } = await counting(ports)
    const capture = await task.capture({ stop: true })
    const again = await task.capture({ stop: true })
    expect([...again.pages]).to.deep.equal([...capture.pages])
    expect(again.output).to.deep.equal(await ports.driver.output(ID).size())
    await task.resume()
    await outputHas(ports.driver.output(ID), '6\n')
    expectCounted(await outputText(ports.driver.output(ID)))
    await end(task)
  })

  fact('has it go on elsewhere where it stood, and end only there', async ports => {
    if (!can(ports)) return
    const { task, argv } = await counting(ports)
    const kept = keep(await task.capture({ stop: true }))
    const before = await outputText(ports.driver.output(ID))
    await task.leave()
    const driver = await ports.elsewhere?.() ?? ports.driver
    if (driver === ports.driver) await driver.remove(ID)
    const there = await goesOn(driver, argv, kept)
    const next = before.split('\n').length
    await outputHas(driver.output(ID), `${next + 3}\n`)
    const chunks = await driver.output(ID).read(kept.state.output, 1 << 20)
    expect(chunks[0]?.offset).to.equal(kept.state.output.stdout)
    const after = chunks.map(({ bytes }) => new TextDecoder().decode(bytes)).join('')
    expectCounted(before + after)
    await end(there)
    let ended = false
    void task.ended.then(() => { ended = true })
    await Promise.resolve()
    expect(ended).to.equal(false)
  })

  fact('leaves nothing of a state that is discarded', async ports => {
    if (!can(ports)) return
    const { task, argv } = await counting(ports)
    const kept = keep(await task.capture({ stop: true }))
    const driver = await ports.elsewhere?.()
    if (driver !== undefined) {
      const restored = await driver.restore?.(specOf(argv), kept.state, async page => await read(kept, page))
      await restored?.discard()
      expect(await runs(driver)).to.equal(false)
    }
    await task.resume()
    await end(task)
  })

  fact('is made ready while the task runs on, and goes on from the last of its states', async ports => {
    if (!can(ports) || ports.driver.abilities.checkpoint !== 'live') return
    const { task, argv } = await counting(ports)
    const driver = await ports.elsewhere?.()
    if (driver === undefined) return await end(task)
    const first = keep(await task.capture({ stop: false }))
    const restored = await driver.restore?.(specOf(argv), first.state, async page => await read(first, page))
    if (restored?.renew === undefined) {
      await restored?.discard()
      return await end(task)
    }
    let before = first
    for (const [line, stop] of [['6\n', false], ['9\n', true]] as const) {
      await outputHas(ports.driver.output(ID), line)
      const next = keep(await task.capture({ stop }))
      await restored.renew(next.state, async page => {
        expect([...before.pages.keys()]).to.not.include(page)
        return await read(next, page)
      })
      before = next
    }
    expect(await driver.recover(ID)).to.equal(undefined)
    const text = await outputText(ports.driver.output(ID))
    await task.leave()
    const there = await restored.start()
    await outputHas(driver.output(ID), `${text.split('\n').length + 3}\n`)
    const chunks = await driver.output(ID).read(before.state.output, 1 << 20)
    expect(chunks[0]?.offset).to.equal(before.state.output.stdout)
    expectCounted(text + chunks.map(({ bytes }) => new TextDecoder().decode(bytes)).join(''))
    await end(there)
  })

  fact('is discarded by a later state that is none, and goes on nowhere', async ports => {
    if (!can(ports) || ports.driver.abilities.checkpoint !== 'live') return
    const { task, argv } = await counting(ports)
    const driver = await ports.elsewhere?.()
    if (driver === undefined) return await end(task)
    const { state, ...kept } = keep(await task.capture({ stop: false }))
    const readKept = async (page: BlobId): Promise<Uint8Array> => await read({ state, ...kept }, page)
    const restored = await driver.restore?.(specOf(argv), state, readKept)
    if (restored?.renew !== undefined) {
      await rejects(restored.renew({ ...state, pages: state.pages.slice(1) }, readKept), 'EINVAL')
      await rejects(restored.start(), 'ESTALE')
      expect(await driver.recover(ID)).to.equal(undefined)
    }
    await restored?.discard()
    await end(task)
  })

  fact('refuses what is no whole state of its own, with nothing left', async ports => {
    if (!can(ports)) return
    const { task, argv } = await counting(ports)
    const kept = keep(await task.capture({ stop: true }))
    const driver = await ports.elsewhere?.() ?? ports.driver
    const { state } = kept
    const forged = [
      { ...state, header: state.header.slice(0, state.header.length >> 1) },
      { ...state, header: new Uint8Array(8) },
      { ...state, pages: state.pages.slice(0, -1) }
    ]
    for (const other of forged) await rejects(goesOn(driver, argv, { ...kept, state: other }), 'EINVAL')
    const failing = async (): Promise<Uint8Array> => { throw new CloudError('EHOSTDOWN', 'The page is out of reach.') }
    await rejects((async () => await driver.restore?.(specOf(argv), state, failing))(), 'EHOSTDOWN')
    if (driver !== ports.driver) expect(await runs(driver)).to.equal(false)
    await end(task)
  })

  fact('gives no page of a state that another has taken the place of', async ports => {
    if (!can(ports)) return
    const { task } = await counting(ports)
    const first = await task.capture({ stop: false })
    const page = first.pages.find(name => name !== '') as BlobId
    first.read(page)
    await task.capture({ stop: true })
    expect(() => first.read(page)).to.throw().that.satisfies((error: unknown) => isCloudError(error, 'ENOENT'))
    await end(task)
  })
}
