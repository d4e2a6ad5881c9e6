import { expect } from 'chai'
import { KeptOutput } from '@welkin/async'
import type { BlobId, Blobs, OutputChunk, OutputPosition } from '@welkin/interface'
import { WholeOutput } from '../../../src/kernel/processes/whole-output.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What an object wrote in three places: "abc" is a blob, "de" stands in its record, "fgh" it wrote here. */
function wholeOutput (): WholeOutput {
  const content = bytes('abc')
  const blobs = {
    fetch: async (blob: BlobId) => ({ blob, sizeBytes: content.byteLength }),
    read: async function * (_blob: BlobId, { from = 0, length = Infinity } = {}) {
      yield content.subarray(from, from + length)
    }
  } as Partial<Blobs> as Blobs
  const own = new KeptOutput()
  own.moveTo({ stdout: 5, stderr: 0 })
  own.write('stdout', bytes('fgh'))
  const earlier = [{ stream: 'stdout' as const, offset: 0, sizeBytes: 3, blob: 'b'.repeat(64) }]
  return new WholeOutput({ earlier, tail: [{ stream: 'stdout', offset: 3, bytes: bytes('de') }] }, own, blobs)
}

const told = (chunks: OutputChunk[]): Array<[number, string]> =>
  chunks.map(({ offset, bytes: content }) => [offset, new TextDecoder().decode(content)])

describe('what an object has written, on several nodes', () => {
  const read = async (from: Partial<OutputPosition>, bytesMax = 100): Promise<Array<[number, string]>> =>
    told(await wholeOutput().read({ stdout: 0, stderr: 0, ...from }, bytesMax))

  it('is read as a whole, from blobs, from its record and from here', async () => {
    expect(await read({})).to.deep.equal([[0, 'abc'], [3, 'de'], [5, 'fgh']])
    expect(await wholeOutput().size()).to.deep.equal({ stdout: 8, stderr: 0 })
  })

  it('is read from anywhere, and as much as is wanted', async () => {
    expect(await read({ stdout: 2 })).to.deep.equal([[2, 'c'], [3, 'de'], [5, 'fgh']])
    expect(await read({ stdout: 4 })).to.deep.equal([[4, 'e'], [5, 'fgh']])
    expect(await read({ stdout: 6 })).to.deep.equal([[6, 'gh']])
    expect(await read({}, 4)).to.deep.equal([[0, 'abc'], [3, 'd']])
  })
})
