import type { ByteCounts } from './byte-rates.ts'

const LOOPBACK = 'lo'

/** Places after the interface's name. */
const RECEIVED_BYTES = 0
const SENT_BYTES = 8

/** What each interface but loopback received and sent, from /proc/net/dev; other lines are skipped. */
export function parseInterfaces (text: string): ByteCounts {
  return new Map(text.split('\n').flatMap(line => {
    const nameEnd = line.lastIndexOf(':')
    const name = line.slice(0, nameEnd).trim()
    const fields = line.slice(nameEnd + 1).trim().split(/ +/)
    const received = Number(fields[RECEIVED_BYTES])
    const sent = Number(fields[SENT_BYTES])
    if (nameEnd < 0 || name === LOOPBACK || !(received >= 0 && sent >= 0)) return []
    return [[name, [received, sent] as const] as const]
  }))
}
