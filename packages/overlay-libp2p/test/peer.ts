/** A node in a process of its own, for the specs that end it: echoes, or answers `hang` never. */
import { ECHO, PROTOCOL, read, startNode } from './kit.ts'

const { transport } = await startNode()
transport.serve(PROTOCOL, {
  ...ECHO,
  request: async payload => read(payload) === 'hang' ? await new Promise(() => {}) : payload
})
process.on('disconnect', () => process.exit())
process.send?.(transport.addresses()[0])
