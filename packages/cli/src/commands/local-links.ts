import type { Command } from 'commander'
import { linksOf, type LinkTable } from '@welkin/links'
import { openLocalCloud, readCloudLinks, welkinHome } from '@welkin/local-cloud'
import { formatLinks, type NamedLink } from '../print/links.ts'
import { print, printJson } from '../print/output.ts'
import { act, addCommand, type CommonOptions } from './command.ts'

export function addLocalLinks (local: Command): void {
  addCommand(local, 'links', 'Show the delays between all nodes of a local cloud, and what was changed.',
    'welkin local links')
    .option('--name <name>', 'of which cloud', 'default')
    .action(act<CommonOptions & { name: string }, []>(async ({ json, name }) => {
      const table = await readCloudLinks(await openLocalCloud(welkinHome().local, name))
      const { profile, rules } = table
      const links = namedLinks(table)
      if (json) return await printJson({ profile, rules, links })
      await print(formatLinks(table, links))
    }))
}

/** Each way between two nodes, by their names. */
function namedLinks (table: LinkTable): NamedLink[] {
  const between = linksOf(table)
  const nodes = Object.entries(table.places)
  return nodes.flatMap(([from, { name }]) => nodes.filter(([to]) => to !== from).map(([to, place]) =>
    ({ from: name, to: place.name, ...between(from, to) })))
}
