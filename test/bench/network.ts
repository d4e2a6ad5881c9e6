import { isInstalled, runProgram } from './programs.ts'

/**
 * Bytes that each process has sent and received over the TCP connections that it has open, by its id; undefined where
 * there is no `ss` (iproute2) to ask.
 */
export async function tcpBytes (): Promise<Map<number, number> | undefined> {
  if (!await isInstalled('ss')) return undefined
  const bytes = new Map<number, number>()
  for (const line of (await runProgram('ss', ['-tinpHO'])).split('\n')) {
    const pid = Number(/pid=(\d+)/.exec(line)?.[1])
    const counts = [...line.matchAll(/bytes_(?:sent|received):(\d+)/g)]
    bytes.set(pid, counts.reduce((sum, [, count]) => sum + Number(count), bytes.get(pid) ?? 0))
  }
  return bytes
}
