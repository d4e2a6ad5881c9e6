import Table from 'cli-table3'

const NOTHING = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '',
  'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '   '
}

/** One column: its heading, and whether it holds numbers (which stand at the right). */
export type Column = string | { title: string, numbers: true }

/** Columns that all hold numbers. */
export function numberColumns (...titles: string[]): Column[] {
  return titles.map(title => ({ title, numbers: true }))
}

/**
 * Rows under headings, without lines between them, as `docker ps` and `kubectl get` print theirs; `gap`: what stands
 * between two columns.
 */
export function formatTable (
  columns: readonly Column[], rows: ReadonlyArray<readonly string[]>, gap = NOTHING.middle
): string {
  const table = new Table({
    chars: { ...NOTHING, middle: gap },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: columns.map(column => typeof column === 'string' ? column : column.title),
    colAligns: columns.map(column => typeof column === 'string' ? 'left' : 'right')
  })
  table.push(...rows.map(row => [...row]))
  return table.toString().split('\n').map(line => line.trimEnd()).join('\n') + '\n'
}
