/** A point in CSS pixels or in latency space. */
export type Point = readonly [x: number, y: number]

/** The nodes of one rack, by index. */
export interface Rack { name: string, nodes: number[] }

/** The racks of one site. */
export interface Site { name: string, racks: Rack[] }

/** Nodes by site and rack, both in the order in which they first come. A zone is `cloud/site/rack`. */
export function groupByPlace (zones: readonly string[]): Site[] {
  const sites = new Map<string, Map<string, number[]>>()
  for (const [node, zone] of zones.entries()) {
    const parts = zone.split('/')
    const rack = parts.at(-1) ?? ''
    const site = parts.length > 2 ? parts.slice(1, -1).join('/') : parts[0] ?? ''
    const racks = sites.get(site) ?? new Map<string, number[]>()
    sites.set(site, racks)
    const nodes = racks.get(rack)
    if (nodes === undefined) racks.set(rack, [node])
    else nodes.push(node)
  }
  return [...sites].map(([name, racks]) => ({
    name, racks: [...racks].map(([rack, nodes]) => ({ name: rack, nodes }))
  }))
}

/** Where nodes stand: where they know it; else amid those of their rack or site that do; else sites on a circle. */
export function placeNodes (sites: readonly Site[], positions: ReadonlyArray<Point | null>): Point[] {
  const placed: Point[] = []
  const known = positions.filter(position => position !== null)
  const centre = middleOf(known) ?? [0, 0]
  const reach = Math.max(1, ...known.map(([x, y]) => Math.hypot(x - centre[0], y - centre[1])))
  for (const [s, { racks }] of sites.entries()) {
    const of = (nodes: readonly number[]): Point[] =>
      nodes.map(node => positions[node] ?? null).filter(one => one !== null)
    const siteAt = middleOf(of(racks.flatMap(({ nodes }) => nodes))) ??
      around(centre, sites.length > 1 ? reach : 0, s / sites.length)
    for (const [r, { nodes }] of racks.entries()) {
      const rackAt = middleOf(of(nodes)) ??
        around(siteAt, racks.length > 1 ? reach / (2 + sites.length / 3) : 0, r / racks.length)
      for (const node of nodes) placed[node] = positions[node] ?? rackAt
    }
  }
  return placed
}

/** A point on a circle, `turn` of the way around. */
export function around ([x, y]: Point, radius: number, turn: number): Point {
  return [x + radius * Math.cos(turn * 2 * Math.PI), y + radius * Math.sin(turn * 2 * Math.PI)]
}

export function middleOf (points: readonly Point[]): Point | undefined {
  if (points.length === 0) return undefined
  const sum = points.reduce<[number, number]>(([a, b], [x, y]) => [a + x, b + y], [0, 0])
  return [sum[0] / points.length, sum[1] / points.length]
}

/** Scales points into a box with a margin, both ways alike. */
export function fitInto (
  points: readonly Point[], { width, height, margin }: { width: number, height: number, margin: number }
): { points: Point[], scale: number } {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  const wide = (width - 2 * margin) / Math.max(right - left, 1e-9)
  const high = (height - 2 * margin) / Math.max(bottom - top, 1e-9)
  const scale = Math.min(wide, high, 1e6)
  const move = ([x, y]: Point): Point =>
    [width / 2 + (x - (left + right) / 2) * scale, height / 2 + (y - (top + bottom) / 2) * scale]
  return { points: points.map(move), scale }
}

/** Moves points apart just as far as they must to stand in a cell of their own; who comes first stays nearest. */
export function settle (points: readonly Point[], cell: number): Point[] {
  const reach = Math.ceil(Math.sqrt(points.length)) + 2
  const offsets: Point[] = []
  for (let x = -reach; x <= reach; x++) for (let y = -reach; y <= reach; y++) offsets.push([x, y])
  offsets.sort(([a, b], [c, d]) => a * a + b * b - c * c - d * d)
  const taken = new Set<number>()
  const firstFree = new Map<number, number>()
  return points.map(([x, y]) => {
    const [column, row] = [Math.round(x / cell), Math.round(y / cell)]
    const home = column * 65_536 + row
    for (let next = firstFree.get(home) ?? 0; next < offsets.length; next++) {
      const [right, down] = offsets[next] as Point
      const key = home + right * 65_536 + down
      if (taken.has(key)) continue
      taken.add(key)
      firstFree.set(home, next + 1)
      return [(column + right) * cell, (row + down) * cell]
    }
    return [x, y]
  })
}

/** The corners of the least convex shape around points (Andrew's monotone chain). */
export function hullOf (points: readonly Point[]): Point[] {
  const sorted = points.toSorted(([a, b], [c, d]) => a - c || b - d)
  const half = (list: readonly Point[]): Point[] => {
    const chain: Point[] = []
    for (const point of list) {
      while (chain.length > 1 && turnOf(chain.at(-2) as Point, chain.at(-1) as Point, point) <= 0) chain.pop()
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.toReversed())]
}

/** Above 0: the way from `a` by `b` to `c` turns left. */
export function turnOf (a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/** A word of the drawing of racks. */
export interface Label { text: string, x: number, y: number, room: number, isSite: boolean }

/** Where each node's square is, by its middle, and what is written where. */
export interface RackPlan {
  squares: Point[]
  labels: Label[]
  frames: Array<{ x: number, y: number, width: number, height: number, nodes: readonly number[] }>
  size: number
  height: number
}

/** Draws up racks with the largest squares with which all sites fit below each other in `heightMax`. */
export function planRacks (sites: readonly Site[], width: number, heightMax: number): RackPlan {
  for (let size = 18; size > 2; size--) {
    const plan = planWith(sites, width, size)
    if (plan.height <= heightMax) return plan
  }
  return planWith(sites, width, 2)
}

/** Sites below each other; in each its racks in lines, as fields of squares a little wider than high. */
export function planWith (sites: readonly Site[], width: number, size: number): RackPlan {
  const step = size + (size > 4 ? 2 : 1)
  const gap = Math.max(4, Math.round(size * 0.7))
  const hasRackNames = size >= 9
  const plan: RackPlan = { squares: [], labels: [], frames: [], size, height: 0 }
  let y = 0
  for (const { name, racks } of sites) {
    plan.labels.push({ text: name, x: 0, y: y + 8, room: width, isSite: true })
    y += 18
    let [x, lineHeight] = [0, 0]
    for (const { name: rack, nodes } of racks) {
      const columnsMax = Math.floor((width - gap) / step)
      const columns = Math.max(hasRackNames ? 2 : 1, Math.min(Math.ceil(Math.sqrt(nodes.length * 1.6)), columnsMax))
      const rows = Math.ceil(nodes.length / columns)
      const [w, h] = [columns * step + gap, rows * step + gap + (hasRackNames ? 13 : 0)]
      if (x > 0 && x + w > width) {
        y += lineHeight + gap / 2
        x = lineHeight = 0
      }
      const top = y + (hasRackNames ? 13 : 0)
      for (const [i, node] of nodes.entries()) {
        plan.squares[node] = [
          x + gap / 2 + (i % columns + 0.5) * step, top + gap / 2 + (Math.floor(i / columns) + 0.5) * step
        ]
      }
      plan.frames.push({ x, y, width: w, height: h, nodes })
      if (hasRackNames) plan.labels.push({ text: rack, x: x + gap / 2 + 1, y: y + 9, room: w - gap, isSite: false })
      x += w + gap / 2
      lineHeight = Math.max(lineHeight, h)
    }
    y += lineHeight + gap
  }
  plan.height = y
  return plan
}
