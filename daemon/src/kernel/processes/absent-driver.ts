import { CloudError, type Driver, type DriverAbilities } from '@welkin/interface'

const NOTHING: DriverAbilities = {
  signals: false, input: false, exec: false, limits: { cpu: 'none', memory: 'none' }, checkpoint: 'none',
  isolation: 'none', survivesDaemon: false
}

/** Stands for a driver that an object needs and this life of the node does not have: it refuses all with ENOSYS. */
export function createAbsentDriver (name: string): Driver {
  const refuse = (): never => {
    const message = `Driver "${name}" does not work on this node now; "welkin nodes" shows which drivers do.`
    throw new CloudError('ENOSYS', message, { fields: { driver: name } })
  }
  const refuseLater = async (): Promise<never> => refuse()
  return {
    name, abilities: NOTHING,
    facts: async () => ({ health: 'absent', attributes: {} }),
    start: async () => {}, stop: async () => {},
    run: refuseLater, recover: refuseLater, remove: refuseLater, output: refuse, collect: refuse
  }
}
