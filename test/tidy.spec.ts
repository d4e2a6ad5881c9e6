import { expect } from 'chai'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** `loads`: what of `imports` is there at run time. */
interface Source { path: string, room: string, text: string, code: string, imports: string[], loads: string[] }

/** Rooms that may see the real world. */
const ADAPTERS = [
  'packages/platform-node', 'packages/overlay-libp2p', 'packages/link-unix', 'packages/driver-native',
  'packages/driver-wasm', 'packages/local-cloud', 'packages/cli', 'daemon/src/gateway', 'daemon/src/main.ts',
  'daemon/src/daemon.ts', 'daemon/src/link-file.ts', 'daemon/src/node-file.ts', 'daemon/src/outside-daemon.ts',
  'daemon/src/real.ts', 'syscalls/src/connect.ts', 'syscalls/src/cooperate.ts', 'syscalls/src/shell-helper.ts',
  'sim/src/main.ts', 'sim/src/command', 'sim/src/real'
]

/** Virtual adapters compute with what the platform computes with, and know no real time or chance. */
const MAY_IMPORT_NODE = [...ADAPTERS, 'packages/platform-virtual', 'packages/port-compliance']

const FOUNDATIONS = ['interface', 'async', 'abi']

/** Beside the foundations, which room may import which. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'packages/interface': [],
  'packages/async': ['interface'],
  'packages/abi': ['interface'],
  'packages/wire': FOUNDATIONS,
  'packages/coordinates': FOUNDATIONS,
  'packages/kademlia': ['interface'],
  'packages/query': FOUNDATIONS,
  'packages/resumable': FOUNDATIONS,
  'packages/capability': FOUNDATIONS,
  'packages/suspend': ['interface'],
  'packages/links': ['interface'],
  'packages/link-unix': [...FOUNDATIONS, 'wire'],
  'packages/platform-node': FOUNDATIONS,
  'packages/platform-virtual': FOUNDATIONS,
  'packages/overlay-libp2p': [...FOUNDATIONS, 'links', 'wire', 'platform-node'],
  'packages/overlay-virtual': [...FOUNDATIONS, 'links', 'platform-virtual'],
  'packages/driver-native': [...FOUNDATIONS, 'wire', 'link-unix', 'platform-node'],
  'packages/driver-builtin': FOUNDATIONS,
  'packages/driver-wasm': [...FOUNDATIONS, 'resumable', 'suspend', 'platform-node'],
  'packages/port-compliance': FOUNDATIONS,
  'packages/local-cloud': [...FOUNDATIONS, 'links', 'syscalls', 'daemon', 'driver-native', 'platform-node'],
  'packages/cli': [...FOUNDATIONS, 'query', 'links', 'syscalls', 'naming', 'local-cloud', 'platform-node'],
  syscalls: [...FOUNDATIONS, 'resumable', 'link-unix', 'platform-node'],
  'libs/naming': [...FOUNDATIONS, 'syscalls'],
  daemon: [
    ...FOUNDATIONS, 'resumable', 'coordinates', 'kademlia', 'query', 'capability', 'links', 'wire', 'syscalls',
    'link-unix', 'platform-node', 'overlay-libp2p', 'driver-native', 'driver-builtin', 'driver-wasm', 'naming'
  ],
  sim: [
    ...FOUNDATIONS, 'capability', 'links', 'syscalls', 'daemon', 'platform-virtual', 'overlay-virtual',
    'driver-builtin', 'local-cloud', 'platform-node'
  ]
}

/** What of the daemon runs in both worlds may import: it is given the rest. */
const KERNEL_MAY_IMPORT = [
  ...FOUNDATIONS, 'resumable', 'coordinates', 'kademlia', 'query', 'capability', 'syscalls', 'wire'
]

const FORBIDDEN: Array<[what: RegExp, instead: string]> = [
  [/\bDate\b(?!\w)/, 'the Clock port'],
  [/\bperformance\b/, 'the Clock port'],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'the Clock port'],
  [/\bAbortSignal\.timeout\b/, 'withDeadline'],
  [/\bMath\.random\b/, 'the Random port'],
  [/\bcrypto\.(subtle|getRandomValues|randomUUID)\b/, 'the Keys or Random port'],
  [/\bprocess\b(?!es)\./, 'what the composition root gives'],
  [/\bconsole\.\w/, 'the Log port']
]

/** What a statement names before `from`, and from where; what it imports for its effect alone; what it imports late. */
const IMPORTS = /^(?:import|export)\s([^'"]*?)from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

const sources = ['packages', 'daemon', 'syscalls', 'libs', 'sim', 'test'].flatMap(walk)
  .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map(read)
const own = sources.filter(({ path }) => path.includes('/src/'))

function walk (folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return []
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(path) : [path]
  })
}

function read (path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const statements = [...text.matchAll(IMPORTS)]
  const imports = statements.map(([, , from, alone, late]) => (from ?? alone ?? late) as string)
  const loads = statements.filter(([, what = '']) => !what.startsWith('type '))
    .map(([, , from, alone, late]) => (from ?? alone ?? late) as string)
  return { path, room: roomOf(path), text, code: withoutComments(text), imports, loads }
}

function roomOf (path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first === 'packages' || first === 'libs' ? `${first}/${second}` : first
}

/** Without comments and the contents of strings, so that only code is judged. */
function withoutComments (text: string): string {
  return text.replaceAll(/'(?:[^'\\\n]|\\.)*'/g, '\'\'')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/[^\n]*/g, '')
}

const isBelow = (path: string, places: readonly string[]): boolean =>
  places.some(place => path === place || path.startsWith(`${place}/`))

describe('the house is tidy', () => {
  it('only adapters and composition roots see the machine', () => {
    const maySee = [...ADAPTERS, 'packages/platform-virtual', 'packages/port-compliance']
    const faults = own.filter(({ path }) => !isBelow(path, maySee)).flatMap(({ path, code }) =>
      FORBIDDEN.filter(([what]) => what.test(code)).map(([what, instead]) => `${path}: ${what.source}; use ${instead}`))
    expect(faults).to.deep.equal([])
  })

  it('only adapters and composition roots import Node and libp2p', () => {
    const faults = own.filter(({ path }) => !isBelow(path, MAY_IMPORT_NODE)).flatMap(({ path, imports }) =>
      imports.filter(name => /^node:|libp2p|^@multiformats/.test(name)).map(name => `${path} imports ${name}`))
    expect(faults).to.deep.equal([])
  })

  it('the import table holds', () => {
    const faults = own.flatMap(({ path, room, imports }) => {
      const isKernel = path.startsWith('daemon/src/') && !isBelow(path, ADAPTERS)
      const wires = path === 'daemon/src/node.ts' ? ['naming'] : []
      if (isBelow(path, ['daemon/src/modules'])) wires.push('driver-builtin')
      const allowed = isKernel ? [...KERNEL_MAY_IMPORT, ...wires] : MAY_IMPORT[room] ?? []
      return imports.filter(name => name.startsWith('@welkin/') && !allowed.includes(name.split('/')[1] as string))
        .map(name => `${path} imports ${name}`)
    })
    expect(faults).to.deep.equal([])
  })

  it('a kernel process imports no sibling', () => {
    const faults = own.filter(({ path }) => path.startsWith('daemon/src/kernel/')).flatMap(({ path, imports }) => {
      const kernel = join(root, 'daemon/src/kernel')
      const process = path.split('/')[3] as string
      return imports.filter(name => name.startsWith('.'))
        .map(name => relative(kernel, resolve(root, dirname(path), name)))
        .filter(target => !target.startsWith('..') && target.split('/')[0] !== process)
        .map(target => `${path} imports ${target}`)
    })
    expect(faults).to.deep.equal([])
  })

  it('nobody reaches into a workspace by path, and nothing is imported in a circle', () => {
    const reaching = sources.flatMap(({ path, room, imports }) => imports.filter(name => name.startsWith('.'))
      .filter(name => roomOf(join(dirname(path), name)) !== room).map(name => `${path} imports ${name}`))
    expect(reaching).to.deep.equal([])
    expect(circles()).to.deep.equal([])
  })

  it('every source is used', () => {
    const used = new Set(sources.flatMap(({ path, imports }) =>
      imports.filter(name => name.startsWith('.')).map(name => join(dirname(path), name))))
    const dead = own.map(({ path }) => path).filter(path => !used.has(path) && !isEntry(path))
    expect(dead).to.deep.equal([])
  })

  it('files have at most 400 lines, and lines at most 120 columns', () => {
    const long = sources.flatMap(({ path, text }) => {
      const lines = text.split('\n')
      const wide = lines.findIndex(line => line.length > 120)
      return [
        ...lines.length > 400 ? [`${path} has ${lines.length} lines`] : [],
        ...wide >= 0 ? [`${path}:${wide + 1} has ${lines[wide]?.length} columns`] : []
      ]
    })
    expect(long).to.deep.equal([])
  })

  it('file names are kebab-case, and every folder of sources says its rule first', () => {
    const misnamed = sources.map(({ path }) => basename(path))
      .filter(name => !/^[a-z0-9]+(-[a-z0-9]+)*(\.spec)?\.ts$/.test(name))
    expect(misnamed).to.deep.equal([])
    const silent = own.filter(({ path, text }) => basename(path) === 'index.ts' && !text.startsWith('/**'))
      .map(({ path }) => path)
    expect(silent).to.deep.equal([])
  })

  it('a fault of the world is a CloudError, never a bare Error', () => {
    const bare = own.filter(({ path }) => !isBelow(path, BUGS_IN))
      .flatMap(({ path, code }) => /throw new Error\(/.test(code) ? [path] : [])
    expect(bare).to.deep.equal([])
  })
})

/** Where a bare Error is a usage fault of a command line, or a bug of who writes a scenario. */
const BUGS_IN = [
  'daemon/src/main.ts', 'daemon/src/dispatch/dispatcher.ts',
  'packages/port-compliance', 'packages/platform-virtual', 'packages/overlay-virtual', 'sim'
]

/** Files that are reached by name, by a bin or as a process of their own. */
function isEntry (path: string): boolean {
  const { exports = {}, welkin = {} } = JSON.parse(readFileSync(join(root, roomOf(path), 'package.json'), 'utf8')) as {
    exports?: Record<string, string>, welkin?: { entries?: string[] }
  }
  const compiled = `./dist/${relative(roomOf(path), path).replace(/\.ts$/, '.js')}`
  return Object.values(exports).includes(compiled) || (welkin.entries ?? []).includes(compiled) ||
    basename(path) === 'main.ts'
}

function circles (): string[] {
  const edges = new Map(own.map(({ path, loads }) =>
    [path, loads.filter(name => name.startsWith('.')).map(name => join(dirname(path), name))]))
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' > '))
    if (done.has(path) || trail.includes(path) || !existsSync(join(root, path))) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}
