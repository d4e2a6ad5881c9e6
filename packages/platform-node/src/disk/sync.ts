import { open } from 'node:fs/promises'

/** Makes the names in a directory durable. Windows cannot, and does not need to. */
export async function syncDirectory (path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
