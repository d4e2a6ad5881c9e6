import type { DirectoryPorts } from '@welkin/daemon/kernel'
import type { NodeId, NodeView } from '@welkin/interface'

interface Standing { self: NodeId, addresses: readonly string[] }

/** A membership by which all of a list are up, whoever is added to it later included. */
export function standingMembership (self: NodeId, all: readonly Standing[]): DirectoryPorts['membership'] {
  const views = new Map<NodeId, NodeView>()
  const nodes = (): NodeView[] => all.map(({ self: id, addresses }) => {
    const view = views.get(id) ?? { id, addresses, state: 'up' } as unknown as NodeView
    views.set(id, view)
    return view
  })
  return {
    self, site: 'standing/here', nodes, life: () => 1, contacts: () => [], sites: () => [], summaries: async () => []
  }
}
