import type { NodeSort } from '../node/sort.ts'
import type { ObjectSort } from '../object/sort.ts'

/** What of the cloud is looked at, and how. */
export interface View {
  subject: 'nodes' | 'objects'
  /** By what each is ordered. */
  orders: { nodes: NodeSort, objects: ObjectSort }
  /** The other way round. */
  reversed: boolean
  /** Only rows with this text are shown. */
  filter: string
  /** Whether the filter is being typed. */
  typing: boolean
  /** The first row that is shown; counts from 0. */
  first: number
}

/** A key as Node's `readline` tells of it. */
export interface Key { name?: string | undefined, sequence?: string | undefined, ctrl?: boolean | undefined }

/** How many rows there are, and how many of them are shown at a time. */
export interface Room { count: number, page: number }

/** The orders that can be chosen, each by its first letter. */
export const ORDERS = {
  nodes: ['name', 'cpu', 'memory', 'objects', 'rtt'],
  objects: ['name', 'cpu', 'memory']
} as const satisfies { nodes: readonly NodeSort[], objects: readonly ObjectSort[] }

/** How looking begins. */
export const FIRST_VIEW: View = {
  subject: 'nodes', orders: { nodes: 'name', objects: 'cpu' }, reversed: false, filter: '', typing: false, first: 0
}

/** What is looked at after a key was pressed; most keys change nothing. */
export function press (view: View, key: Key, { count, page }: Room): View | 'quit' {
  const { name, sequence = '', ctrl = false } = key
  if (ctrl && name === 'c') return 'quit'
  if (view.typing) return type(view, key)
  const scrollTo = (row: number): View => ({ ...view, first: Math.max(0, Math.min(row, count - page)) })
  switch (name) {
    case 'q': return 'quit'
    case 'tab': return { ...view, subject: view.subject === 'nodes' ? 'objects' : 'nodes', reversed: false, first: 0 }
    case 'escape': return { ...view, filter: '', first: 0 }
    case 'up': return scrollTo(view.first - 1)
    case 'down': return scrollTo(view.first + 1)
    case 'pageup': return scrollTo(view.first - page)
    case 'pagedown': return scrollTo(view.first + page)
    case 'home': return scrollTo(0)
    case 'end': return scrollTo(count)
  }
  return sequence === '/' ? { ...view, typing: true, filter: '', first: 0 } : sort(view, sequence)
}

/** While the filter is typed: Enter keeps it, Escape drops it. */
function type (view: View, { name, sequence = '', ctrl = false }: Key): View {
  const { filter } = view
  switch (name) {
    case 'return': case 'enter': return { ...view, typing: false }
    case 'escape': return { ...view, typing: false, filter: '' }
    case 'backspace': return { ...view, filter: Array.from(filter).slice(0, -1).join('') }
  }
  const isText = !ctrl && /^[^\p{Cc}]+$/u.test(sequence)
  return isText ? { ...view, filter: filter + sequence } : view
}

/** The key of the order that there is already turns it round. */
function sort (view: View, letter: string): View {
  const { orders, reversed, subject } = view
  const order = ORDERS[subject].find(name => name.startsWith(letter))
  if (letter === '' || order === undefined) return view
  const isAgain = order === orders[subject]
  return { ...view, orders: { ...orders, [subject]: order }, reversed: isAgain && !reversed, first: 0 }
}
