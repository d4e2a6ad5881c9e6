import type { StoryLine } from '../record.ts'
import type { Given } from './arguments.ts'
import { playOne } from './play-one.ts'

/** Plays one run, and tells its story; whether all held. */
export async function replay (given: Given): Promise<boolean> {
  const { fromMs, node, json } = given
  const { story, report, places } = await playOne(given)
  const zones = new Map(places.map(({ name, zone }) => [name, zone]))
  const isAbout = ({ nodes, text }: StoryLine): boolean =>
    node === undefined || nodes.length === 0 || nodes.includes(node) || text.split(' ').includes(node)
  for (const line of story) {
    if (line.atMs < fromMs || !isAbout(line)) continue
    process.stdout.write(json ? `${JSON.stringify(line)}\n` : tell(line, zones))
  }
  return report.broken.length === 0
}

function tell ({ atMs, kind, nodes, text }: StoryLine, zones: ReadonlyMap<string, string>): string {
  const [node] = nodes
  const who = nodes.length === 1 && node !== undefined ? `${node} (${zones.get(node) ?? '?'})` : ''
  return `${(atMs / 1000).toFixed(3).padStart(10)}  ${kind.padEnd(7)} ${who.padEnd(18)} ${text}\n`
}
