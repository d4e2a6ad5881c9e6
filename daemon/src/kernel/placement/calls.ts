import { toHex, type Cancel } from '@welkin/interface'
import { parseQuery } from '@welkin/query'
import { Placement, type NewObject, type PlacementPorts } from './placement.ts'

/** Serves `spawn`. */
export function servePlacement (ports: PlacementPorts): Cancel {
  const random = ports.random.fork('placement ids')
  const drawId = (): string => toHex(random.bytes(16))
  const placement = new Placement(ports)
  return ports.calls.serve('spawn', async (args, { caller, signal }) => {
    const { name, count, on, cp = drawId(), query: asked = {}, explain, ...spec } = args
    const objects = Array.from({ length: count }, (_, index): NewObject => {
      return { id: drawId(), name: count === 1 || name === undefined ? name : `${name}.${index}` }
    })
    const query = typeof asked === 'string' ? parseQuery(asked) : asked
    const { placed, explanation } = await placement.place(objects, { name, on, query, cp, spec, caller, signal })
    return {
      cp,
      ...explain ? { explanation } : {},
      objects: placed.map(({ object: { id, name: own }, node }) => ({
        id, node, ...own === undefined ? {} : { name: own }
      }))
    }
  })
}
