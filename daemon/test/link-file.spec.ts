import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT, type Clock, type CloudError, type Logger } from '@welkin/interface'
import { expect } from 'chai'
import { followLinkFile, type FollowedLinks } from '../src/link-file.ts'

const places = { a: { name: 'n1', zone: 'acme/lyon/r1' }, b: { name: 'n2', zone: 'acme/oslo/r1' } }

describe('a file of links', () => {
  let directory: string
  let path: string
  let warnings: string[]
  let followed: FollowedLinks
  let wake: () => void
  let fellAsleep: () => void

  /** Falls asleep at each look, and wakes when it is told to. */
  const clock: Clock = {
    monotonicMs: () => 0,
    wallMs: () => 0,
    after: (_delayMs, callback) => {
      wake = callback
      fellAsleep()
      return () => { wake = () => {} }
    }
  }
  const sleeps = (): Promise<void> => new Promise(resolve => { fellAsleep = resolve })

  const log: Logger = { ...SILENT, warn: event => { warnings.push(event) } }
  const write = (table: unknown): void => { writeFileSync(path, JSON.stringify(table)) }
  const latencyMs = (): number => followed.between('a', 'b').latencyMs
  const look = async (): Promise<void> => {
    const asleep = sleeps()
    wake()
    await asleep
  }

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'welkin-links-'))
    path = join(directory, 'links.json')
    warnings = []
    write({ profile: 'datacenter', places })
    const asleep = sleeps()
    followed = await followLinkFile(path, { clock, log })
    await asleep
  })

  afterEach(() => {
    followed.stop()
    rmSync(directory, { recursive: true })
  })

  it('says how far its nodes are from one another', () => {
    expect(latencyMs()).to.equal(15)
  })

  it('is read again when it changes', async () => {
    write({ profile: 'datacenter', places, rules: [{ from: 'n1', to: 'n2', latencyMs: 70 }] })
    await look()
    expect(latencyMs()).to.equal(70)
  })

  it('stays in force when it changes to what cannot be used, which is told of once', async () => {
    write({ places, rules: [{ from: 'n1' }] })
    await look()
    await look()
    expect([latencyMs(), warnings]).to.deep.equal([15, ['links.change_refused']])
    rmSync(path)
    await look()
    await look()
    expect([latencyMs(), warnings.length]).to.deep.equal([15, 2])
    write({ profile: 'lan', places })
    await look()
    expect(latencyMs()).to.equal(0.5)
  })

  it('must be there, and usable, at first', async () => {
    const codeFor = async (file: string): Promise<string> =>
      await followLinkFile(file, { clock, log }).then(() => 'taken', (error: CloudError) => error.code)
    expect(await codeFor(join(directory, 'none'))).to.equal('EINVAL')
    write({ profile: 'moon' })
    expect(await codeFor(path)).to.equal('EINVAL')
  })
})
