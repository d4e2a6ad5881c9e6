import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** How a daemon is reached: what stands in `node.json` of its data directory while it runs. */
export interface NodeFile {
  id: string
  name: string
  zone: string
  addresses: readonly string[]
  socket: string
  http: string | null
  /** Where DNS is served, by UDP and TCP: `127.0.0.1:5353`. */
  dns: string | null
  pid: number
  version: string
  startedAtMs: number
}

/** Resolves with what removes it. */
export async function writeNodeFile (dataDir: string, info: NodeFile): Promise<() => Promise<void>> {
  const path = join(dataDir, 'node.json')
  await writeWhole(path, JSON.stringify(info, null, 2) + '\n')
  return async () => { await rm(path, { force: true }) }
}

export async function writeWhole (path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
