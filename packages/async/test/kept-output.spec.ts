import { expect } from 'chai'
import fc from 'fast-check'
import { KeptOutput } from '../src/index.ts'

const BOUND = 1 << 20
const FROM_START = { stdout: 0, stderr: 0 }

describe('output that is kept', () => {
  it('reads as it was written, from anywhere and in parts of any size', async () => {
    const writes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { maxLength: 50 })
    const readSizes = fc.integer({ min: 1, max: 100_000 })
    await fc.assert(fc.asyncProperty(writes, fc.nat(), readSizes, async (parts, at, bytesMax) => {
      const output = new KeptOutput()
      for (const part of parts) output.write('stdout', part)
      const whole = Buffer.concat(parts)
      const from = at % (whole.length + 1)
      const position = { stdout: from, stderr: 0 }
      const read: Uint8Array[] = []
      for (;;) {
        const chunks = await output.read(position, bytesMax)
        if (chunks.length === 0) break
        expect(chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)).to.be.at.most(bytesMax)
        for (const { offset, bytes } of chunks) {
          expect(offset).to.equal(position.stdout)
          position.stdout += bytes.length
          read.push(bytes)
        }
      }
      expect(Buffer.concat(read).equals(whole.subarray(from))).to.equal(true)
    }))
  })

  it('is the latest of each stream up to the bound, of more than a million single bytes too', async () => {
    const output = new KeptOutput(BOUND)
    const total = 1_200_000
    for (let at = 0; at < total; at++) output.write('stderr', Uint8Array.of(at % 251))
    output.write('stdout', Uint8Array.of(1))
    const chunks = await output.read(FROM_START, 10 * BOUND)
    const [first, oldest] = chunks
    expect(first).to.deep.equal({ stream: 'stdout', offset: 0, bytes: Uint8Array.of(1) })
    expect(oldest?.offset).to.be.within(total - BOUND, total - BOUND + (64 << 10))
    expect(oldest?.bytes[0]).to.equal((oldest?.offset as number) % 251)
    expect(await output.size()).to.deep.equal({ stdout: 1, stderr: total })
  })

  it('does not change under who has read it, nor with what it was written from', async () => {
    const output = new KeptOutput()
    const given = Uint8Array.of(1, 2, 3)
    output.write('stdout', given)
    given.fill(9)
    const [chunk] = await output.read(FROM_START, 100)
    chunk?.bytes.fill(7)
    expect((await output.read(FROM_START, 100))[0]?.bytes).to.deep.equal(Uint8Array.of(1, 2, 3))
  })

  it('tells watchers of what comes, until they cancel', () => {
    const output = new KeptOutput()
    let told = 0
    const cancel = output.watch(() => { told++ })
    output.write('stdout', Uint8Array.of(1))
    output.write('stdout', new Uint8Array(0))
    cancel()
    output.write('stdout', Uint8Array.of(1))
    expect(told).to.equal(1)
  })
})
