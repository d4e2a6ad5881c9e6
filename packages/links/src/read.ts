import { CloudError } from '@welkin/interface'
import { parseMatrix } from './matrix.ts'
import { checkLinkTable, parseLinkTable, type LinkTable } from './table.ts'

/**
 * The table of a file that holds one as JSON, or a matrix; the first rows of a matrix are those of `nodes`, in order.
 * Throws EINVAL.
 */
export function readLinks (text: string, nodes: readonly string[]): LinkTable {
  if (text.trimStart().startsWith('{')) return parseLinkTable(text)
  const { rttMs } = parseMatrix(text)
  if (rttMs.length < nodes.length) {
    throw new CloudError('EINVAL',
      `The matrix has ${rttMs.length} places and the cloud ${nodes.length} nodes; take fewer nodes.`)
  }
  const rows = rttMs.slice(0, nodes.length).map(row => row.slice(0, nodes.length))
  return checkLinkTable({ profile: 'wan', matrix: { nodes, rttMs: rows } })
}
