import type { Command } from 'commander'
import { CloudError } from '@welkin/interface'
import { changeLink, clearLink, type LinkEnds, type LinkQuality, type LinkTable } from '@welkin/links'
import { changeCloudLinks, checkEnd, openLocalCloud, readCloudLinks, welkinHome } from '@welkin/local-cloud'
import { formatRule } from '../print/links.ts'
import { print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'
import { byteCount, milliseconds, share } from './values.ts'

interface LocalLinkOptions extends CommonOptions {
  name: string
  delay?: number
  jitter?: number
  loss?: number
  bandwidth?: number
  cut?: true
  mend?: true
  clear?: true
  oneWay?: true
}

export function addLocalLink (local: Command): void {
  addCommand(local, 'link',
    'Delay, cut or mend the links between two nodes or zones. Both ways, unless --one-way; what is not said stays as ' +
    'it was. When the command returns, the daemons obey it.',
    'welkin local link n1 n3 --delay 80ms --loss 1%', 'welkin local link local/site1 local/site2 --cut',
    'welkin local link local/site1 local/site2 --clear')
    .argument('<from>', 'the name of a node, or a zone')
    .argument('<to>', 'the same')
    .option('--delay <time>', 'so long does everything take, one way', milliseconds)
    .option('--jitter <time>', 'up to so much longer', milliseconds)
    .option('--loss <share>', 'so much must be sent again, such as 1%', share)
    .option('--bandwidth <size>', 'bytes a second, such as 10M', byteCount)
    .option('--cut', 'let nothing pass')
    .option('--mend', 'let everything pass again')
    .option('--clear', 'forget all that was said of these two')
    .option('--one-way', 'from the first to the second only')
    .option('--name <name>', 'of which cloud', 'default')
    .action(act<LocalLinkOptions, [string, string]>(localLink))
}

async function localLink (
  { json, name, oneWay, ...options }: LocalLinkOptions, from: string, to: string
): Promise<void> {
  const cloud = await openLocalCloud(welkinHome().local, name)
  for (const end of [from, to]) checkEnd(cloud, end)
  const change = changeOf(options)
  const ways = oneWay === true ? [{ from, to }] : [{ from, to }, { from: to, to: from }]
  let table = await readCloudLinks(cloud)
  for (const way of ways) table = change === undefined ? clearLink(table, way) : changeLink(table, way, change)
  await changeCloudLinks(cloud, table)
  const rules = rulesAbout(table, ways)
  if (json) return await printJson({ rules })
  if (rules.length === 0) return await print('Nothing is said of these two any more.\n')
  await print(rules.map(rule => `${rule.from} to ${rule.to}: ${formatRule(rule)}\n`).join(''))
}

/** Undefined: all is to be forgotten. */
function changeOf (options: Omit<LocalLinkOptions, 'name'>): Partial<LinkQuality> | undefined {
  const { delay, jitter, loss, bandwidth, cut, mend, clear } = options
  const change = Object.fromEntries(Object.entries({
    latencyMs: delay, jitterMs: jitter, lossRatio: loss, bytesPerSecond: bandwidth, cut: cut ?? (mend && false)
  }).filter(([, value]) => value !== undefined))
  const isEmpty = Object.keys(change).length === 0
  if (clear === true && isEmpty) return undefined
  if (clear === true || isEmpty || (cut && mend) === true) {
    throw new CloudError('EINVAL',
      'Say what is to change (--delay, --jitter, --loss, --bandwidth, and either --cut or --mend), or --clear alone.')
  }
  return change
}

function rulesAbout ({ rules }: LinkTable, ways: readonly LinkEnds[]): LinkTable['rules'] {
  return rules.filter(rule => ways.some(({ from, to }) => rule.from === from && rule.to === to))
}
