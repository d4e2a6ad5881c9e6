import { expect } from 'chai'
import { CloudError, type Clock, type Disk, type Logger } from '@welkin/interface'
import { nextIncarnation } from '../../../src/kernel/resources/incarnation.ts'

function lives (wallTimes: number[], { kept, failing = false }: { kept?: string, failing?: boolean } = {}) {
  let record: Uint8Array | undefined = kept === undefined ? undefined : new TextEncoder().encode(kept)
  const warned: string[] = []
  const disk = {
    records: {
      get: async () => record,
      write: async ([change]: Array<{ value: Uint8Array }>) => {
        if (failing) throw new CloudError('ENOSPC', 'The disk is full.')
        record = change?.value
      }
    }
  } as unknown as Disk
  const log = { warn: (event: string) => { warned.push(event) } } as Partial<Logger> as Logger
  const next = async (): Promise<number[]> => {
    const incarnations: number[] = []
    for (const wallMs of wallTimes) {
      incarnations.push(await nextIncarnation({ clock: { wallMs: () => wallMs } as Clock, disk, log }))
    }
    return incarnations
  }
  return { next, warned }
}

describe('the incarnation of a node', () => {
  it('is the time of the life\'s beginning, and grows even where the clock goes back or stands', async () => {
    const { next, warned } = lives([1000.5, 2000, 500, 500, 3000])
    expect(await next()).to.deep.equal([1000, 2000, 2001, 2002, 3000])
    expect(warned).to.deep.equal([])
  })

  it('is the time alone, with a warning, where the disk does not serve', async () => {
    const full = lives([1000], { kept: '5000', failing: true })
    expect(await full.next()).to.deep.equal([5001])
    expect(full.warned).to.deep.equal(['resources.incarnation_not_kept'])
    const odd = lives([1000, 900], { kept: 'nonsense' })
    expect(await odd.next()).to.deep.equal([1000, 1001])
    expect(odd.warned).to.deep.equal(['resources.incarnation_unreadable'])
  })
})
