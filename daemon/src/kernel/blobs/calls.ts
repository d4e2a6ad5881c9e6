import { CloudError, type Blobs, type Cancel, type Membership } from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'

export interface BlobCallPorts { blobs: Blobs, calls: Calls, membership: Membership }

/** Serves `blob.put`, `blob.get`, `blob.stat` and `blob.remove`. */
export function serveBlobs ({ blobs, calls, membership }: BlobCallPorts): Cancel[] {
  return [
    calls.serve('blob.put', async ({ expected }, { input, signal }) => await blobs.put(input, { signal, expected })),
    calls.serve('blob.get', async function * ({ blob, from, length, here }, { signal }) {
      if (here) await requireHere(blobs, blob)
      else await blobs.fetch(blob, { signal })
      yield * blobs.read(blob, { from, length })
    }),
    calls.serve('blob.stat', async ({ blob, here }, { signal }) => {
      if (here) return { ...await requireHere(blobs, blob), holders: [membership.self] }
      const holders = await blobs.holders(blob, { signal })
      const [first] = holders
      if (first === undefined) {
        throw new CloudError('ENOENT', `No node that answers has blob ${blob}.`, { fields: { blob } })
      }
      const info = await blobs.has(blob) ?? await calls.at(first).blob.stat({ blob, here: true }, { signal })
      return { blob, sizeBytes: info.sizeBytes, holders }
    }),
    calls.serve('blob.remove', async ({ blob }) => {
      await blobs.remove(blob)
      return { blob }
    })
  ]
}

async function requireHere (blobs: Blobs, blob: string): Promise<{ blob: string, sizeBytes: number }> {
  const info = await blobs.has(blob)
  if (info === undefined) throw new CloudError('ENOENT', `This node does not have blob ${blob}.`, { fields: { blob } })
  return info
}
